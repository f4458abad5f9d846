// What is planned in a server.

import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { inChannel, inServer } from "../../store/permissions.js";
import { plannedEvents } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { button, empty } from "../common/controls.js";
import { Dialog } from "../common/dialog.js";
import { LoadedView } from "../common/loaded-view.js";
import { onDemand } from "../common/on-demand.js";
import { eventWhen, eventWhere, recurrenceText } from "./event-words.js";

const PAGE = 50;

export function showEvents(serverID) {
  new Dialog(t("events"), () => h(EventList, { key: serverID, serverID }));
}

class EventList extends LoadedView {
  get className() {
    return "event-list";
  }

  topics() {
    return ["servers", `server:${this.properties.serverID}`];
  }

  /** Of channels that one sees only since a moment ago nobody has told what is planned there. */
  async load() {
    const path = `/servers/${this.properties.serverID}/events`;
    const found = await Promise.all(["scheduled", "active"].map((status) => api.get(path, { status })));
    for (const event of found.flat()) store.apply("GUILD_SCHEDULED_EVENT_UPDATE", event);
  }

  /** What is over, the newest first; each press shows some more. */
  more() {
    return this.attempt(async () => {
      const { past = [], before } = this.state;
      const found = await api.get(`/servers/${this.properties.serverID}/events`, { limit: PAGE, before });
      const over = found.filter(({ status }) => status === "completed" || status === "cancelled");
      Object.assign(this.state, { past: [...past, ...over], before: found.at(-1)?.id, hasMore: found.length === PAGE });
    });
  }

  past() {
    const { past, hasMore = true } = this.state;
    return [
      past && h("h3", null, t("events.past")),
      past?.length === 0 && !hasMore && h("p", { class: "soft" }, t("events.none-past")),
      past && h("ul", { class: "people" }, past.map((event) => this.#entry(event))),
      hasMore && button(t(past ? "event.more-people" : "events.show-past"), () => this.more(), { kind: "link" }),
    ];
  }

  describe() {
    const { serverID } = this.properties;
    const planned = plannedEvents(store.state, serverID);
    return [
      planned.length === 0
        ? empty("calendar", t("events.none"), t("events.none-text"))
        : h("ul", { class: "people" }, planned.map((event) => this.#entry(event))),
      this.past(),
      mayPlan(serverID) && h(
        "footer",
        null,
        button(t("event.plan"), () => onDemand.editEvent(serverID, null), { kind: "primary" }),
      ),
    ];
  }

  #entry(event) {
    return h(
      "li",
      { key: event.id },
      h(
        "button",
        { type: "button", class: "plain person", onclick: () => onDemand.showEvent(event.server_id, event.id) },
        event.image_url && h("img", { class: "event-picture", src: `${event.image_url}&size=600`, alt: "" }),
        h(
          "span",
          { class: "grow two-lines" },
          h("span", { class: event.status === "active" ? "event-now" : "soft" }, eventWhen(event)),
          h("strong", { dir: "auto" }, event.name),
          event.recurrence && h("span", { class: "soft" }, recurrenceText(event)),
          h("span", { class: "soft", dir: "auto" }, eventWhere(event)),
          h("span", { class: "soft" }, t("event.going", { count: event.going_count })),
        ),
      ),
    );
  }
}

/** Whether one may plan anything anywhere in a server. */
function mayPlan(serverID) {
  const { state } = store;
  const may = (rights) => rights.has("events.create") || rights.has("events.manage");
  return may(inServer(state, serverID)) ||
    [...state.servers.get(serverID)?.channelIDs ?? []].some((id) => may(inChannel(state, state.channels.get(id))));
}
