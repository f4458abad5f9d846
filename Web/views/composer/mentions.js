// Between what one writes (`@alice`, `#general`, `:party:`) and what the server keeps (`<@1>`, `<#2>`, `<:party:3>`). What
// stands in code stays as it is.

import { store } from "../../store/store.js";

const CODE = /(`+)[^]*?\1(?!`)/g;

/** Applies a change to what is no code. */
function outsideCode(text, change) {
  let result = "";
  let end = 0;
  for (const match of text.matchAll(CODE)) {
    result += change(text.slice(end, match.index)) + match[0];
    end = match.index + match[0].length;
  }
  return result + change(text.slice(end));
}

/** As the server keeps it. */
export function toStored(text, serverID) {
  return outsideCode(text, (part) =>
    part
      .replace(/(^|[^\p{L}\p{N}_<])@([A-Za-z0-9_.-]{2,32})/gu, (whole, before, name) =>
        before + (mention(name, serverID) ?? whole.slice(before.length)))
      .replace(/(^|[^\p{L}\p{N}_<])@"([^"\n]{1,100})"/gu, (whole, before, name) =>
        before + (roleMention(name, serverID) ?? whole.slice(before.length)))
      .replace(/(^|[^\p{L}\p{N}_<&/])#([\p{L}\p{N}_-]{1,100})/gu, (whole, before, name) =>
        before + (channelMention(name, serverID) ?? whole.slice(before.length)))
      .replace(/(?<!<a?):([a-z0-9_]{2,32}):/g, (whole, name) =>
        emojiMention(name, serverID) ?? whole));
}

/** As one writes it. */
export function fromStored(text, serverID) {
  const { users, channels, servers } = store.state;
  return outsideCode(text, (part) =>
    part
      .replace(/<@(\d+)>/g, (whole, id) => (users.has(id) ? `@${users.get(id).username}` : whole))
      .replace(/<@&(\d+)>/g, (whole, id) => roleText(servers.get(serverID)?.roles.get(id)) ?? whole)
      .replace(
        /<#(\d+)>/g,
        (
          whole,
          id,
        ) => (channels.get(id)?.server_id === serverID && channels.has(id) ? `#${channels.get(id).name}` : whole),
      )
      .replace(
        /<a?:([a-z0-9_]+):(\d+)>/g,
        (whole, name, id) => (findEmoji(name, serverID)?.id === id ? `:${name}:` : whole),
      ));
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

/** The server's own emoji first, then those of the others. */
export function findEmoji(name, serverID) {
  const { servers } = store.state;
  const own = servers.get(serverID);
  for (const server of [own, ...servers.values()]) {
    const emoji = server?.emojis.find((item) => item.name === name);
    if (emoji) return emoji;
  }
  return null;
}

function emojiMention(name, serverID) {
  const emoji = findEmoji(name, serverID);
  return emoji ? `<${emoji.animated ? "a" : ""}:${emoji.name}:${emoji.id}>` : null;
}
