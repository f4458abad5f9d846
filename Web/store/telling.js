// Which messages a person is told of.

import { attention } from "./notification-settings.js";
import { readSetting } from "./settings.js";
import { isMentioned, isRead } from "./unread.js";

/**
 * What is to be told of messages: whether there is a sound, and of which there is a notification, one for each channel.
 * @param {{channel: string}|null} front what the window that has the focus shows.
 */
export function toTell(state, messages, front) {
  const unseen = messages.filter((message) =>
    message.channel_id !== front?.channel && !isRead(state, message.channel_id, message.id) &&
    isWorthTelling(state, message)
  );
  const newest = new Map(unseen.map((message) => [message.channel_id, message]));
  return { hasSound: unseen.length > 0, newest: front ? [] : [...newest.values()] };
}

/** Whether a message is worth a notification, by what the person has set. */
function isWorthTelling(state, message) {
  const channel = state.channels.get(message.channel_id);
  if (!channel || message.author_id === state.me?.id) return false;
  if (state.relationships.get(message.author_id)?.status === "blocked") return false;
  if (readSetting(state, "client.presence").status === "dnd") return false;
  const { isMuted, level } = attention(state, channel);
  if (isMuted || level === "none") return false;
  return level === "all" || isMentioned(state, message);
}
