import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { t } from "../../texts/text.js";
import { button, field, iconButton, select, toggle } from "../common/controls.js";
import { emojiChoice } from "../common/emoji-choice.js";
import { FormSection } from "../settings/form.js";
import { channelOptions, withEntry } from "./channel-choice.js";
import { applyPreset } from "./presets.js";

const MOST = 5;

/** What newcomers are shown first. */
export class WelcomeSection extends FormSection {
  topics() {
    return [`server:${this.properties.serverID}`];
  }

  get path() {
    return `/servers/${this.properties.serverID}/welcome-screen`;
  }

  async load() {
    this.state.screen = await api.get(this.path);
  }

  values() {
    return this.state.screen;
  }

  fields(draft) {
    const channels = channelOptions(this.properties.serverID);
    return [
      h("p", { class: "soft" }, t("welcome-screen.about")),
      toggle(t("welcome-screen.enabled"), {
        id: "welcome-enabled",
        checked: draft.enabled,
        onchange: (enabled) => this.change({ enabled }),
      }),
      field(t("welcome-screen.text"), {
        id: "welcome-text",
        type: "textarea",
        ...this.text("description"),
        maxlength: 300,
      }),
      h("h2", null, t("welcome-screen.channels")),
      h("ul", { class: "editable" }, draft.channels.map((entry, index) => this.#entry(draft, channels, entry, index))),
      button(t("welcome-screen.add"), () => this.#add(draft, channels), { disabled: draft.channels.length >= MOST }),
    ];
  }

  #entry(draft, channels, entry, index) {
    const change = (values) => this.change({ channels: withEntry(draft.channels, index, values) });
    const number = { number: index + 1 };
    return h(
      "li",
      { key: index },
      select(t("welcome-screen.channel", number), {
        id: `welcome-channel-${index}`,
        value: entry.channel_id,
        options: channels,
        onchange: (channel_id) => change({ channel_id }),
      }),
      field(t("welcome-screen.description", number), {
        id: `welcome-description-${index}`,
        value: entry.description,
        maxlength: 50,
        oninput: (event) => change({ description: event.target.value }),
      }),
      emojiChoice(entry.emoji, {
        choose: t("welcome-screen.emoji", number),
        remove: t("welcome-screen.drop-emoji", number),
        isUnicodeOnly: true,
        onpick: (emoji) => change({ emoji }),
      }),
      iconButton("trash", t("welcome-screen.remove", number), () => change(null)),
    );
  }

  #add(draft, channels) {
    const used = new Set(draft.channels.map(({ channel_id }) => channel_id));
    const free = channels.find(([id]) => !used.has(id));
    if (!free) return;
    this.change({ channels: [...draft.channels, { channel_id: free[0], description: "", emoji: null }] });
    this.goTo(`#welcome-channel-${draft.channels.length}`);
  }

  below() {
    return button(t("preset.apply"), async () => {
      if (await applyPreset(this.properties.serverID)) await this.reload();
    });
  }

  async save({ enabled, description, channels }) {
    this.state.screen = await api.put(this.path, {
      enabled,
      description: description?.trim() || null,
      channels,
    });
  }
}
