import { insertText } from "./insert-text.js";

/** Whoever has waited for so long means something else by now, in milliseconds. */
const LONGEST_MS = 3000;

/**
 * Keeps the letters that are typed while the field that they are meant for is still on its way: for a while, and until
 * something else is pressed. After that, letters go where they would go without it. Enter waits, too: it would send what
 * stands in the field that one has left.
 * @returns {() => {text: string, isEntered: boolean, after: string}} what to call once the field is there, or will not come:
 *   gives what was typed, whether Enter came after it, and what came after that.
 */
export function typeAhead() {
  let text = "";
  let isEntered = false;
  let after = "";
  const keep = (event) => {
    const isCommand = (event.ctrlKey || event.metaKey || event.altKey) && !event.getModifierState("AltGraph");
    const isLetter = [...event.key].length === 1;
    if (isCommand || event.isComposing || !(isLetter || event.key === "Enter" || event.key === "Backspace")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (event.key === "Enter") isEntered = true;
    else if (isEntered) after += isLetter ? event.key : "";
    else text = isLetter ? text + event.key : [...text].slice(0, -1).join("");
  };
  const listening = new AbortController();
  const end = () => listening.abort();
  addEventListener("keydown", keep, { capture: true, signal: listening.signal });
  addEventListener("pointerdown", end, { capture: true, signal: listening.signal });
  const patience = setTimeout(end, LONGEST_MS);
  return () => {
    clearTimeout(patience);
    end();
    return { text, isEntered, after };
  };
}

/** Does in a field what was typed before it was there. */
export function enterTyped(field, { text, isEntered }) {
  if (!field) return;
  if (text) insertText(field, text);
  if (!isEntered) return;
  if (field.form) field.form.requestSubmit();
  else field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
}
