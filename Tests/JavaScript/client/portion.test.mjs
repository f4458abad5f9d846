// How many rows are drawn in a frame.

import assert from "node:assert/strict";
import { test } from "node:test";
import { portion, ROWS_A_FRAME, rowsAfter } from "../../../Web/views/messages/portion.js";

const items = (from, to) => Array.from({ length: to - from }, (_, index) => ({ id: `${from + index}` }));
const whole = (list) => ({ start: 0, end: list.length, added: 0 });

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
    const { start, end, added } = portion(loaded, drawn);
    assert.equal(start, Math.max(0, 50 - frame * ROWS_A_FRAME));
    assert.equal(end, Math.min(250, 150 + frame * ROWS_A_FRAME));
    if (frame === 1) assert.equal(added, 2 * ROWS_A_FRAME);
    drawn = { first: loaded[start].id, last: loaded[end - 1].id };
    if (start === 0 && end === 250) return;
  }
});

test("a machine that takes long for its rows draws fewer in a frame, and more again when it is quick", () => {
  const loaded = items(1000, 1250);
  const drawn = { first: "1050", last: "1149" };
  const draw = (rows, row_ms) => {
    const { added } = portion(loaded, drawn, rows);
    return rowsAfter(added, added * row_ms);
  };
  assert.equal(draw(ROWS_A_FRAME, 0.1), ROWS_A_FRAME);
  assert.equal(draw(ROWS_A_FRAME, 3), 4);
  assert.equal(draw(4, 3), 4, "it stays where it fits");
  assert.equal(draw(4, 1), ROWS_A_FRAME);
  assert.equal(draw(ROWS_A_FRAME, 100), 2, "and never stands still");
});

test("what was drawn and is gone again takes nothing along", () => {
  const loaded = items(1000, 1020).filter(({ id }) => id !== "1000" && id !== "1019");
  assert.deepEqual(portion(loaded, { first: "1000", last: "1019" }), whole(loaded));
});
