// Events in words.

import { channelName } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { language, t } from "../../texts/text.js";
import { formatTime } from "../../texts/time.js";

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

/** How an event comes again, in a line. */
export function recurrenceText({ frequency, interval, by_weekday, by_month_day, count, until }) {
  const list = new Intl.ListFormat(language, { type: "conjunction" });
  return [
    interval === 1 ? t(`event.repeats.${frequency}`) : t(`event.every.${frequency}`, { count: interval }),
    by_weekday && list.format(by_weekday.map((day) => weekdayName(day))),
    by_month_day && t("event.month-day", { day: by_month_day }),
    count && t("event.times", { count }),
    until && t("event.until", { date: formatTime(until * 1000, "D") }),
  ].filter(Boolean).join(" · ");
}
