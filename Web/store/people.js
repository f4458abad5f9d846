// People: friends, requests and blocks, who is there, and what is known of anybody who was seen.

import { isOutdated, tell } from "./told.js";

export const initial = () => ({
  /** user id → relationship. */
  relationships: new Map(),
  /** user id → presence; who is not in it is offline. */
  presences: new Map(),
  /** user id → {id, username, display_name, avatar_url}. */
  users: new Map(),
  /** The ids of webhooks that were seen to write; what an answer tells of its original does not say so. */
  webhooks: new Set(),
  /** When what the gateway has not answered yet was asked of it (`told`); what it refuses it does not answer. */
  membersAsked: [],
});

export const events = {
  READY(state, ready) {
    state.relationships = new Map(ready.relationships.map((item) => [item.user_id, item]));
    state.presences = new Map(ready.presences.map((item) => [item.user_id, item]));
    state.membersAsked = [];
    const people = [...ready.relationships.map(asUser), ...ready.private_channels.flatMap(recipientsOf), ready.user];
    return ["relationships", "presence", ...hear(state, people)];
  },
  USER_UPDATE: (state, user) => hear(state, [user]),
  USERS: (state, { users, asked }) => know(state, users, asked),
  RELATIONSHIP_ADD(state, relationship) {
    state.relationships.set(relationship.user_id, relationship);
    if (relationship.presence) state.presences.set(relationship.user_id, relationship.presence);
    return ["relationships", "presence", ...hear(state, [asUser(relationship)])];
  },
  RELATIONSHIP_REMOVE(state, { user_id }) {
    state.relationships.delete(user_id);
    return ["relationships", "presence"];
  },
  PRESENCE_UPDATE: (state, presence) => see(state, presence),
  /** Who came, changed or went while the connection was broken. */
  RESUMED(state, { presences }) {
    state.membersAsked = [];
    return (presences ?? []).flatMap((presence) => see(state, presence));
  },
  MESSAGE_CREATE: (state, message) => hear(state, authorAndMentioned(state, message)),
  MESSAGES_LOADED: (state, { messages, asked }) =>
    know(state, messages.flatMap((message) => authorAndMentioned(state, message)), asked),
  MEMBERS_ASKED(state) {
    state.membersAsked.push(state.told);
    return [];
  },
  GUILD_MEMBERS_CHUNK(state, { members, asked }) {
    const topics = ["presence", ...know(state, members.map(asUser), asked ?? state.membersAsked[0])];
    if (asked === undefined) state.membersAsked.shift();
    return topics;
  },
  GUILD_MEMBER_ADD: (state, { member }) => hear(state, [asUser(member)]),
  GUILD_MEMBER_UPDATE: (state, { member }) => hear(state, [asUser(member)]),
  CHANNEL_CREATE: (state, channel) => hear(state, recipientsOf(channel)),
  CHANNEL_UPDATE: (state, channel) => hear(state, recipientsOf(channel)),
  CHANNELS: (state, { channels, asked }) => know(state, channels.flatMap(recipientsOf), asked),
};

const asUser = (item) => ({ ...item, id: item.user_id });

const recipientsOf = (channel) => channel.recipients ?? [];

function see(state, presence) {
  tell(state, `presence:${presence.user_id}`);
  if (presence.status === "offline") state.presences.delete(presence.user_id);
  else state.presences.set(presence.user_id, presence);
  return ["presence", `presence:${presence.user_id}`];
}

/** The gateway tells who people are. */
function hear(state, people) {
  tell(state, ...people.map(({ id }) => `user:${id}`));
  return know(state, people);
}

/** Keeps who people are. Whoever shows a name or a picture watches `users`. */
function know(state, people, asked = undefined) {
  let isNews = false;
  for (const { id, username, display_name, avatar_url } of people) {
    if (isOutdated(state, `user:${id}`, asked)) continue;
    const old = state.users.get(id);
    const user = {
      id,
      username,
      // Some answers have no display name at all; that is no news.
      display_name: display_name === undefined ? (old?.display_name ?? null) : display_name,
      avatar_url: avatar_url === undefined ? (old?.avatar_url ?? null) : avatar_url,
    };
    if (old && Object.keys(user).every((key) => user[key] === old[key])) continue;
    state.users.set(id, user);
    isNews = true;
  }
  return isNews ? ["users"] : [];
}

function authorAndMentioned(state, message) {
  const mentioned = message.mentions.filter((user) => !state.users.has(user.id));
  if (message.webhook_id) {
    state.webhooks.add(message.author_id);
    return mentioned;
  }
  const author = {
    id: message.author_id,
    username: message.author_username,
    display_name: message.author_display_name,
    avatar_url: message.author_avatar_url,
  };
  return [author, ...mentioned];
}
