/** Whoever has waited for so long means something else by now, in milliseconds. */
const LONGEST_MS = 3000;

/**
 * Keeps the letters that are typed while the field that they are meant for is still on its way: for a while, and until
 * something else is pressed. After that, letters go where they would go without it.
 * @returns {() => string} what to call once the field is there, or will not come: gives what was typed.
 */
export function typeAhead() {
  let text = "";
  const keep = (event) => {
    const isCommand = (event.ctrlKey || event.metaKey || event.altKey) && !event.getModifierState("AltGraph");
    if (isCommand || event.isComposing || [...event.key].length !== 1) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    text += event.key;
  };
  const listening = new AbortController();
  const end = () => listening.abort();
  addEventListener("keydown", keep, { capture: true, signal: listening.signal });
  addEventListener("pointerdown", end, { capture: true, signal: listening.signal });
  const patience = setTimeout(end, LONGEST_MS);
  return () => {
    clearTimeout(patience);
    end();
    return text;
  };
}
