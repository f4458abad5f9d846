import { patch } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { pin } from "../../server/messages.js";
import { session } from "../../server/session.js";
import { inChannel } from "../../store/permissions.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { empty, failure, iconButton, spinner } from "../common/controls.js";
import { attempt } from "../common/dialog.js";
import { messageCard } from "./message-card.js";

/** The pinned messages of a channel. */
export class Pins {
  constructor({ channel }) {
    this.element = document.createElement("div");
    this.element.className = "panel-scroll";
    this.channel = channel;
    this.listener = (name, data) => name === "CHANNEL_PINS_UPDATE" && data.channel_id === channel.id && this.#load();
    session.listeners.add(this.listener);
    this.#load();
  }

  update() {}

  destroy() {
    session.listeners.delete(this.listener);
    patch(this.element, []);
  }

  async #load() {
    this.#render(this.items ? null : spinner());
    try {
      this.items = await api.get(`/channels/${this.channel.id}/pins`);
      this.#render(null);
    } catch (error) {
      this.#render(failure(error, () => this.#load()));
    }
  }

  #render(instead) {
    const mayUnpin = !this.channel.server_id || inChannel(store.state, this.channel).has("messages.manage");
    const unpin = (message) => iconButton("close", t("unpin"), () => attempt(async () => { await pin(message); await this.#load(); }), { className: "small" });
    patch(this.element, instead ?? (this.items.length === 0 ? empty("pin", t("pins.none"), t("pins.none-text")) : this.items.map((message) => messageCard(message, { actions: mayUnpin && unpin({ ...message, pinned: true }) }))));
  }
}

