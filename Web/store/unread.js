import { isNewer } from "../kernel/snowflake.js";
import { attention } from "./notification-settings.js";

// What is unread (docs/communities.md, Unread). The server counts; between its counts the events are added up.

/** The server tells no more apart. */
export const MOST_UNREAD = 1000;

export const initial = () => ({
  /** channel id → {unread, mentions, lastRead}. */
  readStates: new Map(),
});

export const events = {
  READY(state, ready) {
    state.readStates = new Map(ready.read_state.map((item) => [item.channel_id, readState(item)]));
    return ["unread"];
  },
  MESSAGE_ACK(state, item) {
    state.readStates.set(item.channel_id, readState(item));
    return ["unread", `unread:${item.channel_id}`];
  },
  /** The server's counts for all channels. `before` is what was known when they were asked for: what has changed since is newer. */
  UNREAD(state, { unread_counts, mention_counts, before }) {
    const channels = new Set([...state.readStates.keys(), ...Object.keys(unread_counts)]);
    for (const id of channels) {
      if (state.readStates.get(id) !== before.get(id)) continue;
      state.readStates.set(id, {
        lastRead: state.readStates.get(id)?.lastRead ?? null,
        unread: unread_counts[id] ?? 0,
        mentions: mention_counts[id] ?? 0,
      });
    }
    return ["unread"];
  },
  MESSAGE_CREATE(state, message) {
    if (!state.readStates.has(message.channel_id) && !concerns(state, message)) return [];
    const old = state.readStates.get(message.channel_id) ?? { unread: 0, mentions: 0, lastRead: null };
    if (message.author_id === state.me?.id || !isNewer(message.id, old.lastRead)) return [];
    if (state.relationships.get(message.author_id)?.status === "blocked") return [];
    state.readStates.set(message.channel_id, {
      ...old,
      unread: Math.min(MOST_UNREAD, old.unread + 1),
      mentions: Math.min(MOST_UNREAD, old.mentions + (isMentioned(state, message) ? 1 : 0)),
    });
    return ["unread", `unread:${message.channel_id}`];
  },
  CHANNEL_DELETE: (state, { id }) => forget(state, id),
  THREAD_DELETE: (state, { id, thread_id }) => forget(state, id ?? thread_id),
  THREAD_MEMBER_UPDATE: (state, { thread_id, user_id, member }) =>
    user_id === state.me?.id && !member ? forget(state, thread_id) : [],
};

/** A thread concerns who is in it. In a server nothing but threads is unknown, and one is in none of those. */
function concerns(state, message) {
  const channel = state.channels.get(message.channel_id);
  return channel ? !channel.thread || channel.thread.joined === true : !message.server_id;
}

function forget(state, channelID) {
  state.readStates.delete(channelID);
  return ["unread", `unread:${channelID}`];
}

const readState = (item) => ({
  unread: item.unread_count,
  mentions: item.mention_count,
  lastRead: item.last_read_message_id,
});

const COUNTS_ANEW = ["RELATIONSHIP_ADD", "RELATIONSHIP_REMOVE", "CHANNEL_CREATE", "GUILD_CREATE"];

/** Whether adding up does not do after an event: the server has to count again what is unread. */
export function mustCountAnew(state, name, data) {
  if (COUNTS_ANEW.includes(name)) return true;
  if (name === "USER_SETTINGS_UPDATE") return Boolean(data.settings.notifications);
  const counts = state.readStates.get(data?.channel_id);
  if (!counts?.unread) return false;
  if (name === "MESSAGE_DELETE" || name === "MESSAGE_DELETE_BULK") return true;
  // Mentions come and go as a text is changed.
  return name === "MESSAGE_UPDATE" && isNewer(data.id, counts.lastRead) &&
    (counts.mentions > 0 || isMentioned(state, data));
}

/** Whether the person has read a message, here or elsewhere. */
export function isRead(state, channelID, messageID) {
  const mark = state.readStates.get(channelID)?.lastRead;
  return Boolean(mark) && !isNewer(messageID, mark);
}

/** Whether a message speaks to the one who is logged in. */
export function isMentioned(state, message) {
  if (message.mentions.some((user) => user.id === state.me?.id)) return true;
  const channel = state.channels.get(message.channel_id);
  const { suppressesEveryone, suppressesRoles } = channel ? attention(state, channel) : {};
  if (message.mention_everyone && !suppressesEveryone) return true;
  if (suppressesRoles) return false;
  const roles = state.servers.get(message.server_id)?.member.roles ?? [];
  return message.mention_roles.some((id) => roles.includes(id));
}
