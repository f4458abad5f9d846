import { h } from "../../dom/element.js";
import { customEmoji } from "../../markdown/render.js";
import { api, upload } from "../../server/api.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { button } from "../common/controls.js";
import { ask, confirm } from "../common/dialog.js";
import { Section } from "../settings/window.js";

export class EmojiSection extends Section {
  topics() {
    return [`server:${this.properties.serverID}`];
  }

  async load() {
    this.state.counts = await api.get(`${this.path}/counts`);
  }

  get path() {
    return `/servers/${this.properties.serverID}/emojis`;
  }

  describe() {
    const emojis = store.state.servers.get(this.properties.serverID)?.emojis ?? [];
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
      h(
        "ul",
        { class: "people" },
        emojis.map((emoji) =>
          h(
            "li",
            { key: emoji.id },
            h("span", { class: "emoji-sample" }, customEmoji(emoji)),
            h("code", { class: "grow" }, `:${emoji.name}:`),
            button(t("rename"), () => this.#rename(emoji), { "aria-label": t("rename-of", { name: emoji.name }) }),
            button(t("delete"), () => this.#remove(emoji), {
              kind: "danger",
              "aria-label": t("delete-of", { name: emoji.name }),
            }),
          )
        ),
      ),
    ];
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

  async #rename(emoji) {
    const name = await ask(t("rename"), t("name"), { value: emoji.name, maxlength: 32, hint: t("emoji.name-hint") });
    if (name) {
      await this.attempt(async () => {
        const changed = await api.patch(`${this.path}/${emoji.id}`, { name: nameFrom(name) });
        this.#keep((all) => all.map((other) => (other.id === emoji.id ? changed : other)));
      });
    }
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
