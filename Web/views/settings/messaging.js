import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { select, toggle } from "../common/controls.js";
import { Section } from "./window.js";

const PATH = "/users/@me/messaging-settings";
const CIRCLES = ["everyone", "contacts", "friends", "nobody"];

/** Who may write to one, and what others learn of one. */
export class MessagingSection extends Section {
  static isAtOnce = true;

  events = { MESSAGING_SETTINGS_UPDATE: (settings) => Object.assign(this.state, { settings }) };

  topics() {
    return ["servers"];
  }

  async load() {
    this.state.settings = await api.get(PATH);
  }

  describe() {
    return [
      this.#circle("allow_dms_from", CIRCLES),
      this.#circle("group_dms_from", CIRCLES),
      this.#circle("friend_requests_from", CIRCLES.filter((circle) => circle !== "friends")),
      h("h2", { key: "telling" }, t("messaging.telling")),
      this.#toggle("typing_indicators_enabled"),
      store.state.capabilities?.read_receipts !== false && this.#toggle("read_receipts_enabled"),
      store.state.servers.size > 0 && this.#servers(),
    ];
  }

  #circle(name, circles) {
    return select(t(`messaging.${name}`), {
      id: name,
      value: this.state.settings[name],
      options: circles.map((circle) => [circle, t(circle === "nobody" ? "messaging.nobody" : `circle.${circle}`)]),
      onchange: (circle) => this.#change({ [name]: circle }),
    });
  }

  #toggle(name) {
    return toggle(t(`messaging.${name}`), {
      id: name,
      checked: this.state.settings[name],
      hint: t(`messaging.${name}-text`),
      onchange: (on) => this.#change({ [name]: on }),
    });
  }

  #servers() {
    const { server_dms: servers } = this.state.settings;
    return [
      h("h2", { key: "servers" }, t("messaging.servers")),
      h("p", { key: "servers-text", class: "soft" }, t("messaging.servers-text")),
      [...store.state.servers.values()].map((server) =>
        h(
          "div",
          { key: server.id, dir: "auto" },
          toggle(server.name, {
            id: `contacts-${server.id}`,
            checked: servers[server.id] ?? true,
            onchange: (on) => this.#change({ server_dms: { [server.id]: on ? null : false } }),
          }),
        )
      ),
    ];
  }

  #change(change) {
    return this.attempt(async () => {
      this.state.settings = await api.patch(PATH, change);
    });
  }
}
