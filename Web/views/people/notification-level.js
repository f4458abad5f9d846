import { h } from "../../dom/element.js";
import { changeSetting } from "../../server/settings.js";
import { readSetting } from "../../store/settings.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { Dialog } from "../common/dialog.js";

/** Of what in a server or channel one wants to be told. `kind`: `servers` or `channels`. */
export function chooseLevel(kind, id, name) {
  const levels = [...(kind === "channels" ? ["default"] : []), "all", "mentions", "none"];
  const current = () =>
    readSetting(store.state, "client.notifications")[kind]?.[id]?.level ?? (kind === "channels" ? "default" : "all");
  const dialog = new Dialog(t("notifications.of", { name }), () =>
    h(
      "fieldset",
      { class: "choices" },
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
            onchange: () => choose(level),
          }),
          h("span", null, t(`level.${level}`)),
        )
      ),
    ));
  function choose(level) {
    const wishes = readSetting(store.state, "client.notifications");
    const { level: _, ...rest } = wishes[kind]?.[id] ?? {};
    changeSetting("client.notifications", {
      [kind]: { ...wishes[kind], [id]: level === "default" ? rest : { ...rest, level } },
    });
    dialog.render();
  }
}
