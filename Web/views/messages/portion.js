// Rows come into the list a few in each frame: fifty at once would make one frame too long for a hand that scrolls.

import { compareIDs } from "../../kernel/snowflake.js";

export const ROWS_A_FRAME = 8;
const LEAST_ROWS = 2;
/** What the rows of a frame may take of it, with their layout; the browser has to paint them, too. */
const SHARE_MS = 12;

/** How many rows the next frame draws, after one that took so long with `rows`: a slow machine draws fewer at once. */
export const rowsAfter = (rows, took_ms) =>
  Math.max(LEAST_ROWS, Math.min(ROWS_A_FRAME, Math.floor((rows * SHARE_MS) / Math.max(took_ms, 1))));

/**
 * Which messages are drawn next.
 * @param {{ id: string }[]} items all that are loaded, in their order.
 * @param {{ first: string, last: string } | null} drawn the ends of what was drawn before.
 * @param {number} rows how many more at each end.
 * @returns {{ start: number, end: number, added: number }} the whole when nothing of it was drawn before.
 */
export function portion(items, drawn, rows = ROWS_A_FRAME) {
  const whole = { start: 0, end: items.length, added: 0 };
  if (!drawn) return whole;
  const start = items.findIndex((item) => compareIDs(item.id, drawn.first) >= 0);
  const end = 1 + items.findLastIndex((item) => compareIDs(item.id, drawn.last) <= 0);
  if (start < 0 || end <= start) return whole;
  const next = { start: Math.max(0, start - rows), end: Math.min(items.length, end + rows) };
  return { ...next, added: start - next.start + next.end - end };
}
