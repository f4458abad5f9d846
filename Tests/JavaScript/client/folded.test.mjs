import assert from "node:assert/strict";
import test from "node:test";

import { folded } from "../../../Web/kernel/folded.js";
import { rankMatches } from "../../../Web/views/switcher/match.js";

const place = (name) => ({ name, mentions: 0, unread: 0 });

test("names that people take for the same are the same", () => {
  for (
    const [one, other] of [
      ["Zoë", "ZOE"],
      ["Zoe\u0308", "zoë"],
      ["Straße", "STRASSE"],
      ["İzmir", "izmir"],
      ["ΟΔΟΣ", "οδος"],
      ["O’Brien", "o'brien"],
      ["e‑mail", "e-mail"],
      ["Ａｌｉｃｅ", "alice"],
      ["a\u00a0 b", "a b"],
      ["ｱ", "ア"],
    ]
  ) assert.equal(folded(one), folded(other), `${one} ${other}`);
});

test("other letters stay others", () => {
  for (const [one, other] of [["が", "か"], ["ab", "a b"], ["don't", "dont"], ["l", "1"]]) {
    assert.notEqual(folded(one), folded(other), `${one} ${other}`);
  }
});

test("what one types finds places without its accents", () => {
  assert.deepEqual(rankMatches([place("Café"), place("Garden")], "cafe").map(({ name }) => name), ["Café"]);
  assert.deepEqual(rankMatches([place("cafe")], "CAFÉ").map(({ name }) => name), ["cafe"]);
});
