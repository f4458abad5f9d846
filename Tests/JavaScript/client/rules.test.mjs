import assert from "node:assert/strict";
import { test } from "node:test";
import { searchEmoji, unicodeEmoji, withTone } from "../../../Web/emoji/emoji.js";
import { backoff_ms } from "../../../Web/kernel/backoff.js";
import { compareIDs, idAt, timeOf } from "../../../Web/kernel/snowflake.js";
import { arrange, moveBefore, moveInto, moveStep } from "../../../Web/views/rail/order.js";
import { readQuery, takeFilters } from "../../../Web/views/search/query.js";
import { rankMatches } from "../../../Web/views/switcher/match.js";

test("ids are compared as the numbers that they are", () => {
  assert.ok(compareIDs("9", "10") < 0);
  assert.ok(compareIDs("383354714042925056", "383354714042925058") < 0);
  assert.equal(compareIDs("5", "5"), 0);
});

test("an id says when it was made, and a moment has an id", () => {
  const time = Date.UTC(2026, 10, 23, 12);
  assert.equal(timeOf(idAt(time)), time);
  assert.equal(idAt(0), "1");
});

test("waiting grows and ends at its bound", () => {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const wait = backoff_ms(attempt, 8000);
    assert.ok(wait >= 0 && wait <= Math.min(8000, 500 * 2 ** attempt));
  }
});

test("new servers come first, the others as they were put", () => {
  const setting = { order: ["b", "a"], folders: [] };
  assert.deepEqual(arrange(["a", "b", "c", "d"], setting), ["d", "c", "b", "a"]);
  assert.deepEqual(moveBefore(["a", "b", "c"], setting, "a", "b").order, ["c", "a", "b"]);
  assert.deepEqual(moveStep(["a", "b"], setting, "a", -1).order, ["a", "b"]);
  assert.deepEqual(moveStep(["a", "b"], setting, "b", -1).order, ["b", "a"], "the first one stays");
});

test("folders hold servers, and end when they are empty", () => {
  let setting = { order: ["a", "b", "c"], folders: [] };
  const all = ["a", "b", "c"];
  setting = moveInto(all, setting, "b", null, "Birds");
  const [folder] = setting.folders;
  assert.deepEqual(arrange(all, setting).map((entry) => entry.name ?? entry), ["a", "Birds", "c"]);
  setting = moveInto(all, setting, "c", folder.id);
  assert.deepEqual(setting.folders[0].servers, ["b", "c"]);
  setting = moveInto(all, setting, "b", undefined);
  setting = moveInto(all, setting, "c", undefined);
  assert.deepEqual(setting.folders, []);
  assert.equal(new Set(arrange(all, setting)).size, 3);
});

test("a filter is taken when a blank ends it at the caret, and nothing of what stands behind", () => {
  const take = (text) => takeFilters(text.replace("|", ""), text.indexOf("|"));
  assert.deepEqual(take("from:me |hello world"), {
    taken: [{ name: "from", value: "me" }],
    rest: "hello world",
    caret: 0,
  });
  assert.deepEqual(take("heron from:me |"), { taken: [{ name: "from", value: "me" }], rest: "heron ", caret: 6 });
  for (const open of ["from:|hello", "from:me|", "from:|", 'from:"Anna |', 'from:"Anna Bell|', 'from:"Anna Bell"|']) {
    assert.deepEqual(take(open), { taken: [], rest: open.replace("|", ""), caret: open.indexOf("|") }, open);
  }
  assert.deepEqual(take('from:"Anna Bell" |').taken, [{ name: "from", value: "Anna Bell" }]);
  assert.deepEqual(take('has:link from:"Anna |'), {
    taken: [{ name: "has", value: "link" }],
    rest: 'from:"Anna ',
    caret: 11,
  });
});

test("filters are taken out of a search, and what is none stays a word", () => {
  assert.deepEqual(readQuery("from:@bob old heron has:image"), {
    words: "old heron",
    filters: [{ name: "from", value: "bob" }, { name: "has", value: "image" }],
  });
  assert.deepEqual(readQuery('from:"Bob the Bird" x').filters, [{ name: "from", value: "Bob the Bird" }]);
  assert.deepEqual(readQuery("has:feathers https://a.org before:never"), {
    words: "has:feathers https://a.org before:never",
    filters: [],
  });
  assert.deepEqual(readQuery("constructor:foo toString:bar __proto__:x"), {
    words: "constructor:foo toString:bar __proto__:x",
    filters: [],
  });
  assert.deepEqual(readQuery("before:2026-01-31").filters, [{ name: "before", value: "2026-01-31" }]);
});

test("the switcher puts the beginning of a name first and what is unread before the rest", () => {
  const place = (name, mentions = 0) => ({ name, mentions, unread: 0 });
  const names = (places, query) => rankMatches(places, query).map((one) => one.name);
  assert.deepEqual(names([place("big general"), place("general"), place("generals")], "gen"), [
    "general",
    "generals",
    "big general",
  ]);
  assert.deepEqual(names([place("kingfisher"), place("keg")], "kfsh"), ["kingfisher"]);
  assert.deepEqual(names([place("a"), place("b", 2)], ""), ["b", "a"]);
  const rooms = [place("one"), place("two"), place("three")].map((room) => ({ ...room, key: room.name }));
  assert.deepEqual(rankMatches(rooms, "", ["three", "two"]).map((one) => one.name), ["three", "two", "one"]);
  assert.deepEqual(rankMatches(rooms, "two", ["three"]).map((one) => one.name), ["two"]);
});

test("an emoji's exact short code finds it first, then the usual one that begins so", async () => {
  const all = await unicodeEmoji();
  const first = (query) => searchEmoji(all, query, 1)[0].emoji;
  assert.deepEqual(["fire", "heart", "hear", "tada", "thumbsup", "red heart", "+1"].map(first), [
    "🔥",
    "❤️",
    "❤️",
    "🎉",
    "👍",
    "❤️",
    "👍",
  ]);
});

test("emoji are found by all words of their names, and take skin tones", () => {
  const all = ["smiling_cat", "cat_face", "scatter"].map((keys) => ({ keys, codes: [keys] }));
  assert.deepEqual(searchEmoji(all, "cat", 2).map((one) => one.keys), ["smiling_cat", "cat_face"]);
  assert.deepEqual(searchEmoji(all, "cat face", 5).map((one) => one.keys), ["cat_face"]);
  assert.equal(withTone("👋", 3), "👋🏽");
  assert.equal(withTone("☝️", 1), "☝🏻");
  assert.equal(withTone("👩‍🌾", 5), "👩🏿‍🌾");
  assert.equal(withTone("👋", 0), "👋");
});
