// What a visit to a channel reads: what was unread when it began, where the line "new" stands, and what the server is
// told to be read. Only what was in sight of somebody who looks is read.

import { compareIDs, isNewer } from "../../kernel/snowflake.js";
import { acknowledge } from "../../server/messages.js";
import { markRead } from "../../server/notifications.js";
import { lastReadIn } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { isMentioned, isRead } from "../../store/unread.js";

const isOfOthers = (message) => message.author_id !== store.state.me.id;

export class Reading {
  /** Nothing is read before the reader has a place, and nobody knows what is unread before the gateway has told what was missed. */
  isPlaced = false;
  /** The reader has no need of the way to the line any more. */
  isDismissed = false;
  #isKeptUnread = false;
  /** The newest message at the time when the reader last looked at the end. */
  #watchedID = null;

  constructor(channelID, place) {
    this.channelID = channelID;
    this.place = place;
    this.learn();
  }

  get #window() {
    return store.state.messages.get(this.channelID);
  }

  /** Whether what is in sight can be seen at all. */
  get isVisible() {
    return !document.hidden && this.place.isShown;
  }

  get #isPresent() {
    return this.isVisible && document.hasFocus();
  }

  /** What was read before this visit: the line "new" stands after it. */
  learn() {
    /** The last message that was read, or null. */
    this.before = lastReadIn(store.state, this.channelID);
    /** How many messages were unread. */
    this.unread = store.state.readStates.get(this.channelID)?.unread ?? 0;
  }

  /** Remembers what the reader has seen, here and on the server. */
  watch() {
    if (!this.isPlaced || !this.place.isKnown || !this.#window?.isLoaded || !this.#isPresent) return;
    if (this.place.isAtEnd) this.#watchedID = this.#window.items.at(-1)?.id ?? null;
    if (!this.#isKeptUnread) this.#acknowledge();
  }

  /** At the end everything is read; above it what was in sight, as long as nothing unread lies above that. */
  #acknowledge() {
    const { items, hasOlder, hasNewer } = this.#window;
    if (items.length === 0) return;
    if (this.place.isAtEnd) return acknowledge(this.channelID, items.at(-1).id);
    const { first, last } = this.place.seen ?? {};
    const read = lastReadIn(store.state, this.channelID);
    if (!read || !last || hasNewer || (hasOlder && compareIDs(items[0].id, read) > 0)) return;
    const unread = items.filter((item) => isNewer(item.id, read) && isOfOthers(item));
    if (unread.length === 0 || compareIDs(first, unread[0].id) > 0 || compareIDs(last, unread[0].id) < 0) return;
    const left = unread.filter((item) => isNewer(item.id, last));
    acknowledge(this.channelID, last, {
      unread: left.length,
      mentions: left.filter((item) => isMentioned(store.state, item)).length,
    });
  }

  /** What is told of a message that was read before, and was changed to name one while it is in sight, is read. */
  meet(notification) {
    const { channel_id, message_id } = notification;
    if (channel_id !== this.channelID || !this.#isPresent || !isRead(store.state, channel_id, message_id)) return;
    const { first, last } = this.place.seen ?? {};
    const message = this.#window?.items.find((item) => item.id === message_id);
    if (!message?.edited_at || !last || compareIDs(first, message_id) > 0 || compareIDs(message_id, last) > 0) return;
    markRead(notification).catch(() => {});
  }

  /** What comes while nobody looks at the end has its line. */
  notice() {
    if (this.#watchedID === null || (this.#isPresent && this.place.isAtEnd) || this.#isKeptUnread) return;
    const missed = this.#window.items.filter((item) => isNewer(item.id, this.#watchedID) && isOfOthers(item));
    if (missed.length === 0) return;
    if (!this.hasMissed) this.isDismissed = false;
    this.before = this.#watchedID;
    this.unread = missed.length;
  }

  /** Whether the line stands above what came during this visit. */
  get hasMissed() {
    return this.#watchedID !== null && this.before === this.#watchedID;
  }

  /** The message that the line "new" stands above, if it is loaded. */
  get firstNew() {
    const { items, hasOlder } = this.#window;
    // Where what was read last is not loaded, the true one may lie further up.
    if (this.unread === 0 || items.length === 0 || (hasOlder && isNewer(items[0].id, this.before))) return null;
    return items.find((message) => isOfOthers(message) && isNewer(message.id, this.before));
  }

  /** From this message on everything stays unread until the next visit. */
  keepUnread(message) {
    this.#isKeptUnread = true;
    const { items } = this.#window;
    const index = items.findIndex((item) => item.id === message.id);
    this.before = items[index - 1]?.id ?? null;
    this.unread = items.length - index;
    this.isDismissed = false;
  }
}
