import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { beforeEach, test } from "node:test";
import { keyOf } from "../../../Web/dom/keys.js";
import { store } from "../../../Web/store/store.js";
import { completionAt } from "../../../Web/views/composer/completion.js";
import { hasCells, pastesText } from "../../../Web/views/composer/paste.js";
import { tableOf } from "../../../Web/views/composer/table.js";
import { emojiText, fromStored, toSent, toStored } from "../../../Web/views/composer/mentions.js";

const emoji = (id, name) => ({ id, name, animated: false });

beforeEach(() => {
  const roles = new Map([["7", { id: "7", name: "crew", is_default: false }], ["8", { id: "8", name: "night watch" }]]);
  const server = { id: "s", roles, emojis: [emoji("30", "30"), emoji("31", "party")], channelIDs: ["3"] };
  Object.assign(store.state, {
    users: new Map([["1", { id: "1", username: "carl" }], ["2", { id: "2", username: "snake_case" }]]),
    members: new Map([["s", { byID: new Map([["1", {}], ["2", {}]]) }]]),
    servers: new Map([["s", server]]),
    channels: new Map([["3", { id: "3", name: "general", server_id: "s", channel_type: "text" }]]),
  });
});

const CHANGED = [
  ["@carl", "<@1>"],
  ["hi @Carl, see #general.", "hi <@1>, see <#3>."],
  ["**@carl** _@carl_ ||@carl||", "**<@1>** _<@1>_ ||<@1>||"],
  ['@crew @"night watch" @snake_case', "<@&7> <@&8> <@2>"],
  [":party: :party::party:", "<:party:31> <:party:31><:party:31>"],
  ["いいね:party:です", "いいね<:party:31>です"],
  ["https://example.org/@carl/post by @carl", "https://example.org/@carl/post by <@1>"],
  ["[x](javascript:@carl)", "[x](javascript:@carl)".replace("@carl", "<@1>")],
  ["`@carl` @carl", "`@carl` <@1>"],
  ["it`s late\n\n@carl look at `file`", "it`s late\n\n<@1> look at `file`"],
  ["\\`@carl\\`", "\\`<@1>\\`"],
  ["@carl/ @carl@ (@carl) @carl…", "<@1>/ <@1>@ (<@1>) <@1>…"],
];

const KEPT = [
  "https://example.org/@carl/post",
  "https://example.org/?u=@carl",
  "https://example.org/?#general",
  "<https://example.org/@carl>",
  "[x](https://example.org/@carl)",
  "[@carl](https://example.org)",
  "\\@carl hi",
  "\\#general",
  "\\:party:",
  "lunch at 10:30:00",
  "a:party:b std::party::x",
  "```\n@carl #general :party:\n```",
  "> ```\n> @carl\n> ```",
  "me@carl.org",
  "@carl@example.org",
  "example.org/@carl",
  "npm i @carl/feathers",
  "@@carl",
  "@nobody #nowhere :nothing:",
];

for (const [text, stored] of CHANGED) {
  test(`is sent as a mention: ${JSON.stringify(text)}`, () => assert.equal(toStored(text, "s"), stored));
}

for (const text of KEPT) {
  test(`is sent as it is written: ${JSON.stringify(text)}`, () => assert.equal(toStored(text, "s"), text));
}

const STORED = [
  ["<@1> <@&7> <@&8> <#3> <:party:31>", '@carl @crew @"night watch" #general :party:'],
  ["`<@1>` https://a.org/x <@1>", "`<@1>` https://a.org/x @carl"],
  ["\\<@1> <@9>", "\\<@1> <@9>"],
  // What would not be read again as it was stays as it is kept.
  ["<@1>x", "<@1>x"],
  ["<@1> a<:party:31>b", "<@1> a<:party:31>b"],
  ["[<@1>](https://a.org)", "[<@1>](https://a.org)"],
];

for (const [stored, text] of STORED) {
  test(`is shown for editing as it was written: ${JSON.stringify(stored)}`, () => {
    assert.equal(fromStored(stored, "s"), text);
    assert.equal(toStored(text, "s"), stored);
  });
}

const SENT = [
  ["good :thumbsup:", "good 👍"],
  [":party: :tada::+1:", "<:party:31> 🎉👍"],
  ["`:tada:` https://a.org/:tada: \\:tada:", "`:tada:` https://a.org/:tada: \\:tada:"],
  ["lunch at 10:100:00", "lunch at 10:100:00"],
  [":no_such_emoji:", ":no_such_emoji:"],
];

for (const [text, sent] of SENT) {
  test(`is sent with emoji for short codes: ${JSON.stringify(text)}`, async () => {
    assert.equal(await toSent(text, "s"), sent);
  });
}

test("emoji of other servers stand where they were chosen, and names mean Unicode's elsewhere", async () => {
  const other = { id: "o", roles: new Map(), emojis: [emoji("40", "tada"), emoji("41", "only_there")], channelIDs: [] };
  store.state.servers.set("o", other);
  for (const place of ["s", undefined]) {
    assert.equal(await toSent("we won :tada: :only_there:", place), "we won 🎉 :only_there:");
    assert.equal(emojiText(emoji("40", "tada"), place), "<:tada:40>");
    assert.equal(fromStored("<:tada:40>", place), "<:tada:40>");
  }
  assert.equal(await toSent("we won :tada:", "o"), "we won <:tada:40>");
  assert.equal(await toSent("we won <:tada:40>", "s"), "we won <:tada:40>");
  assert.equal(emojiText(emoji("40", "tada"), "o"), ":tada:");
});

const FACES = [
  ":-D",
  ":DD",
  ":-p",
  "wow :-o",
  ":P",
  ":pp",
  ":PP",
  "10:30:00",
  "(10:30",
  "at 10:ab",
  "x:smile",
  ":s",
  ":+1",
];

for (const text of FACES) {
  test(`offers no emoji after ${text}`, () => assert.equal(completionAt(text), null));
}

test("offers people, channels and emoji once they are meant", () => {
  assert.deepEqual(completionAt("hi @"), { sign: "@", query: "" });
  assert.deepEqual(completionAt("(#gen"), { sign: "#", query: "gen" });
  assert.deepEqual(completionAt("good :th"), { sign: ":", query: "th" });
  assert.deepEqual(completionAt(":Smi"), { sign: ":", query: "Smi" });
});

const picture = { name: "image.png", type: "image/png" };
const PASTES = [
  ["cells of a spreadsheet", "Name\tQty\nApples\t3", [picture], true],
  ["a paragraph of a text program", "Dear all,", [picture], true],
  ["a picture", "", [picture], false],
  ["a picture of a page, with its address", "https://example.org/cat.png", [picture], false],
  ["files, with their names", "a.png\nb.png", [{ ...picture, name: "a.png" }, { ...picture, name: "b.png" }], false],
  ["a file, with its path", "/home/anna/notes.txt", [{ name: "notes.txt", type: "text/plain" }], false],
];

for (const [what, text, files, isText] of PASTES) {
  test(`pastes ${what} as ${isText ? "text" : "files"}`, () => assert.equal(pastesText(text, files), isText));
}

test("cells of several rows can be a table, with columns for wide letters too", () => {
  const cells = "Name\tQty\n林檎\t3\nPlum\t12\n";
  assert.ok(hasCells(cells));
  assert.ok(!hasCells("one\tline") && !hasCells("two\nlines") && !hasCells("a\t```\nb\tc"));
  assert.equal(tableOf(cells), "```\nName  Qty\n林檎  3\nPlum  12\n```");
});

const key = (about) => keyOf({ key: "Enter", keyCode: 13, isComposing: false, ...about });

test("a key of a composition is none, in whatever order the browser tells", () => {
  assert.equal(key({}), "Enter");
  assert.equal(key({ isComposing: true }), "");
  assert.equal(key({ keyCode: 229 }), "");
});

test("views read every key through the function that knows compositions", () => {
  const folder = new URL("../../../Web/views/", import.meta.url);
  const isOwnReading = (name) => /isComposing|event\.key\b/.test(readFileSync(new URL(name, folder), "utf8"));
  const files = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".js"));
  assert.deepEqual(files.filter(isOwnReading), []);
});
