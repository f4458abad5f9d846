import { load } from "../../kernel/parts.js";
import { store } from "../../store/store.js";
import { alsoWarm } from "../common/on-demand.js";

alsoWarm(() => import("./bar.js"));

let render = null;

/** The call that goes on, once what shows it is there; null without one. */
export function renderCallBar() {
  if (!store.state.call) return null;
  if (render) return render();
  load(() => import("./bar.js")).then((bar) => {
    render = bar.renderCallBar;
    if (store.state.call) store.apply("CALL", {});
  }, console.error);
  return null;
}
