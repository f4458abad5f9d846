// Channels of every kind: those of servers, threads, and private ones.

import { isOutdated, tell } from "./told.js";

export const initial = () => ({
  /** id → channel. */
  channels: new Map(),
  /** Ids of conversations, groups and the notes. */
  privateChannels: new Set(),
  /** channel id → Map(user id → when they are taken to have stopped, by the page's clock, which nobody sets). */
  typing: new Map(),
});

/** How long somebody is shown as writing without hearing of it again (contract: gateway, Events). */
const TYPING_MS = 10_000;

const PRIVATE = new Set(["dm", "group", "notes"]);

export const events = {
  READY(state, ready) {
    const known = [...state.channels.values()];
    state.channels = new Map();
    state.privateChannels = new Set();
    for (const overview of ready.servers) for (const channel of overview.channels) keep(state, channel);
    for (const channel of ready.private_channels) keep(state, channel);
    // READY names no threads; those that were opened stay where their channel is still to be seen.
    for (const thread of known) if (thread.thread && state.channels.has(thread.thread.parent_id)) keep(state, thread);
    return ["private", ...known.map(({ id }) => `channel:${id}`)];
  },
  GUILD_CREATE(state, { channels }) {
    return channels.flatMap((channel) => keep(state, channel));
  },
  GUILD_DELETE(state, { id }) {
    const gone = [...state.channels.values()].filter((channel) => channel.server_id === id);
    return gone.flatMap((channel) => remove(state, channel.id));
  },
  CHANNEL_CREATE: hear,
  CHANNEL_UPDATE: hear,
  CHANNEL_DELETE: (state, { id }) => hearOfEnd(state, id),
  THREAD_CREATE: hear,
  THREAD_UPDATE: hear,
  THREAD_DELETE: (state, { id, thread_id }) => hearOfEnd(state, id ?? thread_id),
  THREAD_MEMBER_UPDATE: (state, { thread_id, member, member_count }) =>
    changeThread(state, thread_id, { joined: member, member_count }),
  THREAD_MEMBERS_UPDATE: (state, { id, member_count }) => changeThread(state, id, { member_count }),
  /** Channels that were asked for: threads of a channel, a conversation that was opened. */
  CHANNELS: (state, { channels, asked }) =>
    channels.flatMap((channel) => isOutdated(state, `channel:${channel.id}`, asked) ? [] : keep(state, channel)),
  MESSAGE_CREATE(state, message) {
    const channel = state.channels.get(message.channel_id);
    stop(state, message.channel_id, message.author_id);
    const topics = [`typing:${message.channel_id}`];
    if (!channel) return topics;
    state.channels.set(channel.id, { ...channel, last_message_id: message.id });
    return [...topics, ...(PRIVATE.has(channel.channel_type) ? ["private"] : [])];
  },
  TYPING_START(state, { channel_id, user_id }) {
    if (user_id === state.me?.id) return [];
    if (!state.typing.has(channel_id)) state.typing.set(channel_id, new Map());
    state.typing.get(channel_id).set(user_id, performance.now() + TYPING_MS);
    return [`typing:${channel_id}`];
  },
  TYPING_STOP(state, { channel_id, user_id }) {
    stop(state, channel_id, user_id);
    return [`typing:${channel_id}`];
  },
  /** Who typed when the connection broke is not known to do so now. */
  RESUMED(state) {
    const topics = [...state.typing.keys()].map((id) => `typing:${id}`);
    state.typing.clear();
    return topics;
  },
  /** Time has passed. */
  TICK(state) {
    const topics = [];
    for (const [channel, people] of state.typing) {
      for (const [user, until] of people) {
        if (until > performance.now()) continue;
        people.delete(user);
        topics.push(`typing:${channel}`);
      }
    }
    return topics;
  },
};

/** The gateway tells of a channel. */
function hear(state, channel) {
  tell(state, `channel:${channel.id}`);
  return keep(state, channel);
}

function hearOfEnd(state, id) {
  tell(state, `channel:${id}`);
  return remove(state, id);
}

function changeThread(state, id, change) {
  const channel = state.channels.get(id);
  if (!channel?.thread) return [];
  state.channels.set(id, { ...channel, thread: { ...channel.thread, ...change } });
  return [`channel:${id}`];
}

function keep(state, channel) {
  const known = state.channels.get(channel.id);
  // What is told to everybody does not say whether one is in it oneself.
  const thread = channel.thread &&
    { ...channel.thread, joined: channel.thread.joined ?? known?.thread?.joined ?? null };
  state.channels.set(channel.id, { ...known, ...channel, ...(thread && { thread }) });
  if (PRIVATE.has(channel.channel_type)) {
    state.privateChannels.add(channel.id);
    return ["private", `channel:${channel.id}`];
  }
  state.servers.get(channel.server_id)?.channelIDs.add(channel.id);
  return [`server:${channel.server_id}`, `channel:${channel.id}`, "unread"];
}

function remove(state, id) {
  const channel = state.channels.get(id);
  if (!channel) return [];
  state.channels.delete(id);
  state.privateChannels.delete(id);
  state.typing.delete(id);
  // Nothing tells what happens in there from now on: who comes back begins anew.
  state.messages.delete(id);
  state.servers.get(channel.server_id)?.channelIDs.delete(id);
  const threads = [...state.channels.values()].filter((other) => other.thread?.parent_id === id);
  return [
    "private",
    `server:${channel.server_id}`,
    `channel:${id}`,
    `messages:${id}`,
    "unread",
    ...threads.flatMap((thread) => remove(state, thread.id)),
  ];
}

function stop(state, channelID, userID) {
  state.typing.get(channelID)?.delete(userID);
}
