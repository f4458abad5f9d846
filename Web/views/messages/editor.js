import { h, patch } from "../../dom/element.js";
import { readEdit, writeEdit } from "../../server/drafts.js";
import { edit, remove } from "../../server/messages.js";
import { sendsWithEnter } from "../../store/settings.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { button } from "../common/controls.js";
import { attempt, confirm } from "../common/dialog.js";
import { Island } from "../common/island.js";
import { fromStored } from "../composer/mentions.js";
import { sentText } from "../composer/sent-text.js";
import { TextField } from "../composer/text-field.js";

/** Changes a message in its place. Escape gives up, Enter saves; what was begun is kept meanwhile. */
export class Editor extends Island {
  constructor({ message, isWanted, ondone }) {
    super("div", "editor");
    this.message = message;
    this.ondone = ondone;
    this.serverID = store.state.channels.get(message.channel_id)?.server_id ?? null;
    this.before = fromStored(message.content ?? "", this.serverID);
    this.field = this.own(
      new TextField({
        channelID: message.channel_id,
        label: t("message.edit"),
        value: readEdit(message.id) ?? this.before,
        onsubmit: () => this.#save(),
        oninput: (text) => writeEdit(message, text === this.before ? null : text),
        onescape: () => this.#end(),
      }),
    );
    patch(this.element, [
      h("div", { key: "field", ref: (node) => node.append(this.field.element) }),
      h(
        "div",
        { key: "actions", class: "editor-actions" },
        h("span", { class: "soft" }, t(sendsWithEnter(store.state) ? "editor.hint" : "editor.hint-ctrl")),
        button(t("cancel"), () => this.#end(), { kind: "link" }),
        button(t("save"), () => this.#save(), { kind: "link" }),
      ),
    ]);
    this.#want(isWanted);
  }

  update({ isWanted, ondone }) {
    this.ondone = ondone;
    this.#want(isWanted);
  }

  #want(isWanted) {
    if (isWanted && !this.isWanted) setTimeout(() => this.field.focus());
    this.isWanted = isWanted;
  }

  #end() {
    writeEdit(this.message, null);
    this.ondone();
  }

  async #save() {
    const text = this.field.value.trim();
    const content = await sentText(text, this.serverID);
    // Whoever has given up meanwhile, or goes on writing, is not done.
    if (this.isOver || this.field.value.trim() !== text) return;
    if (text === this.before.trim() || content === this.message.content) return this.#end();
    if (!content && this.message.attachments.length === 0) {
      if (await confirm(t("message.delete"), t("message.delete-text"), { action: t("delete") })) {
        await attempt(async () => {
          await remove(this.message);
          this.#end();
        });
      }
      return;
    }
    await attempt(async () => {
      await edit(this.message, content);
      this.before = text;
      if (this.field.value.trim() === text) this.#end();
    });
  }
}
