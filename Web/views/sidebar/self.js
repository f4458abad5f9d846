import { h } from "../../dom/element.js";
import { avatarOf } from "../../store/selectors.js";
import { changeSetting } from "../../server/settings.js";
import { readSetting } from "../../store/settings.js";
import { store } from "../../store/store.js";
import { api } from "../../server/api.js";
import { t } from "../../texts/text.js";
import { avatar, iconButton } from "../common/controls.js";
import { attempt, showMenu } from "../common/dialog.js";
import { logOut } from "../common/log-out.js";
import { onDemand } from "../common/on-demand.js";

const STATUSES = ["online", "idle", "dnd", "invisible"];

/** Oneself: name, status, the way to the settings. */
export function renderSelf() {
  const { me, presences } = store.state;
  const own = presences.get(me.id);
  const status = store.state.connection.status === "online"
    ? (readSetting(store.state, "client.presence")?.status ?? "online")
    : "offline";
  return h(
    "div",
    { class: "self" },
    h(
      "button",
      {
        type: "button",
        class: "self-card",
        "aria-haspopup": "menu",
        "aria-label": t("self.menu", { name: me.display_name ?? me.username, status: t(`status.${status}`) }),
        onclick: (event) => showMenu(event.currentTarget, selfMenu(status)),
      },
      avatar(avatarOf(store.state, me.id), { size: 32, status }),
      h(
        "span",
        { class: "two-lines" },
        h("strong", { dir: "auto" }, me.display_name ?? me.username),
        h("span", { class: "soft", dir: "auto" }, own?.custom_status || t(`status.${status}`)),
      ),
    ),
    iconButton("gear", t("settings"), () => onDemand.openSettings()),
  );
}

const selfMenu = (current) => [
  ...STATUSES.map((status) => ({
    label: t(`status.${status}`),
    isChecked: status === current,
    run: () => choose(status),
  })),
  "-",
  { label: t("status.custom"), icon: "emoji", run: onDemand.editStatus },
  { label: t("settings"), icon: "gear", run: () => onDemand.openSettings() },
  { label: t("log-out"), icon: "logout", isDangerous: true, run: logOut },
];

const choose = (status) =>
  attempt(async () => {
    const { custom_status = null, custom_emoji = null } = store.state.presences.get(store.state.me.id) ?? {};
    const presence = await api.put("/users/@me/presence", { status, custom_status, custom_emoji });
    store.apply("PRESENCE_UPDATE", presence);
    changeSetting("client.presence", { status });
  });
