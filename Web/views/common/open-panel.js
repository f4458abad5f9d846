import { enterTyped, typeAhead } from "../../dom/type-ahead.js";
import { store } from "../../store/store.js";

/** Panels that one opens to write into. */
const WITH_FIELD = new Set(["search"]);

/** Whether the panel that is open, or on its way, is there to be written into. */
export const isPanelForText = () => WITH_FIELD.has(store.state.panel.name);

/** Gives what was typed since a panel was opened, and ends keeping it. */
const nothing = () => ({ text: "", isEntered: false, after: "" });
let typed = nothing;

/** Opens a panel beside the messages, or closes it (null). */
export function openPanel(name, about = {}) {
  typed();
  typed = WITH_FIELD.has(name) ? typeAhead() : nothing;
  store.apply("PANEL", { name, ...about });
  if (!name) return;
  store.flush();
  const panel = document.querySelector(".panel");
  // Not every page has one.
  if (!panel) typed();
  else if (panel.querySelector("[autofocus]")) enterPanel(panel);
  else panel.querySelector("button")?.focus();
}

/** Goes to the field of a panel, with what was typed before it was there. */
export function enterPanel(panel) {
  const field = panel.querySelector("[autofocus]");
  const before = typed();
  field?.focus();
  enterTyped(field, before);
}
