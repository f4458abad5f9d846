#!/usr/bin/env node
// Fills a server that was just started, over its REST API, and writes down what it answers then:
//
//   Tests/Released/fill.mjs http://localhost:8080 ANSWERS.json
//
// Only what the API of the first released version has is used, so that one script fills every version.

import { writeFileSync } from "node:fs";

const [, , origin, file] = process.argv;
if (!file) {
  console.error("usage: Tests/Released/fill.mjs ORIGIN ANSWERS");
  process.exit(2);
}

const PASSWORD = "Correct horse 1!";
const PICTURE = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAFklEQVR42mNwaDhAEmIY1TCqYfhqAACldYAQpric7gAAAABJRU5ErkJggg==",
  "base64",
);

async function send(method, path, body, token) {
  const headers = token ? { authorization: token } : {};
  if (body && !(body instanceof FormData)) headers["content-type"] = "application/json";
  const answer = await fetch(`${origin}/api/v1${path}`, {
    method,
    headers,
    body: body && !(body instanceof FormData) ? JSON.stringify(body) : body,
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text === "" ? null : JSON.parse(text);
}

/** Somebody who is logged in, or a bot. */
class Caller {
  constructor(token, scheme = "Bearer") {
    Object.assign(this, { token, authorization: `${scheme} ${token}` });
  }

  static async person(username) {
    const made = await send("POST", "/auth/register", {
      username,
      email: `${username}@example.org`,
      password: PASSWORD,
    });
    return Object.assign(new Caller(made.token), { id: made.user.id, username });
  }

  get = (path) => send("GET", path, undefined, this.authorization);
  post = (path, body) => send("POST", path, body, this.authorization);
  put = (path, body) => send("PUT", path, body, this.authorization);
  patch = (path, body) => send("PATCH", path, body, this.authorization);
  delete = (path) => send("DELETE", path, undefined, this.authorization);

  says = (content, channel, more = {}) => this.post(`/channels/${channel}/messages`, { content, ...more });

  uploads(content, name, path, field = "file", fields = {}) {
    const form = new FormData();
    for (const [key, value] of Object.entries(fields)) form.set(key, value);
    form.set(field, new Blob([content]), name);
    return send("POST", path, form, this.authorization);
  }
}

const ada = await Caller.person("ada");
const ben = await Caller.person("ben");
const cleo = await Caller.person("cleo");
const dora = await Caller.person("dora");

// People among themselves.
await ada.patch("/users/@me", { display_name: "Ada 🦜", bio: "Counts *birds*." });
await ada.uploads(PICTURE, "ada.png", "/avatars/users/@me", "image");
await ada.put("/users/@me/settings/theme", { value: "dark" });
await ada.put(`/users/${ben.id}/note`, { note: "Met at the lake." });
await ben.put("/users/@me/presence", { status: "dnd", custom_status: "In the reeds", custom_emoji: "🦆" });
await ada.post("/relationships", { username: "ben" });
await ben.put(`/relationships/${ada.id}/accept`);
await cleo.post("/relationships", { username: "ada", message: "We sat side by side." });
await ben.post("/relationships/block", { user_id: dora.id });
const pair = (await ada.post("/users/@me/channels", { recipient_id: ben.id })).id;
await ada.says("Between the two of us.", pair);
await ben.says("Nobody hears it.", pair);
const notes = (await ada.get("/users/@me/notes")).id;
await ada.says("Buy seeds.", notes);

// A server with its rooms and its order.
const nest = await ada.post("/servers", { name: "Nest", description: "For those who look up" });
const server = nest.id;
const general = nest.default_channel_id;
await ada.uploads(PICTURE, "nest.png", `/avatars/servers/${server}`, "image");
const invite = (await ada.post(`/channels/${general}/invites`, { max_uses: 50 })).code;
for (const one of [ben, cleo, dora]) await one.post(`/channels/invites/${invite}`);
const category = (await ada.post(`/servers/${server}/channels`, { name: "Field", type: "category" })).id;
const hide =
  (await ada.post(`/servers/${server}/channels`, { name: "hide", topic: "Quiet", category_id: category })).id;
const slow = (await ada.post(`/servers/${server}/channels`, { name: "slow", slowmode_seconds: 60 })).id;
const warden = (await ada.post(`/servers/${server}/roles`, { name: "Warden", color: "#228844", hoist: true })).id;
await ada.put(`/servers/${server}/members/${ben.id}/roles/${warden}`);
await ada.put(`/channels/${hide}/overwrites/${cleo.id}`, { type: "member", deny: ["channels.view"] });
await ada.patch(`/servers/${server}/members/${ben.id}`, { nickname: "Benny" });
const emoji = await ada.uploads(PICTURE, "owl.png", `/servers/${server}/emojis`, "image", { name: "owl" });

// What is said there, with all that a message can have.
const first = await ada.says("Good morning, **everybody**!", general);
await ben.says("Good morning.", general, { reply_to_id: first.id });
await ben.put(`/channels/${general}/messages/${first.id}/reactions/${encodeURIComponent("👋")}`);
await cleo.put(`/channels/${general}/messages/${first.id}/reactions/${encodeURIComponent("👋")}`);
await cleo.put(`/channels/${general}/messages/${first.id}/reactions/${encodeURIComponent(`owl:${emoji.id}`)}`);
const edited = await cleo.says("An owll", general);
await cleo.patch(`/channels/${general}/messages/${edited.id}`, { content: "An owl" });
const gone = await cleo.says("Never mind.", general);
await cleo.delete(`/channels/${general}/messages/${gone.id}`);
await ada.says(`Look, <@${ben.id}>, there it is <:owl:${emoji.id}>`, general);
const text = await ben.uploads("Two herons, one kingfisher.\n", "list.txt", `/channels/${general}/attachments`);
const picture = await ben.uploads(PICTURE, "heron.png", `/channels/${general}/attachments`);
const files = await ben.says("My list", general, { attachments: [text.id, picture.id] });
await ada.put(`/channels/${general}/pins/${files.id}`);
await cleo.put(`/users/@me/bookmarks/${files.id}`);
await ben.says("Not a word.", hide);
await ben.says("Once a minute.", slow);
const poll = await ada.post("/polls", {
  channel_id: general,
  question: "Where to?",
  options: ["The lake", "The hill"],
  duration_hours: 168,
});
await ben.post(`/polls/${poll.id}/vote`, { options: [0] });
const thread = await ada.post(`/channels/${general}/threads`, { name: "Herons", message_id: files.id });
await cleo.says("Three, I think.", thread.id);
await cleo.post(`/channels/${general}/messages/ack`);
const sendAt = Math.floor(Date.now() / 1000) + 10 * 86_400;
await ben.post(`/channels/${general}/scheduled-messages`, { content: "Ten days later.", send_at: sendAt });

// Programs.
const webhook = await ada.post("/webhooks", { channel_id: general, name: "Weather" });
await send("POST", `/webhooks/${webhook.id}/${webhook.token}`, { content: "Rain at noon." });
const application = await ada.post("/applications", { name: "Counter" });
const bot = await ada.post(`/applications/${application.id}/bot`, {});
await ada.put(`/servers/${server}/bots/${application.id}`);
const counter = new Caller(bot.token, "Bot");
await counter.says("Birds today: 3", general);

// What needs a moderator.
await cleo.post("/reports/messages", { message_id: files.id, reason: "That was a cormorant" });
await cleo.post("/feedback", { text: "More birds, please" });
await ada.put(`/servers/${server}/bans/${dora.id}`, { reason: "Scared them away" });
await ada.patch(`/servers/${server}/members/${cleo.id}`, { timeout_until: Math.floor(Date.now() / 1000) + 7 * 86_400 });

const asked = {
  ada: [
    "/users/@me",
    `/users/${ben.id}`,
    `/users/${ben.id}/note`,
    "/users/@me/settings",
    "/users/@me/channels",
    "/users/@me/unread",
    "/relationships/@me",
    "/servers",
    `/servers/${server}`,
    `/servers/${server}/channels`,
    `/servers/${server}/members`,
    `/servers/${server}/roles`,
    `/servers/${server}/emojis`,
    `/servers/${server}/bans`,
    `/servers/${server}/invites`,
    `/servers/${server}/webhooks`,
    `/servers/${server}/audit-logs`,
    `/channels/${hide}/overwrites`,
    `/channels/${general}/messages`,
    `/channels/${general}/messages/${edited.id}/history`,
    `/channels/${general}/messages/${first.id}/reactions`,
    `/channels/${general}/pins`,
    `/channels/${thread.id}/messages`,
    `/channels/${pair}/messages`,
    `/channels/${notes}/messages`,
    `/polls/${poll.id}`,
    `/applications/${application.id}`,
  ],
  ben: [
    "/users/@me",
    "/users/@me/notifications",
    "/relationships/@me",
    `/channels/${general}/messages`,
    `/channels/${hide}/messages`,
    `/channels/${slow}/messages`,
    `/channels/${general}/scheduled-messages`,
    `/polls/${poll.id}`,
  ],
  cleo: [
    "/users/@me",
    "/users/@me/bookmarks",
    "/users/@me/unread",
    "/relationships/@me",
    `/servers/${server}/channels`,
    `/channels/${general}/messages`,
  ],
  counter: [`/channels/${general}/messages`, `/servers/${server}/members`],
};

const callers = { ada, ben, cleo, counter };
const answers = [];
for (const [caller, paths] of Object.entries(asked)) {
  for (const path of paths) answers.push({ caller, path, answer: await callers[caller].get(path) });
}
const written = {
  moment: Math.floor(Date.now() / 1000),
  password: PASSWORD,
  tokens: Object.fromEntries(Object.entries(callers).map(([name, { authorization }]) => [name, authorization])),
  answers,
};
writeFileSync(file, JSON.stringify(written, null, 1) + "\n");
