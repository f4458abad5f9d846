import assert from "node:assert/strict";
import { test } from "node:test";
import { learnTime, serverNow } from "../../../Web/kernel/clock.js";

const date = (time_ms) => new Date(time_ms).toUTCString();
const ahead_s = () => Math.round((serverNow() - Date.now()) / 1000);

test("a clock that agrees is believed, however slow the answer", () => {
  const now = Date.now();
  learnTime(date(now), now, now);
  assert.equal(serverNow() - Date.now(), 0);
  learnTime(date(now + 10_000), now, now + 30_000);
  assert.equal(ahead_s(), 0);
});

test("the server's clock counts where this one is wrong, and again when it was set right", () => {
  const now = Date.now();
  learnTime(date(now + 7_200_000), now, now + 100);
  assert.ok(Math.abs(ahead_s() - 7200) <= 1);
  learnTime(date(now - 7_200_000), now, now + 100);
  assert.ok(Math.abs(ahead_s() + 7200) <= 1);
  learnTime(null, now);
  learnTime("soon", now);
  assert.ok(Math.abs(ahead_s() + 7200) <= 1);
  learnTime(date(now), now, now);
  assert.equal(ahead_s(), 0);
});
