/**
 * A name as people compare names, which is how the server's search does it: without regard to case, accents, width, and
 * which of several apostrophes and hyphens it has.
 */
export function folded(text) {
  return text
    .replace(/[\u2018-\u201b\u2032\u00b4`]/gu, "'")
    .replace(/[\u2010-\u2015\u2212]/gu, "-")
    .normalize("NFKD")
    .replace(/[\u0300-\u036f\ufe00-\ufe0f]|\p{Cf}/gu, "")
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .replaceAll("\u03c2", "\u03c3")
    .replace(/\s+/gu, " ")
    .normalize("NFC")
    .trim();
}
