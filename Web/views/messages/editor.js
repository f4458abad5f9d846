import { h, patch } from "../../dom/element.js";
import { edit, remove } from "../../server/messages.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { button } from "../common/controls.js";
import { attempt, confirm } from "../common/dialog.js";
import { fromStored, toStored } from "../composer/mentions.js";
import { TextField } from "../composer/text-field.js";

/** Changes a message in its place. Escape gives up, Enter saves. */
export class Editor {
  constructor({ message, ondone }) {
    this.element = document.createElement("div");
    this.element.className = "editor";
    this.message = message;
    this.ondone = ondone;
    this.serverID = store.state.channels.get(message.channel_id)?.server_id ?? null;
    this.field = new TextField({
      channelID: message.channel_id,
      label: t("message.edit"),
      value: fromStored(message.content ?? "", this.serverID),
      onsubmit: () => this.#save(),
      onescape: () => this.ondone(),
    });
    patch(this.element, [
      h("div", { key: "field", ref: (node) => node.append(this.field.element) }),
      h(
        "div",
        { key: "actions", class: "editor-actions" },
        h("span", { class: "soft" }, t("editor.hint")),
        button(t("cancel"), () => this.ondone(), { kind: "link" }),
        button(t("save"), () => this.#save(), { kind: "link" }),
      ),
    ]);
    setTimeout(() => this.field.focus());
  }

  update({ ondone }) {
    this.ondone = ondone;
  }

  destroy() {
    this.field.destroy();
  }

  async #save() {
    const content = toStored(this.field.value.trim(), this.serverID);
    if (content === this.message.content) return this.ondone();
    if (!content && this.message.attachments.length === 0) {
      if (await confirm(t("message.delete"), t("message.delete-text"), { action: t("delete") })) {
        attempt(() => remove(this.message));
      }
      return;
    }
    await attempt(async () => {
      await edit(this.message, content);
      this.ondone();
    });
  }
}
