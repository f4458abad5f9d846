import { store } from "../../store/store.js";

/** Opens a panel beside the messages, or closes it (null). */
export function openPanel(name, about = {}) {
  store.apply("PANEL", { name, ...about });
  if (name) {
    store.flush();
    (document.querySelector(".panel [autofocus]") ?? document.querySelector(".panel button"))?.focus();
  }
}
