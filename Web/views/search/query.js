// What is looked for: words and filters as one writes them (`from:alice has:image before:2026-01-31 words`). Pure.

/** The filters and what each wants. */
export const FILTERS = {
  from: "person",
  mentions: "person",
  in: "channel",
  has: ["link", "file", "image", "video", "sound", "embed", "poll"],
  before: "date",
  after: "date",
  pinned: ["true", "false"],
};

// A quotation that is still open is no filter yet.
const TOKEN = /(\w+):("[^"]*"|[^\s"]\S*)/g;

/** Takes the filters out of a text: `{words, filters: [{name, value}]}`. */
export function readQuery(text) {
  const filters = [];
  const words = text.replace(TOKEN, (whole, name, value) => {
    if (!Object.hasOwn(FILTERS, name.toLowerCase())) return whole;
    const plain = value.replaceAll('"', "").replace(/^[@#]/, "");
    const allowed = FILTERS[name.toLowerCase()];
    if (Array.isArray(allowed) && !allowed.includes(plain.toLowerCase())) return whole;
    if (allowed === "date" && Number.isNaN(dateOf(plain))) return whole;
    filters.push({ name: name.toLowerCase(), value: plain });
    return " ";
  });
  return { words: words.replace(/\s+/g, " ").trim(), filters };
}

/** The moment that a day begins here, in milliseconds; NaN when it is no date. */
export const dateOf = (text) => (/^\d{4}-\d\d-\d\d$/.test(text) ? new Date(`${text}T00:00`).getTime() : NaN);

/**
 * Takes out of what stands before the caret the filters that a blank has ended: `{taken, rest, caret}`. What stands behind the
 * caret was written before, and its first word is no part of a filter.
 */
export function takeFilters(text, caret) {
  const before = text.slice(0, caret);
  const ended = before.replace(/\S+$/, "");
  // An open quotation goes on behind the blank.
  const open = /\w+:"[^"]*$/.exec(ended)?.[0] ?? "";
  const { words, filters } = readQuery(ended.slice(0, ended.length - open.length));
  if (filters.length === 0) return { taken: [], rest: text, caret };
  const kept = (words ? `${words} ` : "") + open + before.slice(ended.length);
  return { taken: filters, rest: kept + text.slice(caret), caret: kept.length };
}
