import { h } from "../../dom/element.js";
import { chime } from "../common/chime.js";
import { changeSetting } from "../../server/settings.js";
import { readSetting } from "../../store/settings.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { button, toggle } from "../common/controls.js";
import { chooseLevel } from "../people/notification-level.js";
import { Keywords } from "./keywords.js";
import { Section } from "./window.js";

export class NotificationsSection extends Section {
  static isAtOnce = true;

  topics() {
    return ["settings", "servers"];
  }

  describe() {
    const wishes = readSetting(store.state, "client.notifications");
    const permission = window.Notification?.permission ?? "unsupported";
    return [
      toggle(t("notifications.desktop"), {
        id: "notify-desktop",
        checked: wishes.desktop && permission === "granted",
        disabled: ["denied", "unsupported"].includes(permission),
        hint: t(
          permission === "denied"
            ? "notifications.denied"
            : permission === "unsupported"
            ? "notifications.unsupported"
            : "notifications.desktop-text",
        ),
        onchange: (on) => this.#desktop(on),
      }),
      toggle(t("notifications.sounds"), {
        id: "notify-sounds",
        checked: wishes.sounds,
        onchange: (sounds) => {
          changeSetting("client.notifications", { sounds });
          if (sounds) chime();
        },
      }),
      store.state.capabilities?.keyword_alerts !== false && h(Keywords, { key: "keywords" }),
      h("h2", null, t("notifications.servers")),
      h(
        "ul",
        { class: "people" },
        [...store.state.servers.values()].map((server) =>
          h(
            "li",
            { key: server.id },
            h(
              "span",
              { class: "grow two-lines" },
              h("strong", { dir: "auto" }, server.name),
              h("span", { class: "soft" }, t(`level.${wishes.servers?.[server.id]?.level ?? "all"}`)),
            ),
            button(t("change"), () => chooseLevel("servers", server.id, server.name), {
              "aria-label": t("change-of", { name: server.name }),
            }),
          )
        ),
      ),
    ];
  }

  /** The browser asks only after a press, and only once. */
  async #desktop(on) {
    if (on && (await Notification.requestPermission()) !== "granted") return this.render();
    changeSetting("client.notifications", { desktop: on });
    this.render();
  }
}
