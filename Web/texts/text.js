// The words of the client. Each language has a folder with a file of texts by key for each part of the client: `main` for
// what is there from the beginning, the others loaded with their views. English is complete, and stands in for what
// another language does not have.

import { load } from "../kernel/parts.js";
import english from "./en/main.js";

/** The languages there are, by their own names. */
export const LANGUAGES = { en: "English", de: "Deutsch", ja: "日本語" };

/** The addresses stand here in full, so that a bundler finds them. */
const FILES = {
  en: { administration: () => import("./en/administration.js"), settings: () => import("./en/settings.js") },
  de: {
    main: () => import("./de/main.js"),
    administration: () => import("./de/administration.js"),
    settings: () => import("./de/settings.js"),
  },
  ja: {
    main: () => import("./ja/main.js"),
    administration: () => import("./ja/administration.js"),
    settings: () => import("./ja/settings.js"),
  },
};

let texts = { ...english };
/** Made when it is needed: the browser takes its time. */
let plurals = null;
const parts = new Set(["main"]);
export let language = "en";

/** The best of the person's languages that there is. */
export function preferredLanguage(wish = "") {
  for (const code of [wish, ...navigator.languages]) {
    const short = code.split("-")[0];
    if (Object.hasOwn(LANGUAGES, short)) return short;
  }
  return "en";
}

/** Loads a language; what is on the page has to be drawn again by the caller. */
export async function useLanguage(code) {
  if (!Object.hasOwn(LANGUAGES, code)) return;
  const loaded = await Promise.all([...parts].map((part) => read(part, code)));
  texts = Object.assign({}, ...loaded);
  plurals = null;
  language = code;
  document.documentElement.lang = code;
}

/** Loads the texts of a part of the client, before its view is shown. */
export async function useTexts(part) {
  if (parts.has(part)) return;
  texts = { ...texts, ...(await read(part, language)) };
  parts.add(part);
}

async function read(part, code) {
  const [fallback, own] = await Promise.all([
    part === "main" ? english : contents("en", part),
    code === "en" ? {} : contents(code, part),
  ]);
  return { ...fallback, ...own };
}

const contents = async (code, part) => (await load(FILES[code][part])).default;

/**
 * A text with its values put in: `{name}` stands for `values.name`. A text that depends on a number is an object by plural
 * category (CLDR) and decided by `values.count`.
 */
export function t(key, values = {}) {
  return found(key, values).replace(/\{(\w+)\}/g, (whole, name) => show(values[name] ?? whole));
}

/** The same as a list of children, for values that are elements. */
export function rich(key, values = {}) {
  return found(key, values)
    .split(/(\{\w+\})/)
    .map((part) => {
      const name = /^\{(\w+)\}$/.exec(part)?.[1];
      const value = name === undefined ? part : values[name];
      return typeof value === "number" ? show(value) : value;
    });
}

/** Up to here all languages write the same digits, and the first formatter of a page takes long to make. */
const PLAIN = 1000;

export const formatNumber = (number) =>
  Number.isInteger(number) && number >= 0 && number < PLAIN
    ? String(number)
    : new Intl.NumberFormat(language).format(number);

/** Several names, one after the other. */
export const formatList = (names) => new Intl.ListFormat(language).format(names);

/** A count for a text, of which nobody knows how far it goes beyond `most`: then it says so. */
export const upTo = (count, most) => (count >= most ? `${formatNumber(most)}+` : count);

const show = (value) => (typeof value === "number" ? formatNumber(value) : String(value));

function found(key, values) {
  const text = texts[key];
  if (text === undefined) {
    console.error(`There is no text for ${key}.`);
    return key;
  }
  if (typeof text === "string") return text;
  plurals ??= new Intl.PluralRules(language);
  return text[plurals.select(values.count ?? 0)] ?? text.other;
}

/** From so long a wait on, its end says more than its seconds. */
const LONG_WAIT_S = 120;

const timeOfDay = (time_ms) =>
  new Intl.DateTimeFormat(language, { dateStyle: "short", timeStyle: "short" }).format(time_ms);

/** What an error means for a person. */
export function explain(error) {
  const known = {
    "Invalid credentials": "error.credentials",
    "Invalid code": "error.code",
    "Expired token": "error.expired",
    "Weak password": "error.weak-password",
    "Username already taken": "error.username-taken",
    "Email already taken": "error.email-taken",
    "Permission denied": "error.permission",
    "Access denied": "error.access",
    "Cannot message this user": "error.blocked",
    "Invite not found": "error.invite",
    "Banned from this server": "error.banned",
    "Already a member": "error.member",
    "File too large": "error.file-size",
    "Invalid file type": "error.file-type",
    "User not found": "error.user",
    "Already exists": "error.exists",
    "Registration is closed": "error.registration-closed",
    "Age requirement not met": "error.too-young",
    "Email not verified": "error.unverified",
    "Module not available": "error.module",
    "Invalid password or code": "error.password-or-code",
    "Message not found": "error.message-gone",
    "2FA is already enabled": "error.two-factor-on",
    "The owner cannot leave the server": "error.owner-leaves",
    "Account locked": "error.locked",
    "Request too large": "error.file-size",
    "Message must have content, attachments, or embeds": "error.required",
    "Valid 6-digit code required": "error.six-digits",
    "2FA is not enabled": "error.two-factor-off",
    "2FA setup not started": "error.expired",
    "Request timeout": "error.server",
  }[error.message];
  if (known) {
    return t(known, {
      seconds: Math.ceil(error.retryAfter_s ?? 0),
      minutes: Math.ceil((error.retryAfter_s ?? 60) / 60),
    });
  }
  if (error.isOutdated) return t("update.text");
  if (error.status === 0) return t("error.offline");
  if (error.retryAfter_s > LONG_WAIT_S) return t("error.rate-until", { time: timeOfDay(error.retryAt_ms) });
  if (error.status === 429) return t("error.rate", { seconds: Math.ceil(error.retryAfter_s ?? 1) });
  // Nothing else says when it will be over.
  if (error.status === 503 && error.retryAfter_s) return t("connection.maintenance");
  if (error.status >= 500) return t("error.server");
  if (error.status === 403) return t("error.permission");
  if (error.status === 404) return t("error.gone");
  if (error.details?.length > 0) return error.details.map(explainField).join(" ");
  if (error.status > 0) return t("error.field", { details: error.message });
  return error.message ?? t("error.unknown");
}

/**
 * What the server says of a field in words for developers, and people meet; the first that fits counts, and its numbers are
 * taken over in their order under these names. A test looks whether the server still says so.
 */
const FIELD_TEXTS = {
  "or another filter is required": ["error.search-empty"],
  "kinds already, which is the limit": ["error.reactions-full"],
  "which is no unused upload of yours": ["error.file-used"],
  "is another than that of what arrived": ["error.file-broken"],
  "which is the limit": ["error.limit", "most"],
  "is one too many": ["error.limit", "most"],
  "has at most": ["error.limit", "most"],
  "must be at most": ["error.too-long", "most"],
  "characters long, is": ["error.length", "least", "most"],
  "visible characters": ["error.length", "least", "most"],
  "must not have control characters": ["error.control-characters"],
  "may have letters A-Z": ["error.username-letters"],
  "may have a-z, 0-9 and '_'": ["error.emoji-letters"],
  "is not to be had here": ["error.username-reserved"],
  "must be an e-mail address": ["error.email"],
  "must lie ": ["error.moment"],
  "must be within the next 28 days": ["error.moment"],
  "must be a minute to a year ahead": ["error.moment"],
  "has no occurrence that is still ahead": ["error.moment"],
  "must be after starts_at, and at most a year later": ["error.end-first"],
  "is when another occurrence begins": ["error.occurrence-twice"],
  "must be another time than from": ["error.times-equal"],
  "are required where an answer is": ["error.options-missing"],
  "are required where they are enabled": ["error.required"],
  "must have something to see": ["error.required"],
  "must be something to be found": ["error.keyword"],
  "choose several options of a question that takes one": ["error.one-answer"],
  "must be an emoji": ["error.emoji"],
  "takes no threads": ["error.no-threads"],
  "must be a language such as en or pt-BR": ["error.language"],
  "name a channel twice": ["error.channel-twice"],
  "whose votes belong where it was asked": ["error.forward-poll"],
  "nobody could tell equal ones apart": ["error.poll-equal"],
  "is over": ["error.poll-over"],
  "must name at least two others": ["error.group-small"],
  "is your own": ["error.yourself"],
  "and bots own nothing": ["error.bot-owner"],
  "must be an IP address or a CIDR range": ["error.address"],
  "in which * stands for anything": ["error.pattern"],
  "must be a SHA-256 hash": ["error.hash"],
  "contains your own address": ["error.own-address"],
  "is required": ["error.required"],
};

function explainField({ field, message }) {
  const words = Object.keys(FIELD_TEXTS).find((words) => message.includes(words));
  if (!words) return t("error.field", { details: `${field}: ${message}` });
  const [key, ...names] = FIELD_TEXTS[words];
  const numbers = message.match(/\d+/g) ?? [];
  return t(key, Object.fromEntries(names.map((name, index) => [name, Number(numbers[index])])));
}
