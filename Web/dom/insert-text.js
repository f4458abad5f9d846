// Texts that a program puts into a field. The browser's undo has to stay whole with them; Chromium's does not by itself.

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
  input.dispatchEvent(new Event("input"));
  beginHistory(input);
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

/** field → `{text, isThere, undone}`: the text with which its history begins, whether undo has led there, and how much can be done
 * again. */
const histories = new WeakMap();

/**
 * From here on undo and redo know nothing of what was before. Chromium would go on with it, and mix what is gone with what
 * is there.
 */
function beginHistory(input) {
  const isFollowed = histories.has(input);
  histories.set(input, { text: input.value, isThere: true, undone: 0 });
  if (isFollowed) return;
  input.addEventListener("beforeinput", (event) => {
    const { isThere, undone } = histories.get(input);
    const leadsBack = { historyUndo: isThere, historyRedo: undone === 0 }[event.inputType];
    if (leadsBack) event.preventDefault();
  });
  input.addEventListener("input", ({ inputType }) => {
    const history = histories.get(input);
    const step = { historyUndo: 1, historyRedo: -1 }[inputType];
    history.undone = step ? history.undone + step : 0;
    history.isThere = step === 1 && input.value === history.text;
  });
}
