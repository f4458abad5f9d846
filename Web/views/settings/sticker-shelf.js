import { h } from "../../dom/element.js";
import { api, upload } from "../../server/api.js";
import { t } from "../../texts/text.js";
import { button, field } from "../common/controls.js";
import { confirm, Dialog } from "../common/dialog.js";
import { emojiChoice } from "../common/emoji-choice.js";
import { StillPicture } from "../common/still-picture.js";
import { Section } from "./window.js";

const MOST = 50;

/**
 * Stickers that one looks after. Subclasses give `path`, `stickers`, `keep(make)`, and `change(sticker, values)` where they can
 * be changed.
 */
export class StickerShelf extends Section {
  describe() {
    const { stickers } = this;
    return [
      h("p", { class: "soft" }, t("sticker.about"), " ", t("sticker.room", { count: stickers.length, limit: MOST })),
      button(t("sticker.add"), () => this.#make(), { kind: "primary" }),
      h("ul", { class: "sticker-shelf" }, stickers.map((sticker) => this.#entry(sticker))),
    ];
  }

  #entry(sticker) {
    return h(
      "li",
      { key: sticker.id },
      sticker.url && h(StillPicture, { key: "picture", url: sticker.url, name: sticker.name, className: "sticker" }),
      h("strong", { dir: "auto" }, sticker.name),
      h("span", { class: "soft", dir: "auto" }, [sticker.related_emoji, ...sticker.tags].filter(Boolean).join(" · ")),
      h(
        "span",
        { class: "row" },
        this.change &&
          button(t("edit"), () => this.#edit(sticker), { "aria-label": t("change-of", { name: sticker.name }) }),
        button(t("delete"), () => this.#remove(sticker), {
          kind: "danger",
          "aria-label": t("delete-of", { name: sticker.name }),
        }),
      ),
    );
  }

  #make() {
    this.#ask(t("sticker.add"), {}, async (values, file) => {
      const form = new FormData();
      form.append("name", values.name);
      form.append("tags", JSON.stringify(values.tags));
      if (values.related_emoji) form.append("related_emoji", values.related_emoji);
      if (values.description) form.append("description", values.description);
      form.append("image", file);
      const made = await upload("POST", this.path, form);
      this.keep((all) => [...all.filter((other) => other.id !== made.id), made]);
    });
  }

  #edit(sticker) {
    this.#ask(t("change-of", { name: sticker.name }), sticker, async (values) => {
      const changed = await this.change(sticker, values);
      this.keep((all) => all.map((other) => (other.id === sticker.id ? changed : other)));
    });
  }

  #ask(title, sticker, save) {
    const isNew = sticker.id === undefined;
    const submit = (event) => {
      event.preventDefault();
      const value = (name) => event.target.querySelector(`#sticker-${name}`).value.trim();
      const file = event.target.querySelector("#sticker-picture")?.files[0];
      dialog.attempt(async () => {
        await save({
          name: value("name"),
          description: value("description") || null,
          tags: value("tags").split(",").map((tag) => tag.trim()).filter(Boolean),
          related_emoji: emojiOf(dialog.state),
        }, file);
        dialog.close();
        this.render();
      });
    };
    const emojiOf = ({ emoji = sticker.related_emoji ?? null }) => emoji;
    const dialog = new Dialog(title, ({ state, isBusy }) =>
      h(
        "form",
        { onsubmit: submit },
        isNew && field(t("sticker.picture"), {
          id: "sticker-picture",
          type: "file",
          accept: "image/png,image/gif,image/webp,image/jpeg",
          required: true,
          hint: t("sticker.picture-hint"),
        }),
        field(t("name"), {
          id: "sticker-name",
          value: sticker.name ?? "",
          minlength: 2,
          maxlength: 30,
          required: true,
        }),
        field(t("sticker.description"), {
          id: "sticker-description",
          value: sticker.description ?? "",
          maxlength: 100,
        }),
        field(t("sticker.tags"), {
          id: "sticker-tags",
          value: (sticker.tags ?? []).join(", "),
          hint: t("sticker.tags-hint"),
        }),
        h(
          "div",
          { class: "field" },
          h("span", { class: "label" }, t("sticker.emoji")),
          emojiChoice(emojiOf(state), {
            choose: t("sticker.pick-emoji"),
            remove: t("sticker.drop-emoji"),
            isUnicodeOnly: true,
            onpick: (emoji) => dialog.set({ emoji }),
          }),
        ),
        h("footer", null, h("button", { class: "button primary", disabled: isBusy }, t("save"))),
      ));
  }

  async #remove(sticker) {
    const text = t("sticker.delete-text", { name: sticker.name });
    if (!(await confirm(t("delete"), text, { action: t("delete") }))) return;
    await this.attempt(async () => {
      await api.delete(`${this.path}/${sticker.id}`);
      this.keep((all) => all.filter((other) => other.id !== sticker.id));
    });
  }
}
