// What a waveform looks like.

import assert from "node:assert/strict";
import { test } from "node:test";

import { bars } from "../../../Web/views/messages/waveform.js";

const base64 = (...bytes) => btoa(String.fromCharCode(...bytes));

test("each bar is as loud as its loudest part, compared with the loudest of all", () => {
  assert.deepEqual(bars(base64(0, 50, 100)), [0, 0.5, 1]);
  const many = bars(base64(...Array.from({ length: 256 }, (_, index) => (index === 200 ? 255 : 0))));
  assert.equal(many.length, 48);
  assert.equal(Math.max(...many), 1);
  assert.equal(many.filter((height) => height > 0).length, 1);
});

test("silence and what is no waveform are a flat line", () => {
  assert.deepEqual(bars(base64(0, 0)), [0, 0]);
  assert.deepEqual(bars(""), [0]);
  assert.deepEqual(bars("%%%"), [0]);
});
