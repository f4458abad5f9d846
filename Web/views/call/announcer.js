// Says to those who hear the page who begins to speak, if they want that.

import { callSettings } from "../../call/call-settings.js";
import { h, make } from "../../dom/element.js";
import { nameOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { Island } from "../common/island.js";

/** Whoever pauses for less has not begun anew. */
const PAUSE_MS = 5000;
const MOST_KEPT = 10;

export class CallAnnouncer extends Island {
  /** user id → when they spoke last. */
  #spokeAt = new Map();

  constructor(element) {
    super(element);
    element.setAttribute("role", "log");
    element.setAttribute("aria-live", "polite");
    this.watch(["speaking"], () => this.#look());
  }

  #look() {
    const { call, channels, me, speaking } = store.state;
    if (!call) return this.#spokeAt.clear();
    const isWanted = callSettings().announces;
    for (const userID of speaking) {
      const isNew = performance.now() - (this.#spokeAt.get(userID) ?? -Infinity) > PAUSE_MS;
      this.#spokeAt.set(userID, performance.now());
      if (!isWanted || !isNew || userID === me.id) continue;
      const name = nameOf(store.state, userID, channels.get(call.channelID)?.server_id ?? null);
      this.element.append(make(h("p", null, t("call.speaks", { name }))));
      while (this.element.childElementCount > MOST_KEPT) this.element.firstElementChild.remove();
    }
  }
}
