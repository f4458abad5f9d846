// What Ctrl+B, Ctrl+I and Ctrl+U make of a text: the signs of a format around what is selected come, or go.

/** How many of a sign's letter stand in a row from a place on, forwards (1) or backwards (-1). */
function run(text, at, letter, step) {
  let length = 0;
  for (let index = step > 0 ? at : at - 1; text[index] === letter; index += step) length += 1;
  return length;
}

/** `***` is bold and italic at once; two stars are no italic. */
const holds = (length, sign) => sign === "*" ? length === 1 || length === 3 : length >= sign.length;

/**
 * @param {string} sign `**`, `*` or `__`.
 * @returns {{ from: number, to: number, text: string, start: number, end: number }} what to put in the place of what,
 *   and what is selected then.
 */
export function toggleFormat(text, selectionStart, selectionEnd, sign) {
  const [start, end] = withoutBlanks(text, selectionStart, selectionEnd);
  const width = sign.length;
  const inside = text.slice(start, end);
  const isOpen = holds(run(text, start, sign[0], -1), sign);
  const isClosed = holds(run(text, end, sign[0], 1), sign);
  // At the closing sign of what one has just written, one steps out of it.
  if (inside === "" && isClosed && text.lastIndexOf(sign, start - 1) >= 0 && !isOpen) {
    return { from: end, to: end, text: "", start: end + width, end: end + width };
  }
  if (isOpen && isClosed) {
    return { from: start - width, to: end + width, text: inside, start: start - width, end: end - width };
  }
  const isWhole = inside.length > 2 * width &&
    holds(run(inside, 0, sign[0], 1), sign) && holds(run(inside, inside.length, sign[0], -1), sign);
  if (isWhole) {
    return { from: start, to: end, text: inside.slice(width, -width), start, end: end - 2 * width };
  }
  return { from: start, to: end, text: sign + inside + sign, start: start + width, end: end + width };
}

/** A double click takes the blank after a word along, beside which a sign means nothing. */
function withoutBlanks(text, start, end) {
  const selected = text.slice(start, end);
  if (selected.trim() === "") return [start, end];
  return [start + selected.length - selected.trimStart().length, end - selected.length + selected.trimEnd().length];
}
