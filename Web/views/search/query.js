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

const TOKEN = /(\w+):("[^"]*"|\S+)/g;

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
