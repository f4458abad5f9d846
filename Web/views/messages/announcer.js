// What a screen reader reads out of the messages that come. Each is a part of its own: a text that takes the place of another
// before that was read would silence it.

import { h, make } from "../../dom/element.js";
import { plainText } from "../../markdown/text.js";
import { nameOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t, upTo } from "../../texts/text.js";
import { mentionName, wordless } from "../common/message-text.js";

/** Whoever missed more than this hears how many they were. */
const MOST_AT_ONCE = 10;
const MOST_KEPT = 20;

export class Announcer {
  constructor(channelID) {
    this.channelID = channelID;
    this.element = make(h("div", { class: "visually-hidden", role: "log", "aria-live": "polite" }));
  }

  /**
   * @param {object[]} messages what others have written since the last time, in its order.
   * @param {{ isWhole: boolean }} about whether that is all, or older ones are not loaded.
   */
  announce(messages, { isWhole }) {
    const { length } = messages;
    const isMany = length > MOST_AT_ONCE;
    const count = upTo(length, isWhole ? Infinity : length);
    const texts = isMany ? [t("messages.new-all", { count })] : messages.map((message) => this.#text(message));
    this.element.append(...texts.map((text) => make(h("p", null, text))));
    while (this.element.childElementCount > MOST_KEPT) this.element.firstElementChild.remove();
  }

  #text(message) {
    const { author_id, author_username, content } = message;
    const serverID = store.state.channels.get(this.channelID)?.server_id ?? null;
    const name = nameOf(store.state, author_id, serverID, author_username);
    return `${name}: ${plainText(content ?? "", { name: mentionName }) || wordless(message)}`;
  }
}
