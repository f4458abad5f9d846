import assert from "node:assert/strict";
import { test } from "node:test";
import { inChannel } from "../../../Web/store/permissions.js";
import { emptyState, reducers } from "../../../Web/store/reducers.js";
import { LONGEST_WINDOW } from "../../../Web/store/messages.js";
import * as told from "../../../Web/store/told.js";

const message = (id, more = {}) => ({
  id: String(id),
  channel_id: "9",
  server_id: null,
  author_id: "2",
  author_username: "bob",
  author_display_name: null,
  author_avatar_url: null,
  content: `m${id}`,
  mentions: [],
  mention_roles: [],
  mention_everyone: false,
  reactions: [],
  attachments: [],
  embeds: [],
  poll: null,
  webhook_id: null,
  ...more,
});

function begin() {
  const state = emptyState();
  const ready = {
    user: { id: "1", username: "alice" },
    servers: [],
    private_channels: [],
    relationships: [],
    read_state: [],
    settings: {},
    presences: [],
  };
  reducers.READY(state, ready);
  return state;
}

const loaded = (state, side, messages, about = {}) => {
  if (!state.messages.get("9")?.isLoading) reducers.MESSAGES_LOADING(state, { channel_id: "9" });
  reducers.MESSAGES_LOADED(state, { channel_id: "9", side, messages, hasOlder: true, hasNewer: false, ...about });
};
const ids = (state) => state.messages.get("9").items.map((item) => Number(item.id));
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, index) => message(from + index));

test("a message comes once, whatever the order of answer and event", () => {
  const state = begin();
  loaded(state, "latest", range(1, 3));
  reducers.MESSAGE_CREATE(state, message(5));
  reducers.MESSAGE_CREATE(state, message(4));
  reducers.MESSAGE_CREATE(state, message(5));
  assert.deepEqual(ids(state), [1, 2, 3, 4, 5]);
});

test("what happens while a page is on its way is not lost", () => {
  const state = begin();
  loaded(state, "latest", range(1, 3));
  reducers.MESSAGES_LOADING(state, { channel_id: "9" });
  reducers.MESSAGE_CREATE(state, message(6));
  reducers.MESSAGE_DELETE(state, { id: "2", channel_id: "9" });
  reducers.MESSAGE_UPDATE(state, message(1, { content: "changed" }));
  // The page was read before all of that.
  loaded(state, "latest", range(1, 5));
  assert.deepEqual(ids(state), [1, 3, 4, 5, 6]);
  assert.equal(state.messages.get("9").items[0].content, "changed");
});

test("the window never grows beyond its bound and lets go at the other end", () => {
  const state = begin();
  loaded(state, "latest", range(1000, 1100));
  for (let first = 950; first > 0; first -= 50) loaded(state, "older", range(first, first + 49));
  assert.ok(state.messages.get("9").items.length <= LONGEST_WINDOW);
  assert.equal(state.messages.get("9").hasNewer, true);
  assert.equal(ids(state)[0], 50);
  // What is new belongs to the end, which is not here.
  reducers.MESSAGE_CREATE(state, message(2000));
  assert.ok(!ids(state).includes(2000));
});

test("one's own reaction counts once, though it is shown before the event comes", () => {
  const state = begin();
  loaded(state, "latest", [message(1, { reactions: [{ emoji: "🐦", count: 1, me: false }] })]);
  const event = { message_id: "1", channel_id: "9", user_id: "1", emoji: "🐦" };
  reducers.MESSAGE_REACTION_ADD(state, event);
  reducers.MESSAGE_REACTION_ADD(state, event);
  assert.deepEqual(state.messages.get("9").items[0].reactions, [{ emoji: "🐦", count: 2, me: true }]);
  reducers.MESSAGE_UPDATE(state, message(1, { reactions: [{ emoji: "🐦", count: 2, me: null }] }));
  assert.equal(state.messages.get("9").items[0].reactions[0].me, true);
  reducers.MESSAGE_REACTION_REMOVE(state, event);
  reducers.MESSAGE_REACTION_REMOVE(state, event);
  assert.deepEqual(state.messages.get("9").items[0].reactions, [{ emoji: "🐦", count: 1, me: false }]);
});

test("what is said in a thread counts for those who are in it", () => {
  const state = begin();
  state.channels.set("9", { id: "9", thread: { parent_id: "8" } });
  reducers.MESSAGE_CREATE(state, message(6));
  assert.equal(state.readStates.has("9"), false);
  reducers.MESSAGE_ACK(state, { channel_id: "9", unread_count: 0, mention_count: 0, last_read_message_id: "5" });
  reducers.MESSAGE_CREATE(state, message(7));
  assert.equal(state.readStates.get("9").unread, 1);
  reducers.THREAD_MEMBER_UPDATE(state, { thread_id: "9", user_id: "1", member: false });
  assert.equal(state.readStates.has("9"), false);
});

test("unread counts what others said since the mark, and nothing of whom one has blocked", () => {
  const state = begin();
  reducers.MESSAGE_ACK(state, { channel_id: "9", unread_count: 0, mention_count: 0, last_read_message_id: "5" });
  reducers.MESSAGE_CREATE(state, message(4));
  reducers.MESSAGE_CREATE(state, message(6, { author_id: "1" }));
  reducers.MESSAGE_CREATE(state, message(7, { mentions: [{ id: "1", username: "alice", display_name: null }] }));
  reducers.RELATIONSHIP_ADD(state, { user_id: "3", username: "carol", status: "blocked" });
  reducers.MESSAGE_CREATE(state, message(8, { author_id: "3" }));
  assert.deepEqual(state.readStates.get("9"), { unread: 1, mentions: 1, lastRead: "5" });
});

test("a count of the server takes nothing back that has come since it was asked for", () => {
  const state = begin();
  reducers.MESSAGE_ACK(state, { channel_id: "9", unread_count: 3, mention_count: 0, last_read_message_id: "1" });
  const before = new Map(state.readStates);
  reducers.MESSAGE_ACK(state, { channel_id: "9", unread_count: 0, mention_count: 0, last_read_message_id: "4" });
  reducers.UNREAD(state, { unread_counts: { 9: 3, 10: 2 }, mention_counts: { 10: 1 }, before });
  assert.deepEqual(state.readStates.get("9"), { unread: 0, mentions: 0, lastRead: "4" });
  assert.deepEqual(state.readStates.get("10"), { unread: 2, mentions: 1, lastRead: null });
  reducers.UNREAD(state, { unread_counts: {}, mention_counts: {}, before: new Map(state.readStates) });
  assert.equal(state.readStates.get("10").unread, 0);
});

test("who somebody else is changes nothing of one's own account", () => {
  const state = begin();
  reducers.USER_UPDATE(state, { id: "2", username: "bob", display_name: "Bob the Bird", avatar_url: null });
  assert.equal(state.me.username, "alice");
  assert.equal(state.users.get("2").display_name, "Bob the Bird");
  reducers.USER_UPDATE(state, { id: "1", username: "alicia", display_name: null, avatar_url: null });
  assert.equal(state.me.username, "alicia");
  // In a maintenance there is no READY, and one asks who one is.
  const closed = emptyState();
  reducers.USER_UPDATE(closed, { id: "1", username: "alice", display_name: null, avatar_url: null });
  assert.equal(closed.me.username, "alice");
});

test("permissions are those of the server's rules", () => {
  const state = begin();
  const role = (id, position, names, more = {}) => ({
    id,
    server_id: "7",
    name: id,
    position,
    permissions: Object.fromEntries(names.map((name) => [name, true])),
    is_default: position === 0,
    ...more,
  });
  const overview = {
    server: { id: "7", name: "nest", owner_id: "2" },
    member_count: 2,
    emojis: [],
    roles: [role("10", 0, ["channels.view", "messages.send"]), role("11", 1, ["messages.manage"])],
    member: { user_id: "1", roles: ["11"] },
    channels: [
      {
        id: "20",
        server_id: "7",
        channel_type: "category",
        overwrites: [{ id: "10", type: "role", allow: [], deny: ["messages.send"] }],
      },
      { id: "21", server_id: "7", channel_type: "text", category_id: "20", overwrites: [] },
      {
        id: "22",
        server_id: "7",
        channel_type: "text",
        category_id: "20",
        overwrites: [{ id: "10", type: "role", allow: [], deny: ["messages.send"] }, {
          id: "11",
          type: "role",
          allow: ["messages.send"],
          deny: [],
        }],
      },
      {
        id: "23",
        server_id: "7",
        channel_type: "text",
        category_id: null,
        overwrites: [{ id: "1", type: "member", allow: [], deny: ["channels.view"] }],
      },
    ],
  };
  reducers.GUILD_CREATE(state, overview);
  const rights = (id) => inChannel(state, state.channels.get(id));
  assert.ok(!rights("21").has("messages.send"), "the category's overwrites hold where there are no own ones");
  assert.ok(rights("22").has("messages.send"), "a role's allowance wins over @everyone's denial");
  assert.equal(rights("23").size, 0, "without sight there is nothing");
  state.servers.get("7").member.timeout_until = Date.now() / 1000 + 60;
  assert.deepEqual([...rights("22")], ["channels.view"]);
  state.servers.get("7").member.timeout_until = null;
  assert.ok(rights("22").has("messages.send"));
  reducers.ONBOARDING_PROGRESS(state, { server_id: "7", progress: { pending: true } });
  assert.deepEqual([...rights("22")], ["channels.view"], "a newcomer who has something to do first looks on");
  state.servers.get("7").owner_id = "1";
  assert.ok(rights("23").has("administrator"));
});

test("one event moves all the roles that have made room", () => {
  const state = begin();
  const role = (id, position) => ({
    id,
    server_id: "7",
    name: id,
    position,
    permissions: {},
    is_default: position === 0,
  });
  reducers.GUILD_CREATE(state, {
    server: { id: "7", name: "nest", owner_id: "2" },
    member_count: 1,
    emojis: [],
    channels: [],
    roles: [role("10", 0), role("11", 1), role("12", 2)],
    member: { user_id: "1", roles: [] },
  });
  const order = () =>
    [...state.servers.get("7").roles.values()].sort((a, b) => a.position - b.position).map((item) => item.id);
  reducers.GUILD_ROLE_UPDATE(state, { server_id: "7", role: role("11", 2), positions: { 12: 1, 99: 5 } });
  assert.deepEqual(order(), ["10", "12", "11"]);
  reducers.GUILD_ROLE_CREATE(state, { server_id: "7", role: role("13", 1), positions: { 11: 3, 12: 2 } });
  assert.deepEqual(order(), ["10", "13", "12", "11"]);
  reducers.GUILD_ROLE_DELETE(state, { server_id: "7", role_id: "12", positions: { 11: 2 } });
  assert.deepEqual(order(), ["10", "13", "11"]);
  assert.equal(state.servers.get("7").roles.get("11").position, 2);
});

test("losing sight of a channel or server takes everything of it along", () => {
  const state = begin();
  reducers.GUILD_CREATE(state, {
    server: { id: "7", owner_id: "2" },
    member_count: 1,
    emojis: [],
    roles: [],
    member: { user_id: "1", roles: [] },
    channels: [{ id: "9", server_id: "7", channel_type: "text", overwrites: [] }],
  });
  loaded(state, "latest", range(1, 3));
  reducers.MESSAGE_CREATE(state, message(4));
  reducers.CHANNEL_DELETE(state, { id: "9", server_id: "7" });
  assert.ok(!state.channels.has("9") && !state.messages.has("9") && !state.readStates.has("9"));
  reducers.GUILD_DELETE(state, { id: "7" });
  assert.ok(!state.servers.has("7"));
});

test("who comes back to a server begins anew with its messages, also when a page was on its way", () => {
  const state = begin();
  const overview = {
    server: { id: "7", owner_id: "2" },
    member_count: 1,
    emojis: [],
    roles: [],
    member: { user_id: "1", roles: [] },
    channels: [
      { id: "9", server_id: "7", channel_type: "text", overwrites: [] },
      { id: "19", server_id: "7", channel_type: "thread", overwrites: [], thread: { parent_id: "9" } },
    ],
  };
  reducers.GUILD_CREATE(state, overview);
  loaded(state, "latest", range(1, 3));
  reducers.MESSAGES_LOADING(state, { channel_id: "9" });
  reducers.GUILD_DELETE(state, { id: "7" });
  assert.ok(!state.messages.has("9"));
  reducers.MESSAGES_LOADED(state, { channel_id: "9", side: "latest", messages: range(1, 3) });
  reducers.MESSAGES_FAILED(state, { channel_id: "9", error: new Error() });
  assert.ok(!state.messages.has("9"));
  reducers.GUILD_CREATE(state, overview);
  reducers.CHANNEL_DELETE(state, { id: "9" });
  assert.ok(!state.channels.has("19"), "threads go with their channel");
});

test("what RESUMED says of presences is taken, and nobody types any more", () => {
  const state = begin();
  reducers.PRESENCE_UPDATE(state, { user_id: "2", status: "online" });
  reducers.PRESENCE_UPDATE(state, { user_id: "3", status: "idle" });
  reducers.TYPING_START(state, { channel_id: "9", user_id: "2" });
  const topics = reducers.RESUMED(state, {
    presences: [{ user_id: "2", status: "offline" }, { user_id: "4", status: "dnd", custom_status: "busy" }],
  });
  assert.deepEqual([...state.presences.keys()], ["3", "4"]);
  assert.equal(state.presences.get("4").custom_status, "busy");
  assert.equal(state.typing.size, 0);
  assert.ok(["typing:9", "presence", "presence:2", "presence:4"].every((topic) => topics.includes(topic)));
  assert.deepEqual(reducers.RESUMED(state, {}), [], "an older server says nothing");
});

test("a message that has come through waits no longer, whether the event or a page says so", () => {
  const own = message(5, { author_id: "1", nonce: "a" });
  const arrivals = [(state) => reducers.MESSAGE_CREATE(state, own), (state) => loaded(state, "latest", [own])];
  for (const arrive of arrivals) {
    const state = begin();
    reducers.OUTBOX(state, [{ nonce: "a", channel_id: "9" }, { nonce: "b", channel_id: "9" }]);
    // Somebody else's nonce may be the same.
    reducers.MESSAGE_CREATE(state, message(4, { nonce: "b" }));
    arrive(state);
    assert.deepEqual(state.outbox.map((item) => item.nonce), ["b"]);
  }
});

test("what happens while the inbox is loaded is not lost to an older answer", () => {
  const state = begin();
  const apply = (name, data) => reducers[name](state, data);
  const item = (id, read = false) => ({ id, type: "mention", read });
  apply("NOTIFICATIONS_LOADING");
  apply("NOTIFICATION_CREATE", item("3"));
  apply("NOTIFICATION_UPDATE", item("2", true));
  apply("NOTIFICATION_DELETE", { id: "1" });
  apply("NOTIFICATIONS", [item("2"), item("1")]);
  assert.deepEqual(state.notifications.items, [item("3"), item("2", true)]);
  assert.equal(state.notifications.unread, 1);
  apply("NOTIFICATIONS", [item("2")]);
  assert.deepEqual(state.notifications.items, [item("2")], "and happens once");
});

test("what was kept of the last visit is shown until the server tells more", () => {
  const state = emptyState();
  const topics = reducers.KEPT(state, { me: { id: "1", username: "alice" }, settings: { theme: "dark" } });
  assert.equal(state.isReady, true);
  assert.equal(state.me.username, "alice");
  assert.deepEqual(state.settings, { theme: "dark" });
  assert.ok(topics.includes("me") && topics.includes("settings"));
});

test("an answer changes nothing of what was told since it was asked for", () => {
  const state = begin();
  const member = (name, more = {}) => ({ user_id: "2", username: "bob", display_name: name, roles: [], ...more });
  const event = (name, more) => ({ server_id: "7", member: member(name, more) });
  const chunk = (name, more) => ({ server_id: "7", members: [member(name, { presence: "idle" })], ...more });
  const known = () => [state.users.get("2")?.display_name, state.members.get("7").byID.get("2")?.display_name];

  const asked = state.told;
  reducers.GUILD_MEMBER_UPDATE(state, event("new"));
  reducers.PRESENCE_UPDATE(state, { user_id: "2", status: "dnd" });
  reducers.GUILD_MEMBERS_CHUNK(state, chunk("old", { asked }));
  reducers.USERS(state, { users: [{ id: "2", username: "bob", display_name: "old" }], asked });
  reducers.MESSAGES_LOADING(state, { channel_id: "9" });
  loaded(state, "latest", [message(1, { author_display_name: "old" })], { asked });
  assert.deepEqual(known(), ["new", "new"]);
  assert.equal(state.presences.get("2").status, "dnd");

  reducers.MEMBERS_ASKED(state);
  reducers.GUILD_MEMBER_UPDATE(state, event("newer"));
  reducers.MEMBERS_ASKED(state);
  reducers.GUILD_MEMBERS_CHUNK(state, chunk("old"));
  assert.deepEqual(known(), ["newer", "newer"], "the gateway answers in the order of the questions");
  reducers.GUILD_MEMBERS_CHUNK(state, chunk("newest"));
  assert.deepEqual(known(), ["newest", "newest"]);
  assert.equal(state.presences.get("2").status, "idle");

  const before = state.told;
  reducers.GUILD_MEMBER_REMOVE(state, { server_id: "7", user_id: "2" });
  reducers.GUILD_MEMBERS_CHUNK(state, chunk("newest", { asked: before }));
  assert.equal(known()[1], undefined, "who has left does not come back by it");

  const thread = (name) => ({ id: "8", server_id: "7", name, channel_type: "text", thread: { parent_id: "9" } });
  const earlier = state.told;
  reducers.THREAD_UPDATE(state, thread("new"));
  reducers.CHANNELS(state, { channels: [thread("old")], asked: earlier });
  assert.equal(state.channels.get("8").name, "new");
  reducers.THREAD_DELETE(state, { thread_id: "8" });
  reducers.CHANNELS(state, { channels: [thread("old")], asked: earlier });
  assert.equal(state.channels.has("8"), false);
  reducers.CHANNELS(state, { channels: [thread("found")], asked: state.told });
  assert.equal(state.channels.get("8").name, "found");
});

test("whether one is in a thread stays known when others are told of it, and its members are counted", () => {
  const state = begin();
  const thread = (more) => ({
    id: "8",
    server_id: "7",
    name: "aside",
    channel_type: "thread",
    thread: { parent_id: "9", ...more },
  });
  reducers.CHANNELS(state, { channels: [thread({ joined: true, member_count: 1 })] });
  reducers.THREAD_UPDATE(state, thread({ joined: null, member_count: 1, archived: true }));
  assert.deepEqual(state.channels.get("8").thread, { parent_id: "9", joined: true, member_count: 1, archived: true });
  reducers.THREAD_MEMBERS_UPDATE(state, { id: "8", member_count: 3, added: [], removed_ids: [] });
  assert.equal(state.channels.get("8").thread.member_count, 3);
  reducers.THREAD_MEMBER_UPDATE(state, { thread_id: "8", user_id: "1", member: false, member_count: 2 });
  assert.equal(state.channels.get("8").thread.joined, false);
  assert.deepEqual(reducers.THREAD_MEMBERS_UPDATE(state, { id: "404", member_count: 1 }), []);
});

test("members are loaded from where the last page ended, whoever came by another way", () => {
  const state = begin();
  const member = (id) => ({ user_id: id, username: `user${id}`, roles: [] });
  reducers.GUILD_MEMBERS_CHUNK(state, { server_id: "7", members: [member("2")], last: "2", isComplete: false });
  reducers.GUILD_MEMBERS_CHUNK(state, { server_id: "7", members: [member("9")] });
  assert.equal(state.members.get("7").last, "2");
  assert.equal(state.members.get("7").isComplete, false);
  reducers.GUILD_MEMBERS_CHUNK(state, { server_id: "7", members: [member("3")], last: "3", isComplete: true });
  assert.deepEqual([...state.members.get("7").byID.keys()], ["2", "9", "3"]);
  assert.equal(state.members.get("7").isComplete, true);
});

test("what was told of is remembered within a bound, the newest longest", () => {
  const state = told.initial();
  for (let id = 0; id <= told.LONGEST_MEMORY; id++) {
    told.tell(state, `user:${id}`, "user:again");
  }
  assert.equal(state.toldOf.size, told.LONGEST_MEMORY);
  assert.ok(told.isOutdated(state, "user:again", 0));
  assert.ok(told.isOutdated(state, `user:${told.LONGEST_MEMORY}`, 0));
  assert.ok(!told.isOutdated(state, "user:0", 0));
});

test("a thread is unread for who is in it, whether or not anything was read there", () => {
  const state = begin();
  const thread = (id, joined) => ({
    id,
    server_id: "7",
    name: "thread",
    channel_type: "thread",
    thread: { parent_id: "9", joined },
  });
  reducers.CHANNELS(state, { channels: [thread("20", true), thread("21", false)], asked: state.told });
  for (const channel_id of ["20", "21", "22"]) {
    reducers.MESSAGE_CREATE(state, message(5, { channel_id, server_id: "7" }));
  }
  assert.equal(state.readStates.get("20")?.unread, 1);
  assert.equal(state.readStates.has("21"), false);
  // A server's channel that is not known is a thread of others.
  assert.equal(state.readStates.has("22"), false);
});
