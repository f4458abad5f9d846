// How the focus came to where it is. `:focus-visible` does not tell: it changes with the next key.

/** Keys that lead somewhere. Others, such as letters, say nothing of how one came. */
const WALKING = new Set(["Tab", "Enter", " ", "F6", "Home", "End", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"]);
const WITHOUT_TEXT = ["button", "checkbox", "file", "radio", "range", "reset", "submit"];

/** What was used last: `keys`, or the type of a pointer. */
let used = null;
let isByKeys = false;

export function followFocus() {
  addEventListener("pointerdown", ({ pointerType }) => {
    used = pointerType;
    isByKeys = false;
  }, true);
  addEventListener("keydown", ({ key, target }) => {
    // Menus and windows give the focus back to where it was, and how it had come there still holds.
    if (WALKING.has(key) && !target.closest?.("dialog, [popover]")) used = "keys";
  }, true);
  addEventListener("focusin", () => (isByKeys = used === "keys"), true);
}

/** Whether one walked by keys to what has the focus, and has not pointed anywhere since. */
export const cameByKeys = () => isByKeys;

export const isTouching = () => used === "touch";

/** Whether an element takes what is typed. */
export const takesText = (element) =>
  element.matches?.("textarea, select, [contenteditable]") ||
  (element.matches?.("input") && !WITHOUT_TEXT.includes(element.type));

/** Whether what is typed or pasted there is meant for something else than the field for messages. */
export const isElsewhere = (target) =>
  takesText(target) || Boolean(target.closest?.("[popover]") || document.querySelector("dialog[open]"));

/** A button that can't be pressed for a while loses the focus. Returns what gives it back, if nothing else has it then. */
export function holdFocus() {
  const held = document.activeElement;
  return () => {
    const now = document.activeElement;
    const isLost = !now || now === document.body || now.matches("dialog");
    if (isLost && held?.isConnected && held !== now) held.focus({ preventScroll: true });
  };
}

/**
 * Changes what is in an element. Who was in a row of a list that is gone then is in the one at its place, and not at the
 * beginning of the page.
 */
export function keepFocus(element, change) {
  const row = element.contains(document.activeElement) ? document.activeElement.closest("li") : null;
  const rows = [...(row?.parentNode.children ?? [])];
  const at = rows.indexOf(row);
  change();
  if (!row || row.isConnected) return;
  const next = [...rows.slice(at + 1), ...rows.slice(0, at).reverse()].find((other) => other.isConnected);
  (next?.querySelector("button, summary, a") ?? element.closest("dialog")?.querySelector("[aria-current]"))?.focus();
}
