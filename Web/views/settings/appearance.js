import { h } from "../../dom/element.js";
import { changeSetting } from "../../server/settings.js";
import { readSetting } from "../../store/settings.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { select } from "../common/controls.js";
import { Section } from "./window.js";

export class AppearanceSection extends Section {
  static isAtOnce = true;

  topics() {
    return ["settings"];
  }

  describe() {
    const look = readSetting(store.state, "client.appearance");
    const choice = (name, options) =>
      select(t(`appearance.${name}`), {
        id: `appearance-${name}`,
        value: look[name],
        options: options.map((value) => [value, t(`appearance.${name}.${value}`)]),
        onchange: (value) => changeSetting("client.appearance", { [name]: value }),
      });
    return [
      choice("theme", ["system", "light", "dark"]),
      choice("density", ["comfortable", "compact"]),
      h(
        "div",
        { class: "field" },
        h("label", { for: "appearance-size" }, t("appearance.size", { count: look.textSize })),
        h("input", {
          id: "appearance-size",
          type: "range",
          min: 12,
          max: 24,
          step: 1,
          value: String(look.textSize),
          oninput: (event) => changeSetting("client.appearance", { textSize: Number(event.target.value) }),
        }),
      ),
      choice("motion", ["system", "reduced"]),
      choice("direction", ["auto", "ltr", "rtl"]),
    ];
  }
}
