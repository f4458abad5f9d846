// Emoji of servers as pictures. Anybody can write of emoji that there are not, so those that this client does not know are
// asked for with measure, and once.

import { h } from "../dom/element.js";

/** So many unknown ones are asked for in a text; the others stand as their names. */
const MOST_UNKNOWN = 40;
/** Where so many do not exist, unknown ones are asked for no more. */
const MOST_MISSING = 200;

/** The ids of those that did not come. */
const missing = new Set();
/** A server's list of emoji → their ids. */
const listed = new WeakMap();

/** One that there is. */
export const customEmoji = ({ id, name }, onerror = null) =>
  h("img", {
    class: "emoji",
    src: `/api/v1/media/emojis/${id}`,
    alt: `:${name}:`,
    title: `:${name}:`,
    draggable: "false",
    loading: "lazy",
    onerror,
  });

/**
 * One that somebody wrote.
 * @param {object} context `state`, and the ids of the unknown ones that the text has shown so far, which are kept here.
 */
export function writtenEmoji({ id, name }, context) {
  if (isKnown(context.state, id)) return customEmoji({ id, name });
  const asked = (context.unknownEmoji ??= new Set());
  const isRefused = missing.has(id) || missing.size >= MOST_MISSING || (!asked.has(id) && asked.size >= MOST_UNKNOWN);
  if (isRefused) return `:${name}:`;
  asked.add(id);
  return customEmoji({ id, name }, () => {
    // Without a connection nothing comes, and what there is comes later.
    if (context.state.connection.status === "online") missing.add(id);
  });
}

const REACTION = /^([a-z0-9_]{2,32}):(\d+)$/;

/** An emoji of a reaction: one of Unicode, or `name:id`. `context` is that of `writtenEmoji`. */
export function reactionEmoji(emoji, context) {
  const custom = REACTION.exec(emoji);
  return custom
    ? writtenEmoji({ name: custom[1], id: custom[2] }, context)
    : h("span", { class: "unicode-emoji" }, emoji);
}

export const emojiName = (emoji) => REACTION.exec(emoji)?.[1] ?? emoji;

function isKnown(state, id) {
  for (const { emojis } of state.servers.values()) {
    if (!listed.has(emojis)) listed.set(emojis, new Set(emojis.map((emoji) => emoji.id)));
    if (listed.get(emojis).has(id)) return true;
  }
  return false;
}
