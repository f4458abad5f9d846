// The sounds that a server's members can play in its voice channels.

import { h } from "../../dom/element.js";
import { api, upload } from "../../server/api.js";
import { learnSounds, listen } from "../../server/soundboard.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { button, field, iconButton } from "../common/controls.js";
import { confirm, Dialog } from "../common/dialog.js";
import { emojiChoice } from "../common/emoji-choice.js";
import { icon } from "../common/icons.js";
import { Section } from "../settings/window.js";

const MOST = 24;

export class SoundboardSection extends Section {
  topics() {
    return ["sounds"];
  }

  /** A connection that begins anew has them loaded again. */
  events = { GUILD_SOUNDBOARD_UPDATE: () => {} };

  async load() {
    await learnSounds(this.properties.serverID);
  }

  get path() {
    return `/servers/${this.properties.serverID}/sounds`;
  }

  get sounds() {
    return store.state.sounds.get(this.properties.serverID) ?? [];
  }

  describe() {
    const { sounds } = this;
    return [
      h("p", { class: "soft" }, t("sound.about"), " ", t("sound.room", { count: sounds.length, limit: MOST })),
      button(t("sound.add"), () => this.#make(), { kind: "primary", disabled: sounds.length >= MOST }),
      h("ul", { class: "people sound-list" }, sounds.map((sound) => this.#entry(sound))),
    ];
  }

  #entry(sound) {
    return h(
      "li",
      { key: sound.id },
      h("span", { class: "sound-emoji", "aria-hidden": "true" }, sound.emoji ?? icon("soundboard")),
      h(
        "span",
        { class: "grow two-lines" },
        h("strong", { dir: "auto" }, sound.name),
        h(
          "span",
          { class: "soft" },
          t("sound.facts", {
            seconds: (sound.duration_ms / 1000).toFixed(1),
            count: Math.round(sound.volume * 100),
          }),
        ),
      ),
      sound.available &&
        iconButton("play", t("sound.listen", { name: sound.name }), () => this.attempt(() => listen(sound))),
      button(t("edit"), () => this.#edit(sound), { "aria-label": t("change-of", { name: sound.name }) }),
      button(t("delete"), () => this.#remove(sound), {
        kind: "danger",
        "aria-label": t("delete-of", { name: sound.name }),
      }),
    );
  }

  #keep(make) {
    const { serverID } = this.properties;
    store.apply("SOUNDS", { server_id: serverID, sounds: make(this.sounds) });
  }

  #make() {
    this.#ask(t("sound.add"), {}, async ({ name, volume, emoji }, file) => {
      const form = new FormData();
      form.append("name", name);
      form.append("volume", String(volume));
      if (emoji) form.append("emoji", emoji);
      form.append("sound", file);
      const made = await upload("POST", this.path, form);
      this.#keep((all) => [...all.filter((other) => other.id !== made.id), made]);
    });
  }

  #edit(sound) {
    this.#ask(t("change-of", { name: sound.name }), sound, async (values) => {
      const changed = await api.patch(`${this.path}/${sound.id}`, values);
      this.#keep((all) => all.map((other) => (other.id === sound.id ? changed : other)));
    });
  }

  #ask(title, sound, save) {
    const isNew = sound.id === undefined;
    const emojiOf = ({ emoji = sound.emoji ?? null }) => emoji;
    const volumeOf = ({ volume = Math.round((sound.volume ?? 1) * 100) }) => volume;
    const submit = (event) => {
      event.preventDefault();
      const find = (name) => event.target.querySelector(`#sound-${name}`);
      dialog.attempt(async () => {
        await save({
          name: find("name").value.trim(),
          volume: volumeOf(dialog.state) / 100,
          emoji: emojiOf(dialog.state),
        }, find("file")?.files[0]);
        dialog.close();
        this.render();
      });
    };
    const dialog = new Dialog(title, ({ state, isBusy }) =>
      h(
        "form",
        { onsubmit: submit },
        isNew && field(t("sound.file"), {
          id: "sound-file",
          type: "file",
          accept: "audio/ogg,audio/mpeg,.ogg,.mp3",
          required: true,
          hint: t("sound.file-hint"),
        }),
        field(t("name"), { id: "sound-name", value: sound.name ?? "", minlength: 2, maxlength: 32, required: true }),
        field(t("sound.volume", { count: volumeOf(state) }), {
          id: "sound-volume",
          type: "range",
          min: 0,
          max: 100,
          step: 5,
          value: String(volumeOf(state)),
          oninput: (event) => dialog.set({ volume: Number(event.target.value) }),
        }),
        h(
          "div",
          { class: "field" },
          h("span", { class: "label" }, t("sound.emoji")),
          emojiChoice(emojiOf(state), {
            choose: t("sound.pick-emoji"),
            remove: t("sound.drop-emoji"),
            isUnicodeOnly: true,
            onpick: (emoji) => dialog.set({ emoji }),
          }),
        ),
        h("footer", null, h("button", { class: "button primary", disabled: isBusy }, t("save"))),
      ));
  }

  async #remove(sound) {
    if (!(await confirm(t("delete"), t("sound.delete-text", { name: sound.name }), { action: t("delete") }))) return;
    await this.attempt(async () => {
      await api.delete(`${this.path}/${sound.id}`);
      this.#keep((all) => all.filter((other) => other.id !== sound.id));
    });
  }
}
