// Messages that were asked for and stand beside the channel: pins, search hits, bookmarks.

import { store } from "./store.js";

const LOSSES = ["CHANNEL_DELETE", "THREAD_DELETE", "GUILD_DELETE"];

/**
 * What an event makes of such messages; the same list when it changes nothing of them. What was deleted is gone, what was
 * edited reads as it does now, and where a channel is not seen any more, nothing that stood there is.
 */
export function afterEvent(messages, name, data, channels) {
  if (LOSSES.includes(name)) {
    const left = messages.filter((message) => channels.has(message.channel_id));
    return left.length < messages.length ? left : messages;
  }
  const gone = { MESSAGE_DELETE: [data?.id], MESSAGE_DELETE_BULK: data?.ids }[name];
  if (gone) {
    const left = messages.filter(({ id }) => !gone.includes(id));
    return left.length < messages.length ? left : messages;
  }
  if (name !== "MESSAGE_UPDATE" || !messages.some(({ id }) => id === data.id)) return messages;
  return messages.map((message) => message.id === data.id ? { ...message, ...data } : message);
}

/** What a view does at each of these events: it is given the change that it makes of messages. */
export const messageEvents = (change) =>
  Object.fromEntries(
    ["MESSAGE_UPDATE", "MESSAGE_DELETE", "MESSAGE_DELETE_BULK", ...LOSSES].map((name) => [
      name,
      (data) => change((messages) => afterEvent(messages, name, data, store.state.channels)),
    ]),
  );

/** The ids of the messages that an event of the gateway says are gone. */
export function deletedBy(name, data) {
  if (name === "MESSAGE_DELETE") return [data.id];
  return name === "MESSAGE_DELETE_BULK" ? data.ids : [];
}
