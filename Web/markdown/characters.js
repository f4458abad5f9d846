// What the grammar of messages knows of letters and signs. By ranges of code units rather than by the properties of the
// newest Unicode, so that every browser and the server (Sources/Chat/Markup) agree about each of them. Pure.

const within = (unit, ranges) => ranges.some(([first, last]) => unit >= first && unit <= last);

const isAlphanumeric = (unit) =>
  (unit >= 0x30 && unit <= 0x39) || (unit >= 0x41 && unit <= 0x5A) || (unit >= 0x61 && unit <= 0x7A);

/** Latin, Greek, Cyrillic and Armenian, which put spaces between their words. */
const SPACED_LETTERS = [[0xC0, 0xD6], [0xD8, 0xF6], [0xF8, 0x2AF], [0x300, 0x58F], [0x1E00, 0x1FFF]];

/**
 * Part of a word before which, and after which, neither an address nor `@everyone` stands. Other scripts may touch
 * them: some put no spaces between words, others join endings to them.
 */
export const isWord = (unit) => (unit < 0x80 ? isAlphanumeric(unit) : within(unit, SPACED_LETTERS));

/** Signs, spaces and symbols beyond ASCII; what is in none of these is a letter. */
const SIGNS = [
  [0x80, 0xA9],
  [0xAB, 0xB4],
  [0xB6, 0xB9],
  [0xBB, 0xBF],
  [0xD7, 0xD7],
  [0xF7, 0xF7],
  [0x2000, 0x2BFF],
  [0x2E00, 0x2E7F],
  [0x3000, 0x3004],
  [0x3008, 0x3020],
  [0x3030, 0x3030],
  [0x303D, 0x303D],
  [0xD800, 0xF8FF],
  [0xFE10, 0xFE1F],
  [0xFE30, 0xFE6F],
  [0xFEFF, 0xFEFF],
  [0xFF00, 0xFF0F],
  [0xFF1A, 0xFF20],
  [0xFF3B, 0xFF40],
  [0xFF5B, 0xFF65],
  [0xFFE0, 0xFFFF],
];

/** A letter of any script, a digit or `_`: between two of them an underscore is only an underscore. */
export const isLetter = (unit) => (unit < 0x80 ? isAlphanumeric(unit) || unit === 0x5F : !within(unit, SIGNS));

/** White space, as in `\s`. */
export const isSpace = (unit) =>
  unit === 0x20 || (unit >= 0x09 && unit <= 0x0D) || unit === 0xA0 || unit === 0x1680 ||
  (unit >= 0x2000 && unit <= 0x200A) || unit === 0x2028 || unit === 0x2029 || unit === 0x202F || unit === 0x205F ||
  unit === 0x3000 || unit === 0xFEFF;

/** Quotation marks, the ellipsis, and the signs of East Asian texts: none of them is part of an address. */
const FOREIGN_ENDS = [
  [0xAB, 0xAB],
  [0xBB, 0xBB],
  [0x2018, 0x201F],
  [0x2026, 0x2026],
  [0x2039, 0x203A],
  [0x3001, 0x3003],
  [0x3008, 0x3011],
  [0x3014, 0x301F],
  [0xFE30, 0xFE4F],
  [0xFF01, 0xFF0F],
  [0xFF1A, 0xFF20],
  [0xFF3B, 0xFF3D],
  [0xFF5B, 0xFF65],
];

/** What an address in a sentence ends before: spaces and `"<>\|*` and the backtick, and the signs above. */
export const endsAddress = (unit) =>
  unit < 0x80
    ? isSpace(unit) || unit === 0x22 || unit === 0x2A || unit === 0x3C || unit === 0x3E || unit === 0x5C ||
      unit === 0x60 || unit === 0x7C
    : isSpace(unit) || within(unit, FOREIGN_ENDS);
