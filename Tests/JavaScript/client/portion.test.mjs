// How many rows are drawn in a frame.

import assert from "node:assert/strict";
import { test } from "node:test";
import { portion, ROWS_A_FRAME } from "../../../Web/views/messages/portion.js";

const items = (from, to) => Array.from({ length: to - from }, (_, index) => ({ id: `${from + index}` }));
const whole = (list) => ({ start: 0, end: list.length });

test("what was never drawn is drawn as a whole, also when it has nothing in common with what is there", () => {
  const loaded = items(1000, 1050);
  assert.deepEqual(portion(loaded, null), whole(loaded));
  assert.deepEqual(portion(loaded, { first: "100", last: "150" }), whole(loaded));
  assert.deepEqual(portion(loaded, { first: "2000", last: "2050" }), whole(loaded));
  assert.deepEqual(portion([], { first: "100", last: "150" }), whole([]));
});

test("what is loaded beside what is there comes frame by frame, and all of it in the end", () => {
  const loaded = items(1000, 1250);
  let drawn = { first: "1050", last: "1149" };
  for (let frame = 1;; frame += 1) {
    const { start, end } = portion(loaded, drawn);
    assert.equal(start, Math.max(0, 50 - frame * ROWS_A_FRAME));
    assert.equal(end, Math.min(250, 150 + frame * ROWS_A_FRAME));
    drawn = { first: loaded[start].id, last: loaded[end - 1].id };
    if (start === 0 && end === 250) return;
  }
});

test("what was drawn and is gone again takes nothing along", () => {
  const loaded = items(1000, 1020).filter(({ id }) => id !== "1000" && id !== "1019");
  assert.deepEqual(portion(loaded, { first: "1000", last: "1019" }), whole(loaded));
});
