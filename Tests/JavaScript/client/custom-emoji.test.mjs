import assert from "node:assert/strict";
import { test } from "node:test";
import { writtenEmoji } from "../../../Web/markdown/custom-emoji.js";
import { parseInline } from "../../../Web/markdown/parse.js";
import { emptyState } from "../../../Web/store/reducers.js";

const state = Object.assign(emptyState(), {
  connection: { status: "online" },
  servers: new Map([["s", { id: "s", emojis: [{ id: "1", name: "party" }], roles: new Map() }]]),
});

function pictures(text) {
  const context = { state };
  return parseInline(text).filter((node) => node.type === "emoji").map((node) => writtenEmoji(node, context)).filter((
    shown,
  ) => shown.tag === "img");
}

const written = (from, count) => Array.from({ length: count }, (_, index) => `<:aa:${from + index}>`).join("");
const idOf = (picture) => picture.properties.src.split("/").at(-1);
const fail = (picture) => picture.properties.onerror?.();

test("a text asks for forty emoji that are unknown, and for all that are known", () => {
  assert.equal(pictures(written(1000, 60) + "<:party:1>".repeat(50)).length, 90);
  // One that is repeated is one.
  assert.equal(pictures("<:aa:900>".repeat(60)).length, 60);
});

test("what did not come is not asked for again, unless the connection was missing", () => {
  pictures("<:aa:500>").forEach(fail);
  assert.equal(pictures("<:aa:500> <:aa:501>").map(idOf).join(), "501");
  state.connection = { status: "waiting" };
  pictures("<:aa:501>").forEach(fail);
  assert.equal(pictures("<:aa:501>").length, 1);
  state.connection = { status: "online" };
});

test("where many do not exist, unknown ones are asked for no more", () => {
  for (let from = 2000; from < 2400; from += 40) pictures(written(from, 40)).forEach(fail);
  assert.equal(pictures("<:aa:5000> <:party:1>").map(idOf).join(), "1");
});
