import { h } from "../../dom/element.js";
import { customEmoji } from "../../markdown/custom-emoji.js";
import { api, upload } from "../../server/api.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { button } from "../common/controls.js";
import { confirm } from "../common/dialog.js";
import { FormSection } from "../settings/form.js";

export class EmojiSection extends FormSection {
  topics() {
    return [`server:${this.properties.serverID}`];
  }

  async load() {
    this.state.counts = await api.get(`${this.path}/counts`);
  }

  get path() {
    return `/servers/${this.properties.serverID}/emojis`;
  }

  get emojis() {
    return store.state.servers.get(this.properties.serverID)?.emojis ?? [];
  }

  values() {
    return Object.fromEntries(this.emojis.map((emoji) => [emoji.id, emoji.name]));
  }

  above() {
    const { emojis } = this;
    const still = emojis.filter((emoji) => !emoji.animated).length;
    const { counts } = this.state;
    return [
      h(
        "p",
        { class: "soft" },
        t("emoji.about"),
        " ",
        t("emoji.room", {
          count: still,
          limit: counts.max_static,
          animated: emojis.length - still,
          most: counts.max_animated,
        }),
      ),
      h(
        "label",
        { class: "button primary" },
        t("emoji.add"),
        h("input", {
          type: "file",
          accept: "image/png,image/gif,image/webp,image/jpeg",
          class: "visually-hidden",
          multiple: true,
          onchange: (event) => this.#add([...event.target.files]),
        }),
      ),
    ];
  }

  fields() {
    return h("ul", { class: "people emoji-names" }, this.emojis.map((emoji) => this.#entry(emoji)));
  }

  #entry(emoji) {
    return h(
      "li",
      { key: emoji.id },
      h("span", { class: "emoji-sample" }, customEmoji(emoji)),
      h("input", {
        ...this.text(emoji.id),
        type: "text",
        class: "grow",
        "aria-label": t("emoji.name-of", { name: emoji.name }),
        "data-hint": t("emoji.name-hint"),
        pattern: "[A-Za-z0-9_]+",
        minlength: 2,
        maxlength: 32,
        required: true,
        spellcheck: "false",
        autocomplete: "off",
      }),
      button(t("delete"), () => this.#remove(emoji), {
        kind: "danger",
        "aria-label": t("delete-of", { name: emoji.name }),
      }),
    );
  }

  async save(_, changes) {
    for (const [id, name] of Object.entries(changes)) {
      const changed = await api.patch(`${this.path}/${id}`, { name: nameFrom(name) });
      this.#keep((all) => all.map((other) => (other.id === id ? changed : other)));
      delete this.changes[id];
    }
  }

  #add(files) {
    this.attempt(async () => {
      for (const file of files) {
        const form = new FormData();
        form.append("name", nameFrom(file.name));
        form.append("image", file);
        const emoji = await upload("POST", this.path, form);
        this.#keep((all) => [...all.filter((other) => other.id !== emoji.id), emoji]);
      }
    });
  }

  #keep(make) {
    const { serverID } = this.properties;
    store.apply("GUILD_EMOJIS_UPDATE", { server_id: serverID, emojis: make(store.state.servers.get(serverID).emojis) });
  }

  async #remove(emoji) {
    if (await confirm(t("delete"), t("emoji.delete-text", { name: emoji.name }), { action: t("delete") })) {
      await this.attempt(async () => {
        await api.delete(`${this.path}/${emoji.id}`);
        this.#keep((all) => all.filter((other) => other.id !== emoji.id));
      });
    }
  }
}

/** What a file is called, as an emoji may be: `[a-z0-9_]`, 2 to 32 of them. */
const nameFrom = (text) =>
  (text.replace(/\.\w+$/, "").toLowerCase().replace(/[^a-z0-9_]+/g, "_").replace(/^_+|_+$/g, "").slice(0, 32) ||
    "emoji").padEnd(2, "_");
