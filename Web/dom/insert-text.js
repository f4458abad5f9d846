/**
 * Puts a text into a field in place of what stands between two places, as if it was typed: the browser's undo takes it back
 * again. An `input` event follows.
 */
export function insertText(input, text, from = input.selectionStart, to = input.selectionEnd) {
  input.focus();
  input.setSelectionRange(from, to);
  // The command has no successor that undo knows of.
  if (document.execCommand(text ? "insertText" : "delete", false, text)) return;
  input.setRangeText(text, from, to, "end");
  input.dispatchEvent(new Event("input"));
}
