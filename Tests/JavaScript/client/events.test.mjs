import assert from "node:assert/strict";
import { test } from "node:test";
import { recurrenceText } from "../../../Web/views/events/event-words.js";

const EVERY = { interval: 1, by_weekday: null, by_month_day: null, count: null, until: null };
const words = (rule) => recurrenceText({ recurrence: { ...EVERY, ...rule }, timezone: "Asia/Tokyo" });

test("every rule by which an event comes again is said in words", () => {
  for (
    const [rule, text] of [
      [{ frequency: "daily" }, "Repeats daily"],
      [{ frequency: "daily", interval: 3, count: 10 }, "Repeats every 3 days 10 times in all"],
      [{ frequency: "daily", by_weekday: ["mo", "fr"] }, "Repeats daily only on Monday and Friday"],
      [{ frequency: "weekly", by_weekday: ["tu"] }, "Repeats weekly on Tuesday"],
      [{ frequency: "weekly", interval: 2, by_weekday: ["mo", "we"] }, "Repeats every 2 weeks on Monday and Wednesday"],
      [{ frequency: "monthly", by_month_day: 13 }, "Repeats monthly on day 13"],
      [{ frequency: "monthly", by_weekday: ["tu"] }, "Repeats monthly on each Tuesday"],
      [
        { frequency: "yearly", by_month_day: 13, by_weekday: ["th", "fr"] },
        "Repeats yearly on day 13 of each month if it is a Thursday or Friday",
      ],
      // Its last moment is told by the clocks of the event: 23:59 in Tokyo.
      [{ frequency: "weekly", until: 1_898_953_140 }, "Repeats weekly until March 5, 2030"],
    ]
  ) assert.equal(words(rule), text);
});
