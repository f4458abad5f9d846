// What stands inside the messages, by keys. For Tab the list is a single stop; Enter or Right on a message goes to its
// links and buttons, the arrows from one to the next, Escape back to the message.

import { alongLine, keyOf } from "../../dom/keys.js";

const STOPS = "a[href], button, input, select, summary, video, audio, [tabindex]";

/** Takes what is in the messages out of the order of Tab, when Tab is about to ask for it; an editor keeps its own. */
export function leaveOutMessages() {
  for (const rows of document.querySelectorAll(".messages")) {
    for (const stop of rows.querySelectorAll(STOPS)) if (!stop.closest(".editor")) stop.tabIndex = -1;
  }
}

/** Follows a key into a message, within it, or back. Whether it was one of those. */
export function walkInside(event) {
  const row = event.target.closest?.(".messages [data-id]");
  if (!row || event.altKey || event.ctrlKey || event.metaKey || event.target.closest(".editor")) return false;
  const next = target(event, row);
  if (!next) return false;
  event.preventDefault();
  next.focus();
  return true;
}

function target(event, row) {
  const key = keyOf(event);
  const isInside = event.target !== row;
  if (key === "Escape") return isInside ? row : null;
  // These have uses of their own for the arrows.
  if (event.target.matches("input, select, video, audio")) return null;
  const step = alongLine(event, row);
  const stops = [...row.querySelectorAll(STOPS)].filter((stop) => stop.checkVisibility() && !stop.disabled);
  const at = stops.indexOf(event.target);
  if (step > 0 || (key === "Enter" && !isInside)) return stops[at + 1];
  return step < 0 && isInside ? (stops[at - 1] ?? row) : null;
}
