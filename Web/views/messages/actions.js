// What can be done with a message: as buttons beside it, as a menu, by keys.

import { h } from "../../dom/element.js";
import { keyOf, letterOf } from "../../dom/keys.js";
import { addressOf } from "../../kernel/router.js";
import { reactionEmoji } from "../../markdown/custom-emoji.js";
import { shownTime } from "../../markdown/render.js";
import { copiedText, plainText } from "../../markdown/text.js";
import { api } from "../../server/api.js";
import { markUnread, pin, remove, toggleReaction } from "../../server/messages.js";
import { inChannel, isSilenced, mayForward, mayStartThread } from "../../store/permissions.js";
import { readSetting } from "../../store/settings.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { copyText } from "../common/copy.js";
import { iconButton } from "../common/controls.js";
import { ask, attempt, confirm, notify, showMenu } from "../common/dialog.js";
import { onDemand } from "../common/on-demand.js";
import { mentionName } from "../common/message-text.js";
import { react } from "./reactions.js";
import { openThread } from "../common/open-thread.js";
import { messageSubject } from "../common/subject.js";
import { givesReceipts } from "./receipts.js";

const QUICK = ["👍", "❤️", "😂"];

function rightsOn(message) {
  const { state } = store;
  const channel = state.channels.get(message.channel_id);
  const rights = inChannel(state, channel);
  const isOwn = message.author_id === state.me.id && !message.webhook_id;
  return {
    channel,
    isOwn,
    mayEdit: isOwn && !message.voice && !message.poll && !isSilenced(state, channel?.server_id),
    mayDelete: isOwn || (rights.has("messages.manage") && Boolean(channel?.server_id)),
    mayPin: rights.has("messages.manage") || (channel && !channel.server_id),
    mayReact: rights.has("messages.add_reactions"),
    mayWrite: rights.has("messages.send"),
    mayForward: mayForward(state, message),
    mayThread: Boolean(channel?.server_id) && !channel.thread && mayStartThread(state, channel) &&
      !message.thread_id,
  };
}

export const mayEdit = (message) => rightsOn(message).mayEdit;

/** The buttons beside the message that one points at. */
export function renderToolbar(message, list) {
  const rights = rightsOn(message);
  const { recent } = readSetting(store.state, "client.emoji");
  const quick = [...recent.filter((emoji) => !emoji.includes(":")), ...QUICK].slice(0, 3);
  return [
    rights.mayReact &&
    [...new Set(quick)].map((emoji) =>
      h("button", {
        key: emoji,
        type: "button",
        class: "icon-button only-wide",
        "aria-label": t("reaction.add", { emoji }),
        onclick: () => attempt(() => toggleReaction(message, emoji)),
      }, reactionEmoji(emoji, { state: store.state }))
    ),
    rights.mayReact && iconButton("react", t("react"), (event) => react(message, event.currentTarget)),
    rights.mayWrite && iconButton("reply", t("reply"), () => list.onreply(message)),
    rights.mayEdit && iconButton("edit", t("edit"), () => list.editing.begin(message)),
    rights.mayThread && iconButton("thread", t("thread.start"), () => startThread(message)),
    iconButton("more", t("more"), (event) => showMessageMenu(message, event.currentTarget, list)),
  ];
}

export function showMessageMenu(message, anchor, list) {
  const rights = rightsOn(message);
  showMenu(
    anchor,
    [
      rights.mayReact &&
      {
        label: t("react"),
        icon: "react",
        run: () => react(message, list.element.querySelector(`[data-id="${message.id}"]`) ?? document.body),
      },
      rights.mayWrite && { label: t("reply"), icon: "reply", run: () => list.onreply(message) },
      rights.mayEdit && { label: t("edit"), icon: "edit", run: () => list.editing.begin(message) },
      rights.mayThread && { label: t("thread.start"), icon: "thread", run: () => startThread(message) },
      rights.mayForward &&
      { label: t("forward"), icon: "forward", run: () => onDemand.forwardMessage(message) },
      rights.mayPin &&
      { label: t(message.pinned ? "unpin" : "pin"), icon: "pin", run: () => attempt(() => pin(message)) },
      { label: t("bookmark"), icon: "bookmark", run: () => bookmark(message) },
      store.state.capabilities?.reminders !== false &&
      { label: t("remind"), icon: "bell", run: () => onDemand.remindOf(message) },
      {
        label: t("mark-unread"),
        icon: "unread",
        run: () =>
          attempt(async () => {
            list.keepUnread(message);
            await markUnread(message);
          }),
      },
      message.content && { label: t("copy-text"), icon: "copy", run: () => copyText(shownText(message.content)) },
      {
        label: t("copy-link"),
        icon: "link",
        run: () => copyText(location.origin + addressOf(rights.channel, message.id)),
      },
      message.reactions.length > 0 &&
      { label: t("reactions"), icon: "emoji", run: () => onDemand.showReactors(message) },
      givesReceipts(rights.channel) &&
      { label: t("receipts.who"), icon: "check", run: () => onDemand.showReaders(message) },
      message.edited_at && { label: t("history"), icon: "retry", run: () => onDemand.showHistory(message) },
      "-",
      !rights.isOwn && !message.webhook_id &&
      { label: t("report"), icon: "flag", isDangerous: true, run: () => onDemand.report({ message }) },
      rights.mayDelete && { label: t("delete"), icon: "trash", isDangerous: true, run: () => askToDelete(message) },
    ],
    { label: t("message.actions"), subject: messageSubject(message) },
  );
}

/** The keys that work on a message; `?` lists them. */
export function messageKey(event, message, list) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const rights = rightsOn(message);
  const row = event.target.closest("[data-id]");
  const acts = {
    r: rights.mayWrite && (() => list.onreply(message)),
    e: rights.mayEdit && (() => list.editing.begin(message)),
    p: rights.mayPin && (() => attempt(() => pin(message))),
    f: rights.mayForward && (() => onDemand.forwardMessage(message)),
    t: rights.mayThread && (() => startThread(message)),
    u: () =>
      attempt(async () => {
        list.keepUnread(message);
        await markUnread(message);
      }),
    "+": rights.mayReact && (() => react(message, row)),
    Delete: rights.mayDelete && (() => askToDelete(message)),
    ContextMenu: () => showMessageMenu(message, row, list),
    m: () => showMessageMenu(message, row, list),
  };
  const key = keyOf(event);
  // A capital letter is no command.
  const act = acts[key] ?? (event.shiftKey ? null : acts[letterOf(event)]);
  if (!act || event.target.closest("button, a") !== null && key.length > 1) return;
  event.preventDefault();
  act();
}

async function askToDelete(message) {
  if (await confirm(t("message.delete"), t("message.delete-text"), { action: t("delete") })) {
    await attempt(() => remove(message));
  }
}

/** What one sees of a text, to be pasted elsewhere. */
const shownText = (content) =>
  copiedText(content, { name: (node) => (node.type === "time" ? shownTime(node) : mentionName(node)) });

const bookmark = (message) =>
  attempt(async () => {
    await api.put(`/users/@me/bookmarks/${message.id}`);
    notify(t("bookmark.kept"));
  });

async function startThread(message) {
  const name = await ask(t("thread.start"), t("name"), {
    value: plainText(message.content ?? "", { name: mentionName }).slice(0, 60),
    maxlength: 100,
    action: t("make"),
  });
  if (!name) return;
  await attempt(async () => {
    const thread = await api.post(`/channels/${message.channel_id}/threads`, { name, message_id: message.id });
    store.apply("THREAD_CREATE", thread);
    await openThread(thread.id);
  });
}
