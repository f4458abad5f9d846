import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { changeNotifications } from "../../server/notification-settings.js";
import {
  canPush,
  listDevices,
  ownDevice,
  removeDevice,
  startPushing,
  stopPushing,
  testPush,
} from "../../server/push.js";
import { changeSetting } from "../../server/settings.js";
import { attention } from "../../store/notification-settings.js";
import { readSetting } from "../../store/settings.js";
import { store } from "../../store/store.js";
import { formatTime, timeIn } from "../../texts/time.js";
import { t } from "../../texts/text.js";
import { chime } from "../common/chime.js";
import { button, field, select, toggle } from "../common/controls.js";
import { notify } from "../common/dialog.js";
import { chooseLevel } from "../people/notification-level.js";
import { Keywords } from "./keywords.js";
import { Section } from "./window.js";

const NIGHT = { from: "22:00", to: "07:00" };
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
const PREVIEWS = ["full", "sender", "none"];
const MAILS = ["off", "missed", "daily", "weekly"];

/** What one wants to be told of, and by which ways. */
export class NotificationsSection extends Section {
  static isAtOnce = true;

  events = { USER_UPDATE: ({ id }) => id === store.state.me.id && this.reload() };

  topics() {
    return ["settings", "servers", "capabilities"];
  }

  async load() {
    // They are known where somebody has logged in since the page was opened.
    if (!store.state.capabilities) store.apply("CAPABILITIES", await api.get("/capabilities"));
    const { capabilities, me } = store.state;
    this.state.devices = capabilities?.push ? await listDevices() : [];
    this.state.timezone = capabilities?.profiles === false ? null : (await api.get(`/users/${me.id}/profile`)).timezone;
  }

  describe() {
    const { capabilities, notificationSettings } = store.state;
    return [
      this.#page(),
      capabilities?.push && this.#push(notificationSettings),
      this.#quietHours(notificationSettings),
      capabilities?.email_notifications && this.#mail(notificationSettings),
      capabilities?.keyword_alerts !== false && h(Keywords, { key: "keywords" }),
      store.state.servers.size > 0 && this.#servers(),
    ];
  }

  // MARK: While the page is open

  #page() {
    const wishes = readSetting(store.state, "client.notifications");
    const permission = window.Notification?.permission ?? "unsupported";
    return [
      toggle(t("notifications.desktop"), {
        id: "notify-desktop",
        checked: wishes.desktop && permission === "granted",
        disabled: ["denied", "unsupported"].includes(permission),
        hint: this.#hint(permission, "notifications.desktop-text"),
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
    ];
  }

  #hint(permission, otherwise) {
    if (permission === "denied") return t("notifications.denied");
    return t(permission === "unsupported" ? "notifications.unsupported" : otherwise);
  }

  /** The browser asks only after a press, and only once. */
  async #desktop(on) {
    if (on && (await Notification.requestPermission()) !== "granted") return this.render();
    changeSetting("client.notifications", { desktop: on });
    this.render();
  }

  // MARK: While it is not

  #push({ push_preview: preview }) {
    const permission = canPush() ? Notification.permission : "unsupported";
    const { devices } = this.state;
    return [
      h("h2", { key: "push" }, t("notifications.push")),
      toggle(t("notifications.push-here"), {
        id: "push-here",
        checked: this.state.wanted ?? devices.some((device) => device.id === ownDevice()),
        disabled: ["denied", "unsupported"].includes(permission),
        hint: this.#hint(permission, "notifications.push-text"),
        onchange: (on) => this.#pushHere(on),
      }),
      select(t("notifications.preview"), {
        id: "push-preview",
        value: preview,
        options: PREVIEWS.map((one) => [one, t(`notifications.preview-${one}`)]),
        onchange: (push_preview) => changeNotifications({ push_preview }),
      }),
      devices.length > 0 && [
        h(
          "ul",
          { key: "devices", class: "people", "aria-label": t("notifications.devices") },
          devices.map(this.#device),
        ),
        h("div", { key: "test", class: "actions" }, button(t("notifications.test"), () => this.#test())),
      ],
    ];
  }

  #device = (device) => {
    const name = device.device_id ?? t(`notifications.platform-${device.platform}`);
    return h(
      "li",
      { key: device.id },
      h(
        "span",
        { class: "grow two-lines" },
        h("strong", { dir: "auto" }, name),
        h(
          "span",
          { class: "soft" },
          device.id === ownDevice()
            ? t("notifications.this-device")
            : t("notifications.device-since", { date: formatTime(device.created_at * 1000, "D") }),
        ),
      ),
      button(t("notifications.remove"), () => this.#change(() => removeDevice(device.id)), {
        "aria-label": t("notifications.remove-device", { name }),
      }),
    );
  };

  /** The switch stands as it was pressed until it is known what became of that. */
  async #pushHere(on) {
    this.state.wanted = on;
    this.render();
    if (!on || (await Notification.requestPermission()) === "granted") {
      await this.#change(on ? startPushing : stopPushing);
    }
    this.state.wanted = null;
    this.render();
  }

  #change(work) {
    return this.attempt(async () => {
      await work();
      await this.load();
    });
  }

  #test() {
    return this.attempt(async () => {
      const { sent, failed } = await testPush();
      await this.load();
      notify(
        failed > 0 ? t("notifications.test-failed", { count: failed }) : t("notifications.test-sent", { count: sent }),
      );
    });
  }

  // MARK: When not, and by mail

  #quietHours({ quiet_hours: quiet }) {
    const time = (name) =>
      field(t(`notifications.quiet-${name}`), {
        id: `quiet-${name}`,
        type: "time",
        required: true,
        value: quiet[name],
        onchange: (event) => this.#quiet({ ...quiet, [name]: event.target.value }),
      });
    return [
      h("h2", { key: "quiet" }, t("notifications.quiet")),
      toggle(t("notifications.quiet-keep"), {
        id: "quiet-hours",
        checked: Boolean(quiet),
        hint: t("notifications.quiet-text"),
        onchange: (on) => changeNotifications({ quiet_hours: on ? NIGHT : null }),
      }),
      quiet && h("div", { key: "quiet-times", class: "field-row" }, time("from"), time("to")),
      quiet && this.#clock("quiet-zone"),
    ];
  }

  /** By which clock these times are meant, and where that is changed. */
  #clock(key) {
    const { timezone } = this.state;
    const zone = (timezone ?? "UTC").replaceAll("_", " ");
    const time = timeIn(timezone ?? "UTC") ?? "?";
    const kind = timezone ? "zone" : "no-zone";
    return h(
      "p",
      { key, class: "soft" },
      `${t(`notifications.${kind}`, { zone, time })} `,
      store.state.capabilities?.profiles !== false &&
        button(t(`notifications.${kind}-set`), () => this.properties.window.open("profile", "#profile-timezone"), {
          kind: "link",
        }),
    );
  }

  /** Half a time is none, and two that are the same are no span. */
  #quiet(quiet) {
    if (!quiet.from || !quiet.to || quiet.from === quiet.to) return this.render();
    changeNotifications({ quiet_hours: quiet });
  }

  #mail({ email, digest_hour: hour }) {
    const isDigest = ["daily", "weekly"].includes(email);
    return [
      h("h2", { key: "mail" }, t("notifications.mail")),
      select(t("notifications.mail-when"), {
        id: "mail-when",
        value: email,
        options: MAILS.map((one) => [one, t(`notifications.mail-${one}`)]),
        hint: t(store.state.me.email_verified ? "notifications.mail-text" : "notifications.mail-unverified"),
        onchange: (value) => changeNotifications({ email: value }),
      }),
      isDigest && select(t("notifications.hour"), {
        id: "digest-hour",
        value: String(hour),
        options: HOURS.map((one) => [String(one), `${String(one).padStart(2, "0")}:00`]),
        onchange: (value) => changeNotifications({ digest_hour: Number(value) }),
      }),
      isDigest && this.#clock("digest-zone"),
    ];
  }

  // MARK: Servers

  #servers() {
    return [
      h("h2", { key: "servers" }, t("notifications.servers")),
      h(
        "ul",
        { key: "server-list", class: "people" },
        [...store.state.servers.values()].map((server) =>
          h(
            "li",
            { key: server.id },
            h(
              "span",
              { class: "grow two-lines" },
              h("strong", { dir: "auto" }, server.name),
              h(
                "span",
                { class: "soft" },
                t(`level.${attention(store.state, { id: null, server_id: server.id }).level}`),
              ),
            ),
            button(t("change"), () => chooseLevel("servers", server.id, server.name), {
              "aria-label": t("change-of", { name: server.name }),
            }),
          )
        ),
      ),
    ];
  }
}
