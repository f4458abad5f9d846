// People: friends, requests and blocks, who is there, and what is known of anybody who was seen.

export const initial = () => ({
  /** user id → relationship. */
  relationships: new Map(),
  /** user id → presence; who is not in it is offline. */
  presences: new Map(),
  /** user id → {id, username, display_name, avatar_url}. */
  users: new Map(),
  /** The ids of webhooks that were seen to write; what an answer tells of its original does not say so. */
  webhooks: new Set(),
});

export const events = {
  READY(state, ready) {
    state.relationships = new Map(ready.relationships.map((item) => [item.user_id, item]));
    state.presences = new Map(ready.presences.map((item) => [item.user_id, item]));
    const people = [...ready.relationships.map(asUser), ...ready.private_channels.flatMap(recipientsOf), ready.user];
    return ["relationships", "presence", ...know(state, people)];
  },
  USER_UPDATE: (state, user) => know(state, [user]),
  USERS: know,
  RELATIONSHIP_ADD(state, relationship) {
    state.relationships.set(relationship.user_id, relationship);
    if (relationship.presence) state.presences.set(relationship.user_id, relationship.presence);
    return ["relationships", "presence", ...know(state, [asUser(relationship)])];
  },
  RELATIONSHIP_REMOVE(state, { user_id }) {
    state.relationships.delete(user_id);
    return ["relationships", "presence"];
  },
  PRESENCE_UPDATE: (state, presence) => see(state, presence),
  /** Who came, changed or went while the connection was broken. */
  RESUMED: (state, { presences }) => (presences ?? []).flatMap((presence) => see(state, presence)),
  MESSAGE_CREATE: (state, message) => know(state, authorAndMentioned(state, message)),
  MESSAGES_LOADED: (state, { messages }) =>
    know(state, messages.flatMap((message) => authorAndMentioned(state, message))),
  GUILD_MEMBERS_CHUNK: (state, { members }) => ["presence", ...know(state, members.map(asUser))],
  GUILD_MEMBER_ADD: (state, { member }) => know(state, [asUser(member)]),
  GUILD_MEMBER_UPDATE: (state, { member }) => know(state, [asUser(member)]),
  CHANNEL_CREATE: (state, channel) => know(state, recipientsOf(channel)),
  CHANNEL_UPDATE: (state, channel) => know(state, recipientsOf(channel)),
  CHANNELS: (state, channels) => know(state, channels.flatMap(recipientsOf)),
};

const asUser = (item) => ({ ...item, id: item.user_id });

const recipientsOf = (channel) => channel.recipients ?? [];

function see(state, presence) {
  if (presence.status === "offline") state.presences.delete(presence.user_id);
  else state.presences.set(presence.user_id, presence);
  return ["presence", `presence:${presence.user_id}`];
}

/** Keeps who people are. Whoever shows a name or a picture watches `users`. */
function know(state, people) {
  let isNews = false;
  for (const { id, username, display_name, avatar_url } of people) {
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
