// Words of others within the text of a message: written so that they are read as they are. Pure.

/** In one line, with a backslash before each sign that might mean something. */
export const literal = (text) => inLine(text).replace(/[\\`*_~|<>[\]()@:#.!-]/g, "\\$&");

/** As code, between more backticks than it has in a row. */
export function literalCode(text) {
  const code = inLine(text);
  // Three in a row, or around two, might begin a block.
  if (code.includes("``")) return literal(text);
  const longest = Math.max(0, ...(code.match(/`+/g) ?? []).map((run) => run.length));
  const ticks = "`".repeat(longest + 1);
  return longest > 0 ? `${ticks} ${code} ${ticks}` : ticks + code + ticks;
}

const inLine = (text) => text.replace(/\s+/g, " ").trim();
