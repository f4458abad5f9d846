// People: friends, requests and blocks, who is there, and what is known of anybody who was seen.

export const initial = () => ({
  /** user id → relationship. */
  relationships: new Map(),
  /** user id → presence; who is not in it is offline. */
  presences: new Map(),
  /** user id → {id, username, display_name, avatar_url}. */
  users: new Map(),
});

export const events = {
  READY(state, ready) {
    state.relationships = new Map(ready.relationships.map((item) => [item.user_id, item]));
    state.presences = new Map(ready.presences.map((item) => [item.user_id, item]));
    for (const item of ready.relationships) know(state, { id: item.user_id, ...item });
    for (const channel of ready.private_channels) for (const user of channel.recipients ?? []) know(state, user);
    know(state, ready.user);
    return ["relationships", "presence"];
  },
  USER_UPDATE(state, user) {
    know(state, user);
    return ["users"];
  },
  USERS(state, users) {
    for (const user of users) know(state, user);
    return ["users"];
  },
  RELATIONSHIP_ADD(state, relationship) {
    state.relationships.set(relationship.user_id, relationship);
    know(state, { id: relationship.user_id, ...relationship });
    if (relationship.presence) state.presences.set(relationship.user_id, relationship.presence);
    return ["relationships", "presence"];
  },
  RELATIONSHIP_REMOVE(state, { user_id }) {
    state.relationships.delete(user_id);
    return ["relationships", "presence"];
  },
  PRESENCE_UPDATE: (state, presence) => see(state, presence),
  /** Who came, changed or went while the connection was broken. */
  RESUMED: (state, { presences }) => (presences ?? []).flatMap((presence) => see(state, presence)),
  MESSAGE_CREATE(state, message) {
    knowAuthor(state, message);
  },
  MESSAGES_LOADED(state, { messages }) {
    messages.forEach((message) => knowAuthor(state, message));
  },
  GUILD_MEMBERS_CHUNK(state, { members }) {
    for (const member of members) know(state, { id: member.user_id, ...member });
    return ["presence"];
  },
  GUILD_MEMBER_ADD(state, { member }) {
    know(state, { id: member.user_id, ...member });
  },
  GUILD_MEMBER_UPDATE(state, { member }) {
    know(state, { id: member.user_id, ...member });
  },
  CHANNEL_CREATE(state, channel) {
    for (const user of channel.recipients ?? []) know(state, user);
  },
  CHANNEL_UPDATE(state, channel) {
    for (const user of channel.recipients ?? []) know(state, user);
  },
  CHANNELS(state, channels) {
    for (const channel of channels) for (const user of channel.recipients ?? []) know(state, user);
  },
};

function see(state, presence) {
  if (presence.status === "offline") state.presences.delete(presence.user_id);
  else state.presences.set(presence.user_id, presence);
  return ["presence", `presence:${presence.user_id}`];
}

function know(state, { id, username, display_name, avatar_url }) {
  const old = state.users.get(id);
  state.users.set(id, {
    id,
    username,
    // Some answers have no display name at all; that is no news.
    display_name: display_name === undefined ? (old?.display_name ?? null) : display_name,
    avatar_url: avatar_url === undefined ? (old?.avatar_url ?? null) : avatar_url,
  });
}

function knowAuthor(state, message) {
  if (message.webhook_id) return;
  know(state, {
    id: message.author_id,
    username: message.author_username,
    display_name: message.author_display_name,
    avatar_url: message.author_avatar_url,
  });
  for (const user of message.mentions) if (!state.users.has(user.id)) know(state, user);
}
