// Servers with their roles and emoji, and their members as far as they are known.

import { isOutdated, tell } from "./told.js";
import { serverNow } from "../kernel/clock.js";

export const initial = () => ({
  /** id → a server as the API gives it, with `roles` (id → role), `emojis`, `events` (id → those that are planned), `member` (one's own) and `channelIDs`. */
  servers: new Map(),
  /** server id → {byID: Map, last (of those that were loaded in order: an id), isComplete}. */
  members: new Map(),
  /** Of members who are silenced: server and user id → {serverID, until}, the end in milliseconds. */
  timeouts: new Map(),
  /** Of servers that one was in while this page was open: id → name. */
  leftServers: new Map(),
});

export const events = {
  READY(state, ready) {
    state.servers = new Map();
    // Members are loaded anew by whoever shows them.
    const known = [...state.members.keys()];
    state.members = new Map();
    for (const overview of ready.servers) keepServer(state, overview);
    return [
      "servers",
      ...ready.servers.map((item) => `server:${item.server.id}`),
      ...known.map((id) => `members:${id}`),
    ];
  },
  GUILD_CREATE(state, overview) {
    state.leftServers.delete(overview.server.id);
    keepServer(state, overview);
    return ["servers", `server:${overview.server.id}`];
  },
  GUILD_UPDATE: (state, server) => change(state, server.id, (old) => ({ ...old, ...server })),
  GUILD_DELETE(state, { id }) {
    if (state.servers.has(id)) state.leftServers.set(id, state.servers.get(id).name);
    state.servers.delete(id);
    state.members.delete(id);
    return ["servers", `server:${id}`, `members:${id}`];
  },
  GUILD_STICKERS_UPDATE: (state, { server_id, stickers }) => change(state, server_id, (old) => ({ ...old, stickers })),
  GUILD_EMOJIS_UPDATE: (state, { server_id, emojis }) => change(state, server_id, (old) => ({ ...old, emojis })),
  /** What one still has to do in a server, as it was asked for. */
  ONBOARDING_PROGRESS: (state, { server_id, progress }) =>
    change(state, server_id, (old) => ({
      ...old,
      onboarding: progress,
      member: { ...old.member, pending: progress.pending },
    })),
  GUILD_SCHEDULED_EVENT_CREATE: keepEvent,
  GUILD_SCHEDULED_EVENT_UPDATE: keepEvent,
  GUILD_SCHEDULED_EVENT_DELETE: (state, { id, server_id }) =>
    changeEvents(state, server_id, (events) => events.delete(id)),
  GUILD_SCHEDULED_EVENT_USER_ADD: (state, answer) => countAnswer(state, answer, 1),
  GUILD_SCHEDULED_EVENT_USER_REMOVE: (state, answer) => countAnswer(state, answer, -1),
  GUILD_ROLE_CREATE: keepRole,
  GUILD_ROLE_UPDATE: keepRole,
  GUILD_ROLE_DELETE: (state, { server_id, role_id, positions }) =>
    changeRoles(state, server_id, (roles) => {
      roles.delete(role_id);
      moveRoles(roles, positions);
    }),
  GUILD_MEMBER_ADD(state, { server_id, member }) {
    tell(state, `member:${server_id}:${member.user_id}`);
    keepMembers(state, server_id, [member]);
    return [
      `members:${server_id}`,
      ...change(state, server_id, (old) => ({ ...old, member_count: old.member_count + 1 })),
    ];
  },
  GUILD_MEMBER_UPDATE(state, { server_id, member }) {
    tell(state, `member:${server_id}:${member.user_id}`);
    keepMembers(state, server_id, [member]);
    const isOwn = member.user_id === state.me?.id;
    return [
      `members:${server_id}`,
      ...(isOwn ? change(state, server_id, (old) => ({ ...old, member })) : []),
    ];
  },
  GUILD_MEMBER_REMOVE(state, { server_id, user_id }) {
    tell(state, `member:${server_id}:${user_id}`);
    state.members.get(server_id)?.byID.delete(user_id);
    return [
      `members:${server_id}`,
      ...change(state, server_id, (old) => ({ ...old, member_count: Math.max(0, old.member_count - 1) })),
    ];
  },
  /**
   * Answers to REQUEST_GUILD_MEMBERS, and pages of the member list: these name their last member, and the last page says so
   * (`isComplete`).
   */
  GUILD_MEMBERS_CHUNK(state, { server_id, members, last, isComplete, asked }) {
    keepMembers(state, server_id, members, asked ?? state.membersAsked[0]);
    const known = state.members.get(server_id);
    if (last !== undefined) known.last = last;
    if (isComplete) known.isComplete = true;
    return [`members:${server_id}`];
  },
  /** Time has passed: what a timeout kept from somebody is theirs again. No event says so. */
  TICK(state) {
    const topics = [];
    for (const [key, { serverID, until }] of state.timeouts) {
      if (until > serverNow()) continue;
      state.timeouts.delete(key);
      topics.push(`members:${serverID}`);
    }
    for (const { id, member } of state.servers.values()) {
      if (!member.timeout_until || member.timeout_until * 1000 > serverNow()) continue;
      topics.push(...change(state, id, (old) => ({ ...old, member: { ...member, timeout_until: null } })));
    }
    return topics;
  },
};

function keepServer(
  state,
  { server, channels, roles, member, emojis, stickers = [], onboarding, member_count, scheduled_events = [] },
) {
  state.servers.set(server.id, {
    ...server,
    member_count,
    member,
    emojis,
    stickers,
    onboarding: onboarding ?? null,
    events: new Map(scheduled_events.map((event) => [event.id, event])),
    roles: new Map(roles.map((role) => [role.id, role])),
    channelIDs: new Set(channels.map((channel) => channel.id)),
  });
}

function change(state, id, make) {
  const server = state.servers.get(id);
  if (!server) return [];
  state.servers.set(id, make(server));
  return ["servers", `server:${id}`];
}

/** Events that are over are in nobody's way; who asks for them is given them. */
function keepEvent(state, event) {
  const isOpen = event.status === "scheduled" || event.status === "active";
  return changeEvents(state, event.server_id, (events) => {
    if (isOpen) events.set(event.id, event);
    else events.delete(event.id);
  });
}

function countAnswer(state, { event_id, server_id, status }, difference) {
  return changeEvents(state, server_id, (events) => {
    const event = events.get(event_id);
    const name = `${status}_count`;
    if (event && name in event) events.set(event_id, { ...event, [name]: Math.max(0, event[name] + difference) });
  });
}

function changeEvents(state, id, act) {
  return change(state, id, (old) => {
    const events = new Map(old.events);
    act(events);
    return { ...old, events };
  });
}

function keepRole(state, { server_id, role, positions }) {
  return changeRoles(state, server_id, (roles) => {
    roles.set(role.id, role);
    moveRoles(roles, positions);
  });
}

/** The places of the roles that were moved aside, by their ids. */
function moveRoles(roles, positions = {}) {
  for (const [id, position] of Object.entries(positions)) {
    if (roles.has(id)) roles.set(id, { ...roles.get(id), position });
  }
}

function changeRoles(state, id, act) {
  return [
    `members:${id}`,
    ...change(state, id, (old) => {
      const roles = new Map(old.roles);
      act(roles);
      return { ...old, roles };
    }),
  ];
}

function keepMembers(state, serverID, members, asked = undefined) {
  if (!state.members.has(serverID)) state.members.set(serverID, { byID: new Map(), last: null, isComplete: false });
  const { byID } = state.members.get(serverID);
  for (const member of members) {
    const { presence, ...rest } = member;
    if (!isOutdated(state, `member:${serverID}:${member.user_id}`, asked)) {
      byID.set(member.user_id, rest);
      const until = (member.timeout_until ?? 0) * 1000;
      if (until > serverNow()) state.timeouts.set(`${serverID}:${member.user_id}`, { serverID, until });
    }
    if (presence && !isOutdated(state, `presence:${member.user_id}`, asked)) {
      state.presences.set(member.user_id, {
        ...state.presences.get(member.user_id),
        user_id: member.user_id,
        status: presence,
      });
    }
  }
}
