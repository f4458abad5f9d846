// A message in a line of plain text: whose it is, and what it says.

import { plainText } from "../../markdown/text.js";
import { channelName, nameOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { shortMoment } from "../../texts/time.js";

/** Whose a message is. A webhook speaks under names of its own, which may be those of others. */
export const authorName = (message, serverID) =>
  isWebhook(message)
    ? message.author_username
    : nameOf(store.state, message.author_id, serverID, message.author_display_name ?? message.author_username);

export const isWebhook = (message) => Boolean(message.webhook_id) || store.state.webhooks.has(message.author_id);

/** The same in a line of plain text. */
export function authorText(message, serverID) {
  const name = authorName(message, serverID);
  return isWebhook(message) ? t("webhook.named", { name }) : name;
}

/** A picture of this server's; those of other sites would tell them who reads here. */
export const ownPicture = (url) => (/^\/(?!\/)/.test(url ?? "") ? url : null);

/** A message's text in a line. It is cut after it was read: half a spoiler is none. */
export const snippet = (content) =>
  plainText(content ?? "", { name: mentionName }).slice(0, 160) || t("message.no-text");

/** What a message is that has no words, in a line. */
export function wordless(message) {
  if (message?.voice) return t("voice.message");
  if (message?.poll) return message.poll.question;
  if (message?.stickers?.length) return t("sticker.named", { name: message.stickers[0].name });
  if (message?.forward) {
    const { snapshot } = message.forward;
    return `${t("forwarded")}: ${snapshot.content ? snippet(snapshot.content) : wordless(snapshot)}`;
  }
  return t("message.no-text");
}

export function mentionName(node) {
  const { state } = store;
  if (node.type === "user") return `@${nameOf(state, node.id, null, t("someone"))}`;
  if (node.type === "channel") return `#${channelName(state, state.channels.get(node.id), t) || t("channel.unknown")}`;
  if (node.type === "time") return shortMoment(node.seconds * 1000);
  const server = [...state.servers.values()].find((server) => server.roles.has(node.id));
  return `@${server?.roles.get(node.id).name ?? t("role.deleted")}`;
}
