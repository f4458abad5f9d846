// Questions to the state that several views ask.

import { compareIDs, idAt } from "../kernel/snowflake.js";
import { isKeptBack } from "./adults.js";
import { attention } from "./notification-settings.js";
import { inChannel, inServer } from "./permissions.js";
import { readSetting } from "./settings.js";

/** How somebody is called: in a server by their nickname there. */
export function nameOf(state, userID, serverID = null, fallback = null) {
  const member = serverID ? state.members.get(serverID)?.byID.get(userID) : null;
  const user = state.users.get(userID);
  return member?.nickname || user?.display_name || user?.username || fallback || userID;
}

/** Somebody's picture: `{url, name, id}`. */
export function avatarOf(state, userID) {
  const user = state.users.get(userID);
  return { url: user?.avatar_url ?? null, name: user?.display_name ?? user?.username ?? "", id: userID };
}

/** A server's picture, in the same form. */
export const iconOf = (server) => ({ url: server.icon_url, name: server.name, id: server.id });

export const statusOf = (state, userID) => state.presences.get(userID)?.status ?? "offline";

/** The last message that was read in a channel; what was said before one came to a server is not new. Null: nothing was. */
export function lastReadIn(state, channelID) {
  const { lastRead } = state.readStates.get(channelID) ?? {};
  const joinedAt = state.servers.get(state.channels.get(channelID)?.server_id)?.member?.joined_at;
  return lastRead ?? (joinedAt ? idAt(joinedAt * 1000) : null);
}

export const isBlocked = (state, userID) => state.relationships.get(userID)?.status === "blocked";

/** How many characters a message may have. */
export const longestMessage = (state) => state.capabilities?.max_message_length ?? 4000;

/** The others in a private channel. */
export const othersIn = (state, channel) => (channel.recipients ?? []).filter((user) => user.id !== state.me?.id);

/** A channel's name as a person would say it. That of a thread for adults is part of what is kept back. */
export function channelName(state, channel, t) {
  if (!channel) return "";
  if (channel.channel_type === "notes") return t("notes");
  if (channel.channel_type === "dm") {
    const [other] = othersIn(state, channel);
    return other ? nameOf(state, other.id, null, other.username) : channel.name;
  }
  if (channel.channel_type === "group") {
    return channel.name || othersIn(state, channel).map((user) => nameOf(state, user.id)).join(", ") || t("group");
  }
  return channel.thread && isKeptBack(state, channel) ? t("thread") : channel.name;
}

/** The colour of a member's name: that of their highest role that has one. */
export function colorOf(server, roleIDs) {
  let best = null;
  for (const id of roleIDs ?? []) {
    const role = server.roles.get(id);
    if (role?.color && (!best || role.position > best.position)) best = role;
  }
  return best?.color ?? null;
}

/** Private channels, the latest conversation first. */
export function privateChannels(state) {
  return [...state.privateChannels]
    .map((id) => state.channels.get(id))
    .filter((channel) => channel && channel.channel_type !== "notes")
    .sort((a, b) => compareIDs(b.last_message_id ?? b.id, a.last_message_id ?? a.id));
}

/** A server's channels as they stand in the list: `[{category, channels}]`, first those without a category. */
export function channelTree(state, serverID) {
  const server = state.servers.get(serverID);
  if (!server) return [];
  const channels = [...server.channelIDs].map((id) => state.channels.get(id)).filter((item) => item && !item.thread);
  const order = (a, b) => a.position - b.position || compareIDs(a.id, b.id);
  const categories = channels.filter((item) => item.channel_type === "category").sort(order);
  const known = new Set(categories.map((item) => item.id));
  const inside = (id) =>
    channels
      .filter((item) =>
        item.channel_type !== "category" && (id === null ? !known.has(item.category_id) : item.category_id === id)
      )
      .sort(order);
  return [
    { category: null, channels: inside(null) },
    ...categories.map((category) => ({ category, channels: inside(category.id) })),
  ];
}

/** What is planned in a server, as far as one sees it: what goes on or is next comes first. */
export function plannedEvents(state, serverID) {
  const rights = inServer(state, serverID);
  const sees = ({ channel_id }) =>
    channel_id === null
      ? rights.has("events.view")
      : inChannel(state, state.channels.get(channel_id)).has("events.view");
  return [...(state.servers.get(serverID)?.events.values() ?? [])].filter(sees)
    .sort((a, b) => a.next_starts_at - b.next_starts_at || compareIDs(a.id, b.id));
}

/** The channel that a server opens with: where one was last, else its default, else the first. */
export function firstChannel(state, serverID) {
  const last = state.channels.get(readSetting(state, "client.last_channels")[serverID]);
  if (last) return last;
  const server = state.servers.get(serverID);
  const chosen = state.channels.get(server?.default_channel_id);
  if (chosen) return chosen;
  return channelTree(state, serverID).flatMap((group) => group.channels).find((channel) =>
    channel.channel_type !== "voice"
  ) ?? null;
}

/** What is unread in a channel, as its place in the list shows it. */
export function unreadIn(state, channel) {
  const counts = state.readStates.get(channel.id);
  if (!counts) return { unread: 0, mentions: 0 };
  const isPrivate = !channel.server_id;
  if (attention(state, channel).isMuted) return { unread: 0, mentions: counts.mentions };
  return { unread: counts.unread, mentions: isPrivate ? counts.unread : counts.mentions };
}

/** What is unread in each server and in private: `Map(server id or "@me" → {unread, mentions})`. */
export function unreadByPlace(state) {
  const places = new Map();
  for (const id of state.readStates.keys()) {
    const channel = state.channels.get(id);
    if (!channel) continue;
    const { unread, mentions } = unreadIn(state, channel);
    if (!unread && !mentions) continue;
    const place = places.get(channel.server_id ?? "@me") ?? { unread: 0, mentions: 0 };
    place.unread += unread;
    place.mentions += mentions;
    places.set(channel.server_id ?? "@me", place);
  }
  return places;
}
