// Between what one writes (`@alice`, `#general`, `:party:`, `:tada:`) and what the server keeps (`<@1>`, `<#2>`,
// `<:party:3>`, `🎉`). Code, links and escaped signs stay as they are.

import { load } from "../../kernel/parts.js";
import { isWord } from "../../markdown/characters.js";
import { places } from "../../markdown/parse.js";
import { store } from "../../store/store.js";

/** Applies a change to the plain parts of a text, and another one to the rest. */
function rewrite(text, changePart, changePlace) {
  let result = "";
  let end = 0;
  for (const place of places(text)) {
    result += changePart(text.slice(end, place.from)) + changePlace(place.node, text.slice(place.from, place.to));
    end = place.to;
  }
  return result + changePart(text.slice(end));
}

/** A person or role by a plain name. `@name@host`, `@name/package` and `/@name` are addresses elsewhere. */
const NAME = /(^|[^\p{L}\p{N}<@/])@(?![A-Za-z0-9_.-]+[@/][\p{L}\p{N}])([A-Za-z0-9_.-]{2,32})/gu;
/** An emoji by its name, written in full. */
const SHORT_CODE = /(?<!<a?):([a-z0-9_+-]{2,60}):/g;
/** Unicode's emoji by short code; loaded when a text first has one. */
let shortCodes = null;

/** As the server keeps it, with Unicode's emoji for their short codes; those stay when the list can't be had. */
export async function toSent(text, serverID) {
  if (!shortCodes && text.match(SHORT_CODE)) {
    shortCodes = await load(() => import("../../emoji/emoji.js")).then((emoji) => emoji.shortCodes()).catch(() => null);
  }
  return toStored(text, serverID);
}

/** Names in a text that nobody has who is known here. */
export function unknownNames(text, serverID) {
  const names = new Set();
  const look = (part) => {
    for (const [, , name] of part.matchAll(NAME)) if (!mention(name, serverID)) names.add(name.replace(/[._-]+$/, ""));
    return part;
  };
  rewrite(text, look, (_, whole) => whole);
  return [...names].filter((name) => name.length > 1 && !["everyone", "here"].includes(name));
}

/** As the server keeps it. */
export function toStored(text, serverID) {
  const stored = (part) =>
    withEmoji(
      part
        .replace(NAME, (whole, before, name) => before + (mention(name, serverID) ?? whole.slice(before.length)))
        .replace(/(^|[^\p{L}\p{N}<])@"([^"\n]{1,100})"/gu, (whole, before, name) =>
          before + (roleMention(name, serverID) ?? whole.slice(before.length)))
        .replace(/(^|[^\p{L}\p{N}_<&/])#([\p{L}\p{N}_-]{1,100})/gu, (whole, before, name) =>
          before + (channelMention(name, serverID) ?? whole.slice(before.length))),
      serverID,
    );
  return rewrite(text, stored, (_, whole) => whole);
}

/** An emoji touches no word on either side, or every `10:30:00` might hold one. */
function withEmoji(part, serverID) {
  const isWordAt = (index) => index >= 0 && index < part.length && isWord(part.charCodeAt(index));
  let end = 0;
  return part.replace(SHORT_CODE, (whole, name, index) => {
    const isWithin = isWordAt(index - 1) || isWordAt(index + whole.length) ||
      (part[index - 1] === ":" && end !== index);
    const emoji = isWithin ? null : (ownEmojiMention(name, serverID) ?? shortCodes?.get(name));
    if (emoji) end = index + whole.length;
    return emoji ?? whole;
  });
}

/** As one writes it; what would be another text when it is read again stays as it is kept. */
export function fromStored(text, serverID) {
  const written = rewrite(text, (part) => part, (node, whole) => writtenMention(node, serverID) ?? whole);
  return toStored(written, serverID) === text ? written : text;
}

function writtenMention(node, serverID) {
  const { users, channels, servers } = store.state;
  switch (node.type) {
    case "user":
      return users.has(node.id) ? `@${users.get(node.id).username}` : null;
    case "role":
      return roleText(servers.get(serverID)?.roles.get(node.id));
    case "channel":
      return channels.get(node.id)?.server_id === serverID ? `#${channels.get(node.id).name}` : null;
    case "emoji":
      return ownEmoji(node.name, serverID)?.id === node.id ? `:${node.name}:` : null;
    default:
      return null;
  }
}

const isPlain = (name) => /^[A-Za-z0-9_.-]{2,32}$/.test(name);

/** A role as one writes it; names with spaces stand in quotes. */
export const roleText = (role) => (role ? (isPlain(role.name) ? `@${role.name}` : `@"${role.name}"`) : null);

function mention(name, serverID) {
  // A sentence's full stop does not belong to the name.
  for (let end = name.length; end >= 2; end -= 1) {
    const candidate = name.slice(0, end);
    const found = userMention(candidate, serverID) ?? roleMention(candidate, serverID);
    if (found) return found + name.slice(end);
    if (!/[._-]/.test(name[end - 1] ?? "")) break;
  }
  return null;
}

function userMention(name, serverID) {
  const { users, members } = store.state;
  const wanted = name.toLowerCase();
  const known = members.get(serverID)?.byID;
  for (const user of users.values()) {
    if (user.username?.toLowerCase() === wanted && (!serverID || !known || known.has(user.id))) return `<@${user.id}>`;
  }
  return null;
}

function roleMention(name, serverID) {
  const role = [...(store.state.servers.get(serverID)?.roles.values() ?? [])].find((item) =>
    !item.is_default && item.name.toLowerCase() === name.toLowerCase()
  );
  return role ? `<@&${role.id}>` : null;
}

function channelMention(name, serverID) {
  const ids = store.state.servers.get(serverID)?.channelIDs ?? [];
  for (const id of ids) {
    const channel = store.state.channels.get(id);
    if (channel?.name.toLowerCase() === name.toLowerCase() && channel.channel_type !== "category") return `<#${id}>`;
  }
  return null;
}

/**
 * The emoji that a name means: one of the server in which one writes, else of Unicode. The owners of other servers do not
 * change what one writes here: theirs stand where they were chosen.
 */
const ownEmoji = (name, serverID) => store.state.servers.get(serverID)?.emojis.find((emoji) => emoji.name === name);

function ownEmojiMention(name, serverID) {
  const emoji = ownEmoji(name, serverID);
  return emoji && emojiMention(emoji);
}

const emojiMention = ({ animated, name, id }) => `<${animated ? "a" : ""}:${name}:${id}>`;

/** A server's emoji that was chosen, as it is written in this server or elsewhere. */
export const emojiText = (emoji, serverID) =>
  ownEmoji(emoji.name, serverID)?.id === emoji.id ? `:${emoji.name}:` : emojiMention(emoji);
