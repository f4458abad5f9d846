import { h } from "../../dom/element.js";
import { changePlace } from "../../server/notification-settings.js";
import { attention, FOREVER, isMutedBy, placeWishes } from "../../store/notification-settings.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { toggle } from "../common/controls.js";
import { Dialog, showMenu } from "../common/dialog.js";

const HOUR_S = 3600;
const DURATIONS = [["hour", HOUR_S], ["eight-hours", 8 * HOUR_S], ["day", 24 * HOUR_S]];

/** An entry of a menu that mutes a place for a while, or ends that. `kind`: `servers` or `channels`. */
export function muteEntry(anchor, kind, id) {
  const isChecked = isMutedBy(placeWishes(store.state, kind, id));
  const mute = (muted_until) => changePlace(kind, id, { muted_until });
  const choose = () =>
    showMenu(
      anchor,
      [
        ...DURATIONS.map(([name, time_s]) => ({
          label: t(`mute.${name}`),
          run: () => mute(Math.floor(Date.now() / 1000) + time_s),
        })),
        { label: t("mute.forever"), run: () => mute(FOREVER) },
      ],
      { label: t("mute") },
    );
  return { label: t("mute"), icon: "bell-off", isChecked, run: isChecked ? () => mute(null) : choose };
}

/** Of what in a server, a category or a channel one wants to be told. `kind`: `servers` or `channels`. */
export function chooseLevel(kind, id, name) {
  const channel = kind === "channels" ? store.state.channels.get(id) : null;
  const isInServer = kind === "servers" || Boolean(channel?.server_id);
  const wishes = () => placeWishes(store.state, kind, id);
  const inForce = () => attention(store.state, channel ?? { id: null, server_id: id });
  const change = (values) => {
    changePlace(kind, id, values);
    dialog.render();
  };
  const levels = [...(channel && isInServer ? ["default"] : []), "all", "mentions", "none"];
  const current = () => channel && isInServer ? wishes().level ?? "default" : inForce().level;
  const dialog = new Dialog(t("notifications.of", { name }), () => [
    h(
      "fieldset",
      { key: "levels", class: "choices" },
      h("legend", { class: "visually-hidden" }, t("notifications.level")),
      levels.map((level) =>
        h(
          "label",
          { key: level, class: "choice-row" },
          h("input", {
            type: "radio",
            name: "level",
            value: level,
            checked: current() === level,
            onchange: () => change({ level: level === "default" ? null : level }),
          }),
          h("span", null, t(`level.${level}`)),
        )
      ),
    ),
    isInServer && toggle(t("notifications.suppress-everyone"), {
      id: "suppress-everyone",
      checked: inForce().suppressesEveryone,
      onchange: (suppress_everyone) => change({ suppress_everyone }),
    }),
    isInServer && toggle(t("notifications.suppress-roles"), {
      id: "suppress-roles",
      checked: inForce().suppressesRoles,
      onchange: (suppress_roles) => change({ suppress_roles }),
    }),
    store.state.capabilities?.push !== false && toggle(t("notifications.push-place"), {
      id: "push-place",
      checked: inForce().pushes,
      onchange: (push) => change({ push }),
    }),
  ]);
}
