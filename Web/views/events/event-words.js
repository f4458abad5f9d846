// Events in words.

import { channelName } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { language, t } from "../../texts/text.js";
import { dayIn, formatTime } from "../../texts/time.js";

export const ANSWERS = ["going", "interested", "not_going"];

export function eventWhen(event) {
  if (event.status === "active") return t("event.now");
  if (event.status !== "scheduled") {
    return `${t(`event.status.${event.status}`)} · ${formatTime(event.starts_at * 1000, "f")}`;
  }
  return formatTime(event.next_starts_at * 1000, "F");
}

export function eventWhere(event) {
  const channel = store.state.channels.get(event.channel_id);
  return channel ? `#${channelName(store.state, channel, t)}` : event.location;
}

export const WEEKDAYS = ["mo", "tu", "we", "th", "fr", "sa", "su"];

/** The 5th of January 2026 was a Monday. */
export const weekdayName = (day, style = "long") =>
  new Intl.DateTimeFormat(language, { weekday: style, timeZone: "UTC" })
    .format(Date.UTC(2026, 0, 5 + WEEKDAYS.indexOf(day)));

/** How an event comes again, as a sentence. */
export function recurrenceText({ recurrence, timezone }) {
  const { frequency, interval, count, until } = recurrence;
  return [
    interval === 1 ? t(`event.rule.${frequency}`) : t(`event.every.${frequency}`, { count: interval }),
    ...daysOf(recurrence),
    count && t("event.times", { count }),
    until && t("event.until", { date: dayIn(timezone, until * 1000) }),
  ].filter(Boolean).reduce((rule, more) => t("event.rule-with", { rule, more }));
}

/** On which days of its weeks, months or years; a day that is named twice has to be both. */
function daysOf({ frequency, by_weekday, by_month_day }) {
  const days = (type) => new Intl.ListFormat(language, { type }).format(by_weekday.map((day) => weekdayName(day)));
  if (by_month_day) {
    return [
      t(`event.month-day.${frequency}`, { day: by_month_day }),
      by_weekday && t("event.days.both", { days: days("disjunction") }),
    ];
  }
  return [by_weekday && t(`event.days.${frequency}`, { days: days("conjunction") })];
}
