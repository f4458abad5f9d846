/**
 * Keeps the letters that are typed while the field that they are meant for is still on its way.
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
  addEventListener("keydown", keep, { capture: true });
  return () => {
    removeEventListener("keydown", keep, { capture: true });
    return text;
  };
}
