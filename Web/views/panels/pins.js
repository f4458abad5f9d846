import { api } from "../../server/api.js";
import { pin } from "../../server/messages.js";
import { inChannel } from "../../store/permissions.js";
import { messageEvents } from "../../store/message-list.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { empty, iconButton } from "../common/controls.js";
import { LoadedView } from "../common/loaded-view.js";
import { messageCard } from "./message-card.js";

/** The pinned messages of a channel. */
export class Pins extends LoadedView {
  constructor(properties) {
    super(properties);
    this.hear((name, data) =>
      name === "CHANNEL_PINS_UPDATE" && data.channel_id === properties.channel.id && this.reload()
    );
  }

  events = messageEvents((change) => {
    this.state.items = change(this.state.items);
  });

  topics() {
    return ["users"];
  }

  async load() {
    this.state.items = await api.get(`/channels/${this.properties.channel.id}/pins`);
  }

  describe() {
    const { channel } = this.properties;
    const mayUnpin = !channel.server_id || inChannel(store.state, channel).has("messages.manage");
    const unpin = (message) =>
      iconButton("close", t("unpin"), () =>
        this.attempt(async () => {
          await pin({ ...message, pinned: true });
          await this.load();
        }), { className: "small" });
    const { items } = this.state;
    return items.length === 0
      ? empty("pin", t("pins.none"), t("pins.none-text"))
      : items.map((message) => messageCard(message, { actions: mayUnpin && unpin(message) }));
  }
}
