import { h, patch } from "../../dom/element.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { failure, spinner } from "./controls.js";
import { icon } from "./icons.js";
import { Island } from "./island.js";

/** What stands where something is being loaded. Without a connection it says so instead of turning for ever. */
class Loading extends Island {
  constructor() {
    super("div", "loading");
    this.watch(["connection"], () => this.update());
    this.update();
  }

  update() {
    const { status } = store.state.connection;
    // An attempt to connect is no connection yet.
    if (!["connecting", "reconnecting"].includes(status)) this.isOffline = status !== "online";
    patch(
      this.element,
      this.isOffline
        ? h("p", { key: "offline", class: "soft", role: "status" }, icon("warning", { size: 18 }), t("loading.offline"))
        : h("div", { key: "spinner" }, spinner()),
    );
  }
}

export const loading = () => h(Loading, null);

/** What stands where loading has failed. What failed for want of a connection comes with it. */
export const loadingFailed = (error, retry) =>
  error.status === 0 && store.state.connection.status !== "online" ? loading() : failure(error, retry);

/** Calls `work` whenever the connection has come back. Returns what ends it. */
export function whenConnected(work) {
  let status = store.state.connection.status;
  return store.watch(["connection"], () => {
    const before = status;
    status = store.state.connection.status;
    if (status === "online" && before !== "online") work();
  });
}
