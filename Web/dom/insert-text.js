/** Chromium inserts lines one by one, each more slowly than the one before: 200 take 0.1 s, 1,000 take 2.4 s. */
const MOST_LINES = 200;

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
  forgetHistory(input);
  input.dispatchEvent(new Event("input"));
}

/** Gives a field another text, from which no undo leads back. */
export function setText(input, text) {
  input.value = text;
  forgetHistory(input);
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
 * Chromium's undo goes on with a text that is gone, and mixes it with the one that is there. A field that leaves the page
 * takes its history along. On a touch screen the keys would go as well, and there are none for undo.
 */
function forgetHistory(input) {
  if (!input.isConnected || matchMedia("(pointer: coarse)").matches) return;
  const { selectionStart, selectionEnd } = input;
  const hasFocus = document.activeElement === input;
  const place = input.nextSibling;
  const parent = input.parentNode;
  input.remove();
  parent.insertBefore(input, place);
  if (hasFocus) input.focus({ preventScroll: true });
  input.setSelectionRange(selectionStart, selectionEnd);
}
