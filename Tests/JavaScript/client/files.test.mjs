import assert from "node:assert/strict";
import { test } from "node:test";
import { playingTime } from "../../../Web/texts/time.js";

test("how long something plays is written as players write it", () => {
  const times = [[1, "0:01"], [2006, "0:02"], [59_400, "0:59"], [60_000, "1:00"], [754_000, "12:34"]];
  for (const [duration_ms, expected] of times) assert.equal(playingTime(duration_ms), expected);
  assert.equal(playingTime(3_723_000), "1:02:03");
  assert.equal(playingTime(36_000_000), "10:00:00");
});
