import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyState, reducers } from "../../../Web/store/reducers.js";
import { isMentioned, mustCountAnew } from "../../../Web/store/unread.js";
import { newCount } from "../../../Web/views/messages/new-count.js";
import { upTo } from "../../../Web/texts/text.js";

globalThis.addEventListener = () => {};
const { toTell } = await import("../../../Web/store/telling.js");
const { attention } = await import("../../../Web/store/notification-settings.js");

const user = (id, name) => ({ id, username: name, display_name: null, avatar_url: null });

function begin() {
  const state = emptyState();
  const server = { id: "s", name: "Nest", owner_id: "2" };
  const member = { user_id: "1", roles: [], timeout_until: null };
  const overview = { server, channels: [], roles: [], member, emojis: [], member_count: 2 };
  reducers.READY(state, {
    user: user("1", "alice"),
    settings: {},
    servers: [overview],
    private_channels: [],
    relationships: [],
    presences: [],
    read_state: [],
  });
  return state;
}

const memberUpdate = (member) => ({ server_id: "s", member: { roles: [], timeout_until: null, ...member } });

test("a timeout that ends is told to those who show it, and nothing before", () => {
  const state = begin();
  const soon = Date.now() / 1000 + 60;
  const own = { ...user("1", "alice"), user_id: "1", timeout_until: soon };
  reducers.GUILD_MEMBER_UPDATE(state, memberUpdate(own));
  reducers.GUILD_MEMBER_UPDATE(state, memberUpdate({ ...user("2", "bob"), user_id: "2", timeout_until: soon }));
  assert.deepEqual(reducers.TICK(state), []);
  const now = Date.now;
  Date.now = () => now() + 61_000;
  try {
    const topics = reducers.TICK(state);
    assert.ok(topics.includes("members:s"));
    assert.ok(topics.includes("server:s"));
    assert.equal(state.servers.get("s").member.timeout_until, null);
    assert.deepEqual(reducers.TICK(state), []);
  } finally {
    Date.now = now;
  }
});

test("a new name is news for all who show names, whatever event brings it, and a known one is none", () => {
  const state = begin();
  const bob = { ...user("2", "bob"), user_id: "2" };
  assert.ok(reducers.GUILD_MEMBER_UPDATE(state, memberUpdate(bob)).includes("users"));
  assert.ok(!reducers.GUILD_MEMBER_UPDATE(state, memberUpdate(bob)).includes("users"));
  assert.ok(reducers.GUILD_MEMBER_UPDATE(state, memberUpdate({ ...bob, display_name: "Bob" })).includes("users"));
  const message = (name) => ({
    id: "5",
    channel_id: "9",
    author_id: "2",
    author_username: "bob",
    author_display_name: name,
    author_avatar_url: null,
    mentions: [],
    mention_roles: [],
  });
  assert.ok(!reducers.MESSAGE_CREATE(state, message("Bob")).includes("users"));
  assert.ok(reducers.MESSAGE_CREATE(state, message("Robert")).includes("users"));
  assert.ok(reducers.USERS(state, { users: [{ ...bob, avatar_url: "/a.png" }] }).includes("users"));
});

test("who lost a server still knows its name, until they are back", () => {
  const state = begin();
  const overview = { server: { id: "s", name: "Nest" }, channels: [], roles: [], member: { roles: [] }, emojis: [] };
  reducers.GUILD_DELETE(state, { id: "s" });
  assert.equal(state.leftServers.get("s"), "Nest");
  reducers.GUILD_CREATE(state, overview);
  assert.equal(state.leftServers.has("s"), false);
});

test("a count says what it counts, and where nobody knows more", () => {
  assert.equal(upTo(999, 1000), 999);
  assert.equal(upTo(1000, 1000), "1,000+");
  assert.equal(newCount(68, null), "68 new messages");
  assert.equal(newCount(1, null), "One new message");
  assert.match(newCount(1000, "383354714042925056"), /^1,000\+ new messages since \S/);
});

test("nobody is told of what was read meanwhile, and a channel has one notification, of its newest message", () => {
  const state = begin();
  for (const id of ["8", "9"]) reducers.CHANNEL_CREATE(state, { id, channel_type: "dm", recipients: [] });
  const message = (id, channel_id, author_id = "2") => ({ id, channel_id, author_id, mentions: [], mention_roles: [] });
  const messages = [message("11", "9"), message("12", "8"), message("13", "9"), message("14", "9", "1")];
  const newest = (front) => toTell(state, messages, front).newest.map((item) => item.id);
  assert.deepEqual(newest(null), ["13", "12"]);
  // A window in front has no notifications, and no sound for what it shows.
  assert.deepEqual(newest({ channel: "9" }), []);
  assert.equal(toTell(state, messages, { channel: "9" }).hasSound, true);
  const ack = (channel_id, last_read_message_id) =>
    reducers.MESSAGE_ACK(state, { channel_id, unread_count: 0, mention_count: 0, last_read_message_id });
  ack("8", "12");
  assert.equal(toTell(state, messages, { channel: "9" }).hasSound, false);
  ack("9", "11");
  assert.deepEqual(newest(null), ["13"]);
  ack("9", "13");
  assert.deepEqual(toTell(state, messages, null), { hasSound: false, newest: [] });
});

test("the server counts again when a mention may have come into what is unread, or have gone", () => {
  const state = begin();
  const change = (id, mentions = [], more = {}) =>
    mustCountAnew(state, "MESSAGE_UPDATE", { id, channel_id: "9", mentions, mention_roles: [], ...more });
  const counts = (unread_count, mention_count) =>
    reducers.MESSAGE_ACK(state, { channel_id: "9", unread_count, mention_count, last_read_message_id: "10" });
  assert.equal(change("11", [{ id: "1" }]), false);
  counts(2, 0);
  assert.equal(change("11"), false);
  assert.equal(change("11", [{ id: "1" }]), true);
  assert.equal(change("11", [], { mention_everyone: true }), true);
  counts(2, 1);
  assert.equal(change("11"), true);
  assert.equal(change("10", [{ id: "1" }]), false);
  assert.equal(mustCountAnew(state, "MESSAGE_DELETE", { id: "11", channel_id: "9" }), true);
  assert.equal(mustCountAnew(state, "MESSAGE_DELETE", { id: "11", channel_id: "8" }), false);
  assert.equal(mustCountAnew(state, "GUILD_CREATE", {}), true);
});

test("a thread is as its channel, then as the category, then as the server, unless it has wishes of its own", () => {
  const state = begin();
  const thread = { id: "t", server_id: "s", thread: { parent_id: "c" } };
  state.channels.set("c", { id: "c", server_id: "s", category_id: "k" });
  const wish = (wishes) => reducers.NOTIFICATION_SETTINGS(state, { servers: {}, channels: {}, ...wishes });
  const standard = {
    isMuted: false,
    level: "mentions",
    suppressesEveryone: false,
    suppressesRoles: false,
    pushes: true,
  };
  assert.deepEqual(attention(state, thread), standard);
  assert.equal(attention(state, { id: "p", server_id: null }).level, "all");
  const soon = Math.floor(Date.now() / 1000) + 60;
  wish({ servers: { s: { muted_until: soon, level: "all", push: false } }, channels: { c: { level: "none" } } });
  assert.deepEqual(attention(state, thread), { ...standard, isMuted: true, level: "none", pushes: false });
  wish({ servers: { s: { muted_until: soon - 120 } }, channels: { k: { suppress_everyone: true, level: "all" } } });
  assert.deepEqual(attention(state, thread), { ...standard, level: "all", suppressesEveryone: true });
  wish({ channels: { c: { level: "none" }, t: { level: "all" } } });
  assert.equal(attention(state, thread).level, "all");
});

test("what was said to everyone or to a role speaks to nobody who does not want it", () => {
  const state = begin();
  state.channels.set("9", { id: "9", server_id: "s" });
  state.servers.get("s").member.roles = ["r"];
  const message = (more) => ({ channel_id: "9", server_id: "s", mentions: [], mention_roles: [], ...more });
  const speaks = () =>
    [{ mention_everyone: true }, { mention_roles: ["r"] }, { mentions: [{ id: "1" }] }].map((more) =>
      isMentioned(state, message(more))
    );
  assert.deepEqual(speaks(), [true, true, true]);
  reducers.NOTIFICATION_PLACE(state, { kind: "channels", id: "9", wishes: { suppress_everyone: true } });
  assert.deepEqual(speaks(), [false, true, true]);
  reducers.NOTIFICATION_PLACE(state, { kind: "servers", id: "s", wishes: { suppress_roles: true } });
  assert.deepEqual(speaks(), [false, false, true]);
});
