// What has become of one's own last message in a channel: it stands below it, and is asked for again when somebody has read.

import { h } from "../../dom/element.js";
import { isNewer } from "../../kernel/snowflake.js";
import { api } from "../../server/api.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { icon } from "../common/icons.js";
import { onDemand } from "../common/on-demand.js";

/** People read at once what was said; they are counted together. */
const TOGETHER_MS = 300;

/** Whether those who write in a channel are told who has read. A thread is as its channel. */
export function givesReceipts(channel) {
  if (!channel || store.state.capabilities?.read_receipts === false) return false;
  const place = store.state.channels.get(channel.thread?.parent_id) ?? channel;
  return Boolean(place.read_receipts);
}

export class Receipts {
  #timer = null;

  constructor(list) {
    this.list = list;
    list.hear((name, data) => name === "MESSAGE_READ_RECEIPT" && this.#meet(data));
    list.atEnd(() => clearTimeout(this.#timer));
  }

  /** One's own last message, if the end of the channel is loaded. */
  get last() {
    const { items = [], hasNewer } = this.list.window ?? {};
    if (hasNewer || !givesReceipts(this.list.channel)) return null;
    return items.findLast((item) => item.author_id === store.state.me.id && !item.webhook_id) ?? null;
  }

  #meet({ channel_id, last_read_message_id }) {
    const { last } = this;
    if (channel_id !== this.list.channelID || !last || isNewer(last.id, last_read_message_id)) return;
    this.#timer ??= setTimeout(() => this.#ask(), TOGETHER_MS);
  }

  async #ask() {
    this.#timer = null;
    const { last } = this;
    if (!last) return;
    try {
      const { id, channel_id, read_count, delivery_count } = await api.get(
        `/channels/${last.channel_id}/messages/${last.id}`,
      );
      store.apply("MESSAGE_RECEIPTS", { id, channel_id, read_count, delivery_count });
    } catch {
      // It is gone, or the next one who reads brings the news.
    }
  }
}

/** The line below one's own last message. */
export function renderReceipt(message, channel) {
  const { read_count, delivery_count } = message;
  if (!read_count && !delivery_count) return null;
  const isTalk = channel?.channel_type === "dm";
  const text = read_count
    ? t(isTalk ? "receipt.read" : "receipt.read-by", { count: read_count })
    : t(isTalk ? "receipt.delivered" : "receipt.delivered-to", { count: delivery_count });
  return h(
    "button",
    { type: "button", class: "plain receipt", onclick: () => onDemand.showReaders(message) },
    icon(read_count ? "check" : "send", { size: 14 }),
    h("span", null, text),
  );
}
