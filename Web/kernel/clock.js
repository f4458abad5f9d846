// The server's time. The moments that it tells and is told are of its clock, and that of this machine may be hours off.

let ahead_ms = 0;

/**
 * Learns from the `Date` of an answer, which has whole seconds, how far the server's clock is ahead of this one; nothing
 * when it fits into the time between question and answer.
 */
export function learnTime(date, asked_ms, answered_ms = Date.now()) {
  const server_ms = Date.parse(date ?? "");
  if (Number.isNaN(server_ms)) return;
  if (server_ms + 1000 < asked_ms) ahead_ms = server_ms + 1000 - asked_ms;
  else ahead_ms = Math.max(0, server_ms - answered_ms);
}

/** In milliseconds. */
export const serverNow = () => Date.now() + ahead_ms;
