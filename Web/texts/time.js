// Moments as people say them, in their language and time zone.

import { language, t } from "./text.js";
import { serverNow } from "../kernel/clock.js";

const formats = new Map();

function format(options) {
  const key = language + JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(language, options));
  return formats.get(key);
}

const STYLES = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
};

/** @param {"t"|"T"|"d"|"D"|"f"|"F"} style as in `<t:SECONDS:STYLE>`. */
export const formatTime = (date, style) => format(STYLES[style] ?? STYLES.f).format(date);

/** The day that it is then in a time zone. */
export const dayIn = (timezone, time_ms) => format({ dateStyle: "long", timeZone: timezone }).format(time_ms);

/** What the clock says in a time zone now; nothing where this browser does not know it. */
export function timeIn(timezone, now_ms = serverNow()) {
  try {
    return format({ weekday: "short", hour: "numeric", minute: "2-digit", timeZone: timezone }).format(now_ms);
  } catch {
    return null;
  }
}

const UNITS = [
  ["year", 31_536_000_000],
  ["month", 2_592_000_000],
  ["week", 604_800_000],
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
];

/** "3 hours ago", "tomorrow". */
export function relativeTime(time_ms, now_ms = serverNow()) {
  const difference = time_ms - now_ms;
  const [unit, length] = UNITS.find(([, length]) => Math.abs(difference) >= length) ?? UNITS.at(-1);
  const count = unit === "day" ? daysBetween(now_ms, time_ms) : Math.round(difference / length);
  return new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(count, unit);
}

/** The longest day, on which clocks are set back, and a little more. */
const LONGEST_DAY_MS = 26 * 3_600_000;

/** Days that follow each other have other numbers. */
export const isSameDay = (a, b) => Math.abs(a - b) < LONGEST_DAY_MS && new Date(a).getDate() === new Date(b).getDate();

/** How many days of the calendar lie between two moments: those on which the clocks are changed have 23 or 25 hours. */
function daysBetween(from_ms, to_ms) {
  const [from, to] = [from_ms, to_ms].map((time_ms) => {
    const date = new Date(time_ms);
    return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  });
  return (to - from) / 86_400_000;
}

/** A day as a heading: today, yesterday, or the date. */
export function dayName(time_ms, now_ms = Date.now()) {
  if (isSameDay(time_ms, now_ms)) return t("today");
  if (daysBetween(time_ms, now_ms) === 1) return t("yesterday");
  return format({ dateStyle: "full" }).format(time_ms);
}

/** A moment as it stands beside a message: the time alone when it was today. */
export function shortMoment(time_ms, now_ms = Date.now()) {
  if (isSameDay(time_ms, now_ms)) return formatTime(time_ms, "t");
  if (daysBetween(time_ms, now_ms) === 1) return t("yesterday-at", { time: formatTime(time_ms, "t") });
  return format({ dateStyle: "short", timeStyle: "short" }).format(time_ms);
}

/** A moment as the browser's fields for dates want it: local time without a zone. */
export function fieldMoment(time_ms) {
  const offset_ms = new Date(time_ms).getTimezoneOffset() * 60_000;
  return new Date(time_ms - offset_ms).toISOString().slice(0, 16);
}

/** The same by the clocks of a time zone. */
export function fieldMomentIn(timezone, time_ms) {
  return new Date(time_ms + offset_ms(timezone, time_ms)).toISOString().slice(0, 16);
}

/** The moment at which the clocks of a time zone show what a field says: the first, if they do twice. */
export function momentIn(timezone, value) {
  const wall_ms = Date.parse(`${value}Z`);
  const [before, after] = [-86_400_000, 86_400_000].map((day_ms) => offset_ms(timezone, wall_ms + day_ms));
  return wall_ms - (offset_ms(timezone, wall_ms - before) === before ? before : after);
}

/** How far the clocks of a time zone are ahead of UTC. */
function offset_ms(timezone, time_ms) {
  const parts = format({
    timeZone: timezone,
    hourCycle: "h23",
    calendar: "iso8601",
    numberingSystem: "latn",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
  }).formatToParts(time_ms);
  const [year, month, day, hour, minute] = ["year", "month", "day", "hour", "minute"].map((type) =>
    Number(parts.find((part) => part.type === type).value)
  );
  return Date.UTC(year, month - 1, day, hour, minute) - Math.floor(time_ms / 60_000) * 60_000;
}

/** How long something plays, as players write it: 0:07, 12:30, 1:02:03. */
export function playingTime(duration_ms) {
  const seconds = Math.max(1, Math.round(duration_ms / 1000));
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = parts[0] ? parts : parts.slice(1);
  return shown.map((part, index) => index ? String(part).padStart(2, "0") : part).join(":");
}

export function fileSize(bytes) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
  const power = Math.min(units.length - 1, Math.floor(Math.log(Math.max(bytes, 1)) / Math.log(1024)));
  return new Intl.NumberFormat(language, {
    style: "unit",
    unit: units[power],
    unitDisplay: "short",
    maximumFractionDigits: power ? 1 : 0,
  }).format(bytes / 1024 ** power);
}
