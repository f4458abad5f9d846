/**
 * The key of a `keydown`; empty while it belongs to a composition, such as the Enter that takes a Japanese word. Safari ends
 * the composition before that key comes, and tells only by the number 229.
 */
export const keyOf = (event) => event.isComposing || event.keyCode === 229 ? "" : event.key;

/**
 * The letter of a command. On a keyboard of another script (Russian, Greek, Hebrew) that is the one which stands on the key
 * in Latin, as the systems have it; what is written there is nobody's command.
 */
export function letterOf(event) {
  const key = keyOf(event);
  const isForeign = [...key].length === 1 && key.codePointAt(0) > 0x24f;
  const latin = isForeign && !event.getModifierState("AltGraph") && /^Key([A-Z])$/.exec(event.code ?? "");
  return (latin ? latin[1] : key).toLowerCase();
}

/** How far an arrow goes along the line, as one reads: 1 on, -1 back; 0 for every other key. */
export function alongLine(event, element) {
  const isRightToLeft = getComputedStyle(element).direction === "rtl";
  const step = { ArrowRight: 1, ArrowLeft: -1 }[keyOf(event)] ?? 0;
  return isRightToLeft ? 0 - step : step;
}
