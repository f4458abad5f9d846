import assert from "node:assert/strict";
import { test } from "node:test";
import { readyTimes } from "../../../Web/views/messages/remind-times.js";

const named = (now) => Object.fromEntries(readyTimes(new Date(now).getTime()));
const moment = (text) => new Date(text).getTime();

test("one is reminded in a while, tomorrow morning and on the next Monday", () => {
  const thursday = named("2026-11-26T22:30:00");
  assert.equal(thursday["20-minutes"], moment("2026-11-26T22:50:00"));
  assert.equal(thursday.hour, moment("2026-11-26T23:30:00"));
  assert.equal(thursday["3-hours"], moment("2026-11-27T01:30:00"));
  assert.equal(thursday.tomorrow, moment("2026-11-27T09:00:00"));
  assert.equal(thursday.monday, moment("2026-11-30T09:00:00"));
  assert.equal(named("2026-11-30T08:00:00").monday, moment("2026-12-07T09:00:00"));
});

test("on a Sunday the next Monday is tomorrow and is offered once", () => {
  const sunday = named("2026-11-29T12:00:00");
  assert.equal(sunday.tomorrow, moment("2026-11-30T09:00:00"));
  assert.equal(sunday.monday, undefined);
});
