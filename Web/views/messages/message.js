// One message as it stands in the list.

import { h } from "../../dom/element.js";
import { timeOf } from "../../kernel/snowflake.js";
import { renderMarkdown } from "../../markdown/render.js";
import { addressOf, navigate } from "../../kernel/router.js";
import { isMentioned } from "../../store/unread.js";
import { avatarOf, colorOf, isBlocked, nameOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { formatTime, shortMoment } from "../../texts/time.js";
import { avatar } from "../common/controls.js";
import { attempt } from "../common/dialog.js";
import { icon } from "../common/icons.js";
import { authorName, isWebhook, ownPicture, snippet, wordless } from "../common/message-text.js";
import { onDemand } from "../common/on-demand.js";
import { openThread } from "../common/open-thread.js";
import { renderAttachments } from "./attachments.js";
import { renderForwarded } from "./forwarded.js";
import { Editor } from "./editor.js";
import { renderEmbeds } from "./embeds.js";
import { renderPoll } from "./poll.js";
import { renderReactions } from "./reactions.js";
import { renderStickers } from "./stickers.js";
import { VoicePlayer } from "./voice.js";
import { renderReceipt } from "./receipts.js";

/** What a message shows beside itself; it is drawn again when one of `dependencies` changes. */
export function describeMessage(message, channel) {
  const { state } = store;
  const serverID = channel?.server_id ?? null;
  const server = state.servers.get(serverID);
  const member = state.members.get(serverID)?.byID.get(message.author_id);
  const name = authorName(message, serverID);
  const color = server && member ? colorOf(server, member.roles) : null;
  const picture = message.webhook_id
    ? { url: ownPicture(message.author_avatar_url), name, id: message.author_id }
    : avatarOf(state, message.author_id);
  const hidden = isBlocked(state, message.author_id);
  return {
    channel,
    serverID,
    name,
    color,
    picture,
    hidden,
    dependencies: [
      name,
      color,
      picture?.url,
      picture?.name,
      hidden,
      server,
      state.channels.get(message.thread_id)?.name,
      channel?.thread?.locked,
      shownNames(message, serverID),
      state.settings["client.keyboard"],
    ],
  };
}

const MENTION = /<[@#](\d+)>/g;
/** message → the ids of people and channels that its text names. */
const named = new WeakMap();

/** The names and the picture of others that a message shows: of whom it names, and of whom it answers. */
function shownNames(message, serverID) {
  const { state } = store;
  if (!named.has(message)) named.set(message, [...(message.content ?? "").matchAll(MENTION)].map(([, id]) => id));
  const names = named.get(message).map((id) => state.channels.get(id)?.name ?? nameOf(state, id, serverID));
  const answered = message.reply_to?.author_id;
  if (answered) {
    names.push(
      nameOf(state, answered, serverID),
      avatarOf(state, answered).url,
      isBlocked(state, answered),
      state.webhooks.has(answered),
    );
  }
  return names.join("\n");
}

export function renderMessage(message, context) {
  const { isContinued, isHighlighted, hidden, list } = context;
  const isOwn = message.author_id === store.state.me.id;
  const isForMe = !isOwn && isMentioned(store.state, message);
  const classes = [
    "message",
    isContinued && "continued",
    isHighlighted && "highlighted",
    isForMe && "for-me",
    context.isEditing && "editing",
  ].filter(Boolean).join(" ");
  const time_ms = timeOf(message.id);
  if (hidden && !list?.shownBlocked?.has(message.id)) return renderHidden(message, classes, list);
  return h(
    "article",
    {
      class: classes,
      dataset: { id: message.id },
      tabindex: "-1",
      "aria-label": t("message.by", { name: context.name, time: formatTime(time_ms, "f") }),
    },
    message.reply_to_id && renderReply(message, context),
    h(
      "div",
      { class: "message-side" },
      isContinued
        ? h(
          "time",
          { class: "hover-time", dir: "auto", datetime: new Date(time_ms).toISOString() },
          formatTime(time_ms, "t"),
        )
        : authorPicture(message, context),
    ),
    h(
      "div",
      { class: "message-main" },
      !isContinued && renderAuthor(message, context, time_ms),
      context.isEditing
        ? h(Editor, {
          key: "editor",
          message,
          isWanted: context.isEditing === "wanted",
          ondone: () => list.editing.end(),
        })
        : renderContent(message, context),
      message.forward && renderForwarded(message.forward, context),
      message.voice
        ? h(VoicePlayer, { key: "voice", file: message.attachments[0], voice: message.voice })
        : renderAttachments(message.attachments),
      renderStickers(message.stickers),
      renderEmbeds(message.embeds, context),
      message.poll && renderPoll(message.poll, message),
      renderReactions(message, context),
      message.thread_id && renderThreadLink(message),
      context.isLast && renderReceipt(message, context.channel),
    ),
  );
}

/** Stands beside the name of a webhook. */
const webhookTag = () => h("span", { class: "tag" }, t("webhook"));

/** Whose name or picture this is, for their menu. */
const person = (userID, { serverID }) => ({ user: userID, server: serverID ?? "@me" });

const authorPicture = (message, context) =>
  message.webhook_id ? avatar(context.picture, { size: 40 }) : h("button", {
    type: "button",
    class: "plain",
    "aria-label": t("profile.of", { name: context.name }),
    dataset: person(message.author_id, context),
    onclick: (event) => onDemand.showProfile(message.author_id, event.currentTarget, context.serverID),
  }, avatar(context.picture, { size: 40 }));

function renderAuthor(message, context, time_ms) {
  const style = context.color ? { "--name": context.color } : null;
  return h(
    "div",
    { class: "message-head" },
    message.webhook_id ? h("span", { class: "author" }, h("bdi", null, context.name)) : h("button", {
      type: "button",
      class: "author plain",
      style,
      dataset: person(message.author_id, context),
      onclick: (event) => onDemand.showProfile(message.author_id, event.currentTarget, context.serverID),
    }, h("bdi", null, context.name)),
    message.webhook_id && webhookTag(),
    h(
      "time",
      { dir: "auto", datetime: new Date(time_ms).toISOString(), title: formatTime(time_ms, "F") },
      shortMoment(time_ms),
    ),
    message.pinned &&
      h(
        "span",
        { class: "soft", title: t("message.pinned") },
        icon("pin", { size: 14 }),
        h("span", { class: "visually-hidden" }, t("message.pinned")),
      ),
  );
}

function renderContent(message, context) {
  if (!message.content) return null;
  return h(
    "div",
    { class: "message-text" },
    renderMarkdown(message.content, {
      state: store.state,
      serverID: context.serverID,
      message,
      onUser: (id, element) => onDemand.showProfile(id, element, context.serverID),
    }, message.edited_at && edited(message)),
  );
}

/** A text that was changed says so. */
const edited = (message) =>
  h("span", { class: "edited", title: formatTime(message.edited_at * 1000, "F") }, t("message.edited"));

/** The line above an answer: what it answers. */
export function renderReply(message, context) {
  const { reply_to: reply } = message;
  const go = () => navigate(addressOf(context.channel, message.reply_to_id));
  return h(
    "button",
    { type: "button", class: "reply-line plain", onclick: go, disabled: !reply },
    icon("reply", { size: 14 }),
    reply
      ? [
        h(
          "span",
          { class: "reply-author", dataset: isWebhook(reply) ? null : person(reply.author_id, context) },
          avatar(avatarOf(store.state, reply.author_id), { size: 16 }),
          h("strong", { dir: "auto" }, authorName(reply, context.serverID)),
          isWebhook(reply) && webhookTag(),
        ),
        h(
          "span",
          { dir: "auto" },
          isBlocked(store.state, reply.author_id) ? t("message.blocked") : answeredText(message),
        ),
      ]
      : h("em", null, t("message.reply-gone")),
  );
}

/** What is answered, in a line. What has no text is known where it is loaded. */
function answeredText({ reply_to: reply, channel_id }) {
  const items = store.state.messages.get(channel_id)?.items ?? [];
  return reply.content ? snippet(reply.content) : wordless(items.find((item) => item.id === reply.id));
}

function renderHidden(message, classes, list) {
  const show = () => {
    list.shownBlocked ??= new Set();
    list.shownBlocked.add(message.id);
    store.touch(`messages:${message.channel_id}`, "relationships");
    list.editing.end();
  };
  return h(
    "article",
    { class: `${classes} hidden-message`, dataset: { id: message.id }, tabindex: "-1" },
    h("div", { class: "message-side" }),
    h(
      "div",
      { class: "message-main" },
      h("span", { class: "soft" }, t("message.blocked")),
      list && h("button", { type: "button", class: "button link", onclick: show }, t("show")),
    ),
  );
}

function renderThreadLink(message) {
  const thread = store.state.channels.get(message.thread_id);
  return h(
    "button",
    {
      type: "button",
      class: "thread-link",
      onclick: () => attempt(() => openThread(message.thread_id)),
    },
    icon("thread", { size: 16 }),
    h("span", { dir: "auto" }, thread?.name ?? t("thread")),
    h("span", { class: "soft" }, t("thread.go")),
  );
}
