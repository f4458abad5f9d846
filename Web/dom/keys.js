/**
 * The key of a `keydown`; empty while it belongs to a composition, such as the Enter that takes a Japanese word. Safari ends
 * the composition before that key comes, and tells only by the number 229.
 */
export const keyOf = (event) => event.isComposing || event.keyCode === 229 ? "" : event.key;
