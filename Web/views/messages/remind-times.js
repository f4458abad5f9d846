import { serverNow } from "../../kernel/clock.js";

const MINUTE_MS = 60_000;
const MORNING_H = 9;

/** The moments that one is most often reminded at, by their names. On Sundays tomorrow is the next Monday, and stands once. */
export function readyTimes(now_ms = serverNow()) {
  const monday = morningIn(now_ms, (8 - new Date(now_ms).getDay()) % 7 || 7);
  const tomorrow = morningIn(now_ms, 1);
  return [
    ["20-minutes", now_ms + 20 * MINUTE_MS],
    ["hour", now_ms + 60 * MINUTE_MS],
    ["3-hours", now_ms + 180 * MINUTE_MS],
    ["tomorrow", tomorrow],
    ...(monday === tomorrow ? [] : [["monday", monday]]),
  ];
}

/** Days of the calendar: those on which clocks are changed have other lengths. */
function morningIn(now_ms, days) {
  const date = new Date(now_ms);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days, MORNING_H).getTime();
}
