// Texts that a program puts into a field. The browser's undo has to stay whole with them; Chromium's does not by itself.

/** Chromium inserts lines one by one, each more slowly than the one before: 500 take 0.6 s, 1,000 take 2.4 s. */
const MOST_LINES = 500;

const isShort = (text) => text.split("\n", MOST_LINES + 1).length <= MOST_LINES;

/**
 * Puts a text into a field in place of what stands between two places, as if it was typed: the browser's undo takes it back
 * again. An `input` event follows.
 */
export function insertText(input, text, from = input.selectionStart, to = input.selectionEnd) {
  input.focus();
  input.setSelectionRange(from, to);
  // The command has no successor that undo knows of.
  if (isShort(text) && document.execCommand(text ? "insertText" : "delete", false, text)) return;
  input.setRangeText(text, from, to, "end");
  beginHistory(input);
  input.dispatchEvent(new Event("input"));
}

/** Gives a field another text, from which no undo leads back. */
export function setText(input, text) {
  input.value = text;
  beginHistory(input);
}

/**
 * A paste of several lines as if it was typed. Chromium's undo of its own paste leaves part of it behind where something
 * was put in its place since.
 */
export function pasteLines(event, text) {
  if (!text.includes("\n") || !isShort(text)) return;
  event.preventDefault();
  insertText(event.target, text);
}

/**
 * From here on undo and redo know nothing of what was before: Chromium would go on with it, and mix what is gone with what
 * is there. It forgets what was done to a field that is moved.
 */
function beginHistory(input) {
  if (!input.isConnected) return;
  const { parentNode, nextSibling } = input;
  if (parentNode.moveBefore) return parentNode.moveBefore(input, nextSibling);
  const isFocused = document.activeElement === input;
  parentNode.insertBefore(input, nextSibling);
  if (isFocused) input.focus();
}
