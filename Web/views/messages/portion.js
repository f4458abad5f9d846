// Rows come into the list a few in each frame: fifty at once would make one frame too long for a hand that scrolls.

import { compareIDs } from "../../kernel/snowflake.js";

export const ROWS_A_FRAME = 8;

/**
 * Which messages are drawn next.
 * @param {{ id: string }[]} items all that are loaded, in their order.
 * @param {{ first: string, last: string } | null} drawn the ends of what was drawn before.
 * @returns {{ start: number, end: number }} the whole when nothing of it was drawn before, else a few more at each end.
 */
export function portion(items, drawn) {
  const whole = { start: 0, end: items.length };
  if (!drawn) return whole;
  const start = items.findIndex((item) => compareIDs(item.id, drawn.first) >= 0);
  const end = 1 + items.findLastIndex((item) => compareIDs(item.id, drawn.last) <= 0);
  if (start < 0 || end <= start) return whole;
  return { start: Math.max(0, start - ROWS_A_FRAME), end: Math.min(items.length, end + ROWS_A_FRAME) };
}
