// What one may do, by the rules of the server (contract: REST, Permissions), so that nothing is offered that would be
// refused. The server decides all the same.

import { serverNow } from "../kernel/clock.js";

/** In the order in which editors show them. */
export const PERMISSIONS = {
  general: [
    "channels.view",
    "channels.manage",
    "roles.manage",
    "emojis.manage",
    "server.view_audit_log",
    "webhooks.manage",
    "server.manage",
    "server.automod",
    "administrator",
  ],
  members: [
    "invites.create",
    "invites.manage",
    "members.change_nickname",
    "members.manage_nicknames",
    "members.manage_roles",
    "members.kick",
    "members.ban",
    "members.timeout",
  ],
  messages: [
    "messages.read",
    "messages.send",
    "messages.create_threads",
    "messages.create_private_threads",
    "messages.embed_links",
    "messages.attach_files",
    "messages.add_reactions",
    "messages.use_external_emojis",
    "messages.use_external_stickers",
    "messages.send_voice",
    "polls.create",
    "messages.mention_everyone",
    "messages.manage",
    "threads.manage",
    "messages.bypass_slowmode",
  ],
  voice: [
    "voice.connect",
    "voice.speak",
    "voice.video",
    "voice.stream",
    "voice.use_vad",
    "voice.priority_speaker",
    "voice.request_to_speak",
    "voice.use_soundboard",
    "voice.mute_members",
    "voice.deafen_members",
    "voice.move_members",
  ],
  events: ["events.view", "events.create", "events.manage"],
};

/** Those that can stand in a channel's overwrites. */
export const CHANNEL_PERMISSIONS = [
  "channels.view",
  "channels.manage",
  "roles.manage",
  "webhooks.manage",
  "invites.create",
  ...PERMISSIONS.messages,
  ...PERMISSIONS.voice,
  ...PERMISSIONS.events,
];

const ALL = Object.values(PERMISSIONS).flat();
const IN_TIMEOUT = ["channels.view", "messages.read", "events.view"];
const IN_PRIVATE = [
  "channels.view",
  "messages.read",
  "messages.send",
  "messages.embed_links",
  "messages.attach_files",
  "messages.add_reactions",
  "messages.use_external_emojis",
  "messages.use_external_stickers",
  "messages.send_voice",
  "polls.create",
  "messages.pin",
];

/** The permissions of the one who is logged in, in a server. A set of names. */
export function inServer(state, serverID) {
  const server = state.servers.get(serverID);
  if (!server) return new Set();
  return permissions(state, server, null);
}

/** The same in a channel. */
export function inChannel(state, channel) {
  if (!channel) return new Set();
  if (!channel.server_id) {
    return new Set(
      channel.channel_type === "group" && channel.owner_id === state.me?.id
        ? [...IN_PRIVATE, "messages.manage"]
        : [...IN_PRIVATE],
    );
  }
  const server = state.servers.get(channel.server_id);
  if (!server) return new Set();
  const place = channel.thread ? state.channels.get(channel.thread.parent_id) : channel;
  const own = place?.overwrites ?? [];
  const category = state.channels.get(place?.category_id)?.overwrites ?? [];
  return permissions(state, server, own.length > 0 ? own : category);
}

/** Whether one may begin a thread or a post: its name is something said. */
export function mayStartThread(state, channel) {
  const rights = inChannel(state, channel);
  return rights.has("messages.create_threads") && rights.has("messages.send");
}

/** The channel whose settings count: a thread's is the one that it is in. */
const decisive = (state, channel) => (channel?.thread ? state.channels.get(channel.thread.parent_id) : channel);

/** Whether a message may be handed on at all, and to a channel if one is given. */
export function mayForward(state, message, target = null) {
  if (message.poll || state.capabilities?.forwarding === false) return false;
  const channel = state.channels.get(message.channel_id);
  const origin = decisive(state, channel);
  if (origin?.forwarding === false && !inChannel(state, channel).has("messages.manage")) return false;
  return !target || !origin?.nsfw || Boolean(decisive(state, target)?.nsfw);
}

/** Whether one may begin a thread that only those see who are brought into it. */
export function mayStartPrivateThread(state, channel) {
  const rights = inChannel(state, channel);
  return channel.channel_type === "text" && rights.has("messages.create_private_threads") &&
    rights.has("messages.send");
}

/** Whether one may bring others into a thread: any member of an open or invitable one, its owner, who manages threads. */
export function mayBringInto(state, channel, members) {
  const rights = inChannel(state, channel);
  if (!rights.has("messages.send") || (channel.thread.locked && !mayModerateThread(state, channel))) return false;
  if (channel.owner_id === state.me.id || rights.has("threads.manage")) return true;
  const isOpen = channel.thread.thread_type !== "private" || channel.thread.invitable;
  return isOpen && members.some((member) => member.user_id === state.me.id);
}

/** Whether one does all to a thread: who manages threads to any, who manages messages to public ones. */
export function mayModerateThread(state, channel) {
  const rights = inChannel(state, channel);
  return rights.has("threads.manage") || (channel.thread.thread_type !== "private" && rights.has("messages.manage"));
}

/** Until when a member is silenced, in milliseconds; null when they are not. */
export function timeoutOf(member) {
  const until = (member?.timeout_until ?? 0) * 1000;
  return until > serverNow() ? until : null;
}

/** Whether one may only look on in a server: also what takes no permission of its own is not for one. */
export function isSilenced(state, serverID) {
  const server = state.servers.get(serverID);
  if (!server || !looksOn(server.member)) return false;
  return !inServer(state, serverID).has("administrator");
}

/** Whether a member is silenced, or still has to agree to the rules or to answer what newcomers are asked. */
const looksOn = (member) => member.pending || timeoutOf(member) !== null;

function permissions(state, server, overwrites) {
  if (server.owner_id === state.me?.id) return new Set(ALL);
  const everyone = [...server.roles.values()].find((role) => role.is_default);
  const roles = server.member.roles.map((id) => server.roles.get(id)).filter(Boolean);
  const granted = new Set(
    [everyone, ...roles].filter(Boolean).flatMap((role) => ALL.filter((name) => role.permissions[name])),
  );
  if (granted.has("administrator")) return new Set(ALL);
  if (overwrites) overwrite(granted, overwrites, everyone, roles, state.me.id);
  return looksOn(server.member) ? new Set(IN_TIMEOUT.filter((name) => granted.has(name))) : granted;
}

function overwrite(granted, overwrites, everyone, roles, userID) {
  const of = (id) => overwrites.find((item) => item.id === id);
  const steps = [[of(everyone?.id)], roles.map((role) => of(role.id)), [of(userID)]];
  for (const step of steps) {
    const found = step.filter(Boolean);
    for (const item of found) item.deny.forEach((name) => granted.delete(name));
    for (const item of found) item.allow.forEach((name) => granted.add(name));
  }
  if (!granted.has("channels.view")) granted.clear();
}

/** How high somebody stands; the owner above every role. */
export function rank(server, userID, roleIDs) {
  if (server.owner_id === userID) return Infinity;
  return Math.max(0, ...roleIDs.map((id) => server.roles.get(id)?.position ?? 0));
}
