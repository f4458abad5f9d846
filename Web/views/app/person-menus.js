// The menu of a person, wherever their name or picture stands: by the other button of the mouse, the menu key, or a long
// press. What stands for a person says so with `data-user`.

import { store } from "../../store/store.js";
import { onDemand } from "../common/on-demand.js";

const LONG_PRESS_MS = 600;
/** A finger that moves further scrolls. */
const STILL_PX = 10;

export function startPersonMenus() {
  document.addEventListener("contextmenu", (event) => {
    const person = event.target.closest?.("[data-user]");
    stopWaiting();
    if (!person) return;
    event.preventDefault();
    event.stopPropagation();
    // Keys have no place of their own.
    open(person, event.button === 2 || event.clientX > 0 ? { x: event.clientX, y: event.clientY } : person);
  }, true);
  // Not every browser makes a long press what the other button is.
  document.addEventListener("pointerdown", (event) => {
    const person = event.pointerType === "touch" ? event.target.closest?.("[data-user]") : null;
    stopWaiting();
    if (person) wait(person, { x: event.clientX, y: event.clientY });
  }, true);
  document.addEventListener("pointermove", (event) => {
    if (waiting && Math.hypot(event.clientX - waiting.x, event.clientY - waiting.y) > STILL_PX) stopWaiting();
  }, { passive: true });
  for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, stopWaiting);
}

let waiting = null;

function wait(person, place) {
  const timer = setTimeout(() => {
    waiting = null;
    // The finger that is lifted now presses nothing.
    const swallow = (event) => {
      event.preventDefault();
      event.stopPropagation();
    };
    document.addEventListener("click", swallow, { capture: true, once: true });
    document.addEventListener(
      "pointerup",
      () => setTimeout(() => document.removeEventListener("click", swallow, true), 50),
      { once: true },
    );
    open(person, place);
  }, LONG_PRESS_MS);
  waiting = { timer, ...place };
}

function stopWaiting() {
  clearTimeout(waiting?.timer);
  waiting = null;
}

function open(person, place) {
  const { servers, members, route } = store.state;
  const server = servers.get(person.dataset.server ?? route.server) ?? null;
  const member = members.get(server?.id)?.byID.get(person.dataset.user) ?? null;
  onDemand.showPersonMenu(place, person.dataset.user, server, member);
}
