// What stands inside the messages, by keys. For Tab the list is a single stop; Enter or Right on a message goes to its
// links and buttons, the arrows from one to the next, Escape back to the message.

const STOPS = "a[href], button, input, select, summary, video, audio, [tabindex]";

/** Takes whatever comes into the rows out of the order of Tab; an editor keeps its own. */
export function keepOutOfTabOrder(rows) {
  const take = (element) => {
    if (!element.closest("[data-id] .editor") && !element.matches("[data-id]")) element.tabIndex = -1;
  };
  new MutationObserver((changes) => {
    for (const node of changes.flatMap((change) => [...change.addedNodes])) {
      if (!(node instanceof Element)) continue;
      if (node.matches(STOPS)) take(node);
      node.querySelectorAll(STOPS).forEach(take);
    }
  }).observe(rows, { childList: true, subtree: true });
}

/** Follows a key into a message, within it, or back. Whether it was one of those. */
export function walkInside(event) {
  const row = event.target.closest("[data-id]");
  if (!row || event.altKey || event.ctrlKey || event.metaKey || event.target.closest(".editor")) return false;
  const next = target(event, row);
  if (!next) return false;
  event.preventDefault();
  next.focus();
  return true;
}

function target(event, row) {
  const isInside = event.target !== row;
  if (event.key === "Escape") return isInside ? row : null;
  // These have uses of their own for the arrows.
  if (event.target.matches("input, select, video, audio")) return null;
  const isRightToLeft = getComputedStyle(row).direction === "rtl";
  const [forward, back] = isRightToLeft ? ["ArrowLeft", "ArrowRight"] : ["ArrowRight", "ArrowLeft"];
  const stops = [...row.querySelectorAll(STOPS)].filter((stop) => stop.checkVisibility() && !stop.disabled);
  const at = stops.indexOf(event.target);
  if (event.key === forward || (event.key === "Enter" && !isInside)) return stops[at + 1];
  return event.key === back && isInside ? (stops[at - 1] ?? row) : null;
}
