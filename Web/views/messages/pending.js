import { h } from "../../dom/element.js";
import { load } from "../../kernel/parts.js";
import { renderMarkdown } from "../../markdown/render.js";
import { session } from "../../server/session.js";
import { returnToDraft } from "../../server/drafts.js";
import { canTakeBack } from "../../server/outbox.js";
import { avatarOf, nameOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { explain, t } from "../../texts/text.js";
import { formatTime } from "../../texts/time.js";
import { Lazy } from "../common/lazy.js";
import { avatar, button } from "../common/controls.js";
import { icon } from "../common/icons.js";
import { views } from "../common/on-demand.js";
import { snippet, wordless } from "../common/message-text.js";
import { fromStored, toStored } from "../composer/mentions.js";
import { renderReply } from "./message.js";
import { renderStickers } from "./stickers.js";

const serverOf = (item) => store.state.channels.get(item.channel_id)?.server_id ?? null;

/** What is sent, as far as it is known by now. */
const contentOf = (item) => item.text === undefined ? item.content : toStored(item.text, serverOf(item));

/** A message on its way, or one that did not get through. It looks as it will when it is there, so that nothing moves then. */
export function renderPending(item, { isContinued, list }) {
  const { state } = store;
  const isFailed = item.state === "failed";
  const serverID = serverOf(item);
  return h(
    "article",
    {
      key: `pending-${item.nonce}`,
      class: `message pending${isContinued ? " continued" : ""}${isFailed ? " failed" : ""}`,
      "aria-label": isFailed ? t("message.failed") : stateOf(item),
    },
    item.reply_to_id && renderReply(item, { list, channel: list.channel, serverID }),
    h(
      "div",
      { class: "message-side" },
      isContinued
        ? !isFailed && h("span", { class: "sending", title: stateOf(item) }, icon("send", { size: 12 }))
        : avatar(avatarOf(state, state.me.id), { size: 40 }),
    ),
    h(
      "div",
      { class: "message-main" },
      !isContinued && renderHead(item, isFailed),
      contentOf(item) && h("div", { class: "message-text" }, renderMarkdown(contentOf(item), { state, serverID })),
      item.handedOn && h("p", { class: "soft" }, `${t("forwarded")}: ${lineOf(item.handedOn)}`),
      item.poll && h("p", { class: "soft" }, icon("poll", { size: 16 }), " ", item.poll.question),
      renderStickers(item.stickers),
      item.files?.length > 0 &&
        h(Lazy, { key: "files", load: views.PendingFiles, properties: { item, oncancel: () => takeBack(item) } }),
      isFailed && failed(item),
      isHeldUp(item) && !item.files?.length &&
        h("div", null, button(t("message.take-back"), () => takeBack(item), { kind: "link" })),
    ),
  );
}

/** Whether it waits for something, so that there is time to take it back. With files, these have the button. */
function isHeldUp(item) {
  if (item.state !== "waiting" || !canTakeBack(item)) return false;
  if (item.files?.length > 0) return true;
  const { connection, outbox } = store.state;
  const isFirst = outbox.find((other) => other.channel_id === item.channel_id && other.state === "waiting") === item;
  return connection.status !== "online" || Boolean(item.retryAt_ms) || !isFirst;
}

const lineOf = (message) => (message.content ? snippet(message.content) : wordless(message));

const stateOf = (item) =>
  t(
    store.state.connection.status !== "online"
      ? "message.waiting"
      : item.files?.length
      ? "message.uploading"
      : "message.sending",
  );

const renderHead = (item, isFailed) =>
  h(
    "div",
    { class: "message-head" },
    h("span", { class: "author" }, h("bdi", null, nameOf(store.state, store.state.me.id, serverOf(item)))),
    h("time", { dir: "auto" }, formatTime(item.created_ms, "t")),
    !isFailed && h("span", { class: "soft row" }, icon("send", { size: 12 }), stateOf(item)),
  );

function failed(item) {
  return h(
    "div",
    { class: "failed-line", role: "alert" },
    icon("warning", { size: 16 }),
    h("span", null, reasonOf(item)),
    button(t("retry"), () => session.outbox.retry(item.nonce), { kind: "link" }),
    button(t("message.take-back"), () => takeBack(item), { kind: "link" }),
    button(t("delete"), () => session.outbox.remove(item.nonce), { kind: "link" }),
  );
}

function reasonOf(item) {
  const own = {
    old: "message.too-old",
    files: "upload.failed",
    lost: "upload.lost",
    reply: "message.answers-nothing",
  }[item.error];
  return own ? t(own) : explain({ message: item.error, details: item.details ?? [], status: 400 });
}

/** Takes back the last message of a channel if it is held up or has failed. Returns whether it did. */
export async function takeBackLast(channelID) {
  const last = store.state.outbox.findLast((item) => item.channel_id === channelID);
  return last !== undefined && (last.state === "failed" || isHeldUp(last)) && (await takeBack(last));
}

/** Puts a message back into the field, with its files and before what is written there. Returns whether it could be. */
async function takeBack(item) {
  const files = item.files ?? [];
  const give = files.length > 0 ? (await load(() => import("../../server/uploads.js"))).give : () => {};
  give(files, null);
  if (!(await session.outbox.takeBack(item.nonce))) {
    give(files, item.nonce);
    return false;
  }
  const text = item.text ?? fromStored(item.content ?? "", serverOf(item));
  returnToDraft(item.channel_id, { text, replyTo: item.reply_to, files, poll: item.poll ?? null });
  return true;
}
