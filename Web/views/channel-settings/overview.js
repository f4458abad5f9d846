import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { field, select, toggle } from "../common/controls.js";
import { Section } from "../settings/window.js";

const SLOW_S = [0, 5, 10, 30, 60, 300, 900, 3600, 21_600];

export class OverviewSection extends Section {
  topics() {
    return [`channel:${this.properties.channelID}`];
  }

  describe() {
    const channel = store.state.channels.get(this.properties.channelID);
    if (!channel) return null;
    const isCategory = channel.channel_type === "category";
    const { slow = channel.slowmode_seconds, nsfw = channel.nsfw } = this.state;
    return h(
      "form",
      { onsubmit: (event) => this.#save(event, channel) },
      field(t("name"), { id: "channel-name", value: channel.name, maxlength: 100, required: true }),
      !isCategory &&
        field(t("channel.topic"), {
          id: "channel-topic",
          type: "textarea",
          value: channel.topic ?? "",
          maxlength: 1024,
        }),
      !isCategory && select(t("channel.slow"), {
        id: "channel-slow",
        value: String(slow),
        options: SLOW_S.map((
          seconds,
        ) => [
          String(seconds),
          seconds
            ? (seconds < 60
              ? t("seconds", { count: seconds })
              : seconds < 3600
              ? t("minutes", { count: seconds / 60 })
              : t("hours", { count: seconds / 3600 }))
            : t("off"),
        ]),
        hint: t("channel.slow-text"),
        onchange: (value) => this.set({ slow: Number(value) }),
      }),
      !isCategory &&
        toggle(t("channel.nsfw"), {
          id: "channel-nsfw",
          checked: nsfw,
          onchange: (value) => this.set({ nsfw: value }),
        }),
      h("button", { class: "button primary", disabled: this.isBusy }, t("save")),
    );
  }

  #save(event, channel) {
    event.preventDefault();
    const value = (id) => event.target.querySelector(`#${id}`)?.value.trim();
    const { slow = channel.slowmode_seconds, nsfw = channel.nsfw } = this.state;
    const body = channel.channel_type === "category"
      ? { name: value("channel-name") }
      : { name: value("channel-name"), topic: value("channel-topic") || null, slowmode_seconds: slow, nsfw };
    this.attempt(
      async () => store.apply("CHANNEL_UPDATE", await api.patch(`/channels/${channel.id}`, body)),
      t("saved"),
    );
  }
}
