/** Letters that take two columns of a fixed-width font. */
const WIDE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff01-\uff60]/u;

const widthOf = (cell) => [...cell].reduce((width, letter) => width + (WIDE.test(letter) ? 2 : 1), 0);

/** Cells, divided by tabs and lines, as a block of code with columns. */
export function tableOf(text) {
  const rows = text.trimEnd().split("\n").map((line) => line.split("\t").map((cell) => cell.trim()));
  const count = Math.max(...rows.map((row) => row.length));
  const columns = Array.from({ length: count }, (_, at) => Math.max(...rows.map((row) => widthOf(row[at] ?? ""))));
  const lines = rows.map((row) => row.map((cell, at) => cell + " ".repeat(columns[at] - widthOf(cell))).join("  "));
  return `\`\`\`\n${lines.map((line) => line.trimEnd()).join("\n")}\n\`\`\``;
}
