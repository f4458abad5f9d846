import { changeSetting } from "../../server/settings.js";
import { readSetting } from "../../store/settings.js";
import { store } from "../../store/store.js";
import { LANGUAGES, t } from "../../texts/text.js";
import { button, select } from "../common/controls.js";
import { onDemand } from "../common/on-demand.js";
import { Section } from "./window.js";

export class LanguageSection extends Section {
  describe() {
    const change = (code) => {
      changeSetting("client.language", { code });
      // The window was drawn in the old language.
      this.properties.window.close();
    };
    return select(t("settings.language"), {
      id: "language",
      value: readSetting(store.state, "client.language").code,
      options: [["", t("language.system")], ...Object.entries(LANGUAGES)],
      onchange: change,
    });
  }
}

export class KeyboardSection extends Section {
  static isAtOnce = true;

  topics() {
    return ["settings"];
  }

  describe() {
    const { sendWith } = readSetting(store.state, "client.keyboard");
    return [
      select(t("keyboard.send"), {
        id: "send-with",
        value: sendWith,
        options: [["auto", t("keyboard.auto")], ["enter", t("keyboard.enter")], [
          "ctrl-enter",
          t("keyboard.ctrl-enter"),
        ]],
        onchange: (value) => changeSetting("client.keyboard", { sendWith: value }),
      }),
      button(t("shortcuts"), onDemand.openShortcuts),
    ];
  }
}
