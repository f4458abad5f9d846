import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyState, reducers } from "../../../Web/store/reducers.js";
import { dayName, fieldMoment, relativeTime, shortMoment } from "../../../Web/texts/time.js";

/** Runs what is to be seen in a time zone. */
function inZone(zone, act) {
  const before = process.env.TZ;
  process.env.TZ = zone;
  try {
    act();
  } finally {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
  }
}

for (
  const [now, moment, day, relative] of [
    ["2027-03-15T00:30:00-04:00", "2027-03-14T20:00:00-04:00", "Yesterday", "4 hours ago"],
    ["2027-03-15T00:30:00-04:00", "2027-03-13T23:15:00-05:00", "Saturday, March 13, 2027", "2 days ago"],
    ["2026-11-01T23:30:00-05:00", "2026-10-31T20:00:00-04:00", "Yesterday", "yesterday"],
    ["2026-11-01T23:30:00-05:00", "2026-11-01T00:10:00-04:00", "Today", "today"],
    ["2026-06-10T01:00:00-04:00", "2026-06-08T19:00:00-04:00", "Monday, June 8, 2026", "2 days ago"],
  ]
) {
  test(`in New York ${moment} is ${day}, and ${relative}, at ${now}`, () => {
    inZone("America/New_York", () => {
      assert.equal(dayName(Date.parse(moment), Date.parse(now)), day);
      assert.equal(shortMoment(Date.parse(moment), Date.parse(now)).startsWith("Yesterday"), day === "Yesterday");
      assert.equal(relativeTime(Date.parse(moment), Date.parse(now)), relative);
    });
  });
}

test("fields for dates begin with the day that it is here, and not in Greenwich", () => {
  const moment = Date.parse("2026-11-27T05:00:00Z");
  inZone("Pacific/Honolulu", () => assert.equal(fieldMoment(moment), "2026-11-26T19:00"));
  inZone("Pacific/Kiritimati", () => assert.equal(fieldMoment(moment), "2026-11-27T19:00"));
});

/** Runs with clocks that have gone on by so much: that of the day, and that of the page. */
function later({ day_ms = 0, page_ms = 0 }, act) {
  const [day, page] = [Date.now, performance.now];
  Date.now = () => day() + day_ms;
  performance.now = () => page.call(performance) + page_ms;
  try {
    act();
  } finally {
    Date.now = day;
    performance.now = page;
  }
}

test("a day that begins is told once to those who say yesterday", () => {
  const state = emptyState();
  assert.deepEqual(reducers.TICK(state), []);
  later({ day_ms: 86_400_000 }, () => {
    assert.deepEqual(reducers.TICK(state), ["day"]);
    assert.deepEqual(reducers.TICK(state), []);
  });
});

test("who writes is shown for ten seconds, also when the clock is set back meanwhile", () => {
  const state = emptyState();
  reducers.TYPING_START(state, { channel_id: "9", user_id: "2" });
  later({ day_ms: -3_600_000, page_ms: 5000 }, () => {
    reducers.TICK(state);
    assert.equal(state.typing.get("9").size, 1);
  });
  later({ day_ms: -3_600_000, page_ms: 11_000 }, () => {
    assert.ok(reducers.TICK(state).includes("typing:9"));
    assert.equal(state.typing.get("9").size, 0);
  });
});
