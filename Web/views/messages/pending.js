import { h } from "../../dom/element.js";
import { load } from "../../kernel/parts.js";
import { View } from "../../dom/view.js";
import { renderMarkdown } from "../../markdown/render.js";
import { session } from "../../server/session.js";
import { readDraft, writeDraft } from "../../server/drafts.js";
import { avatarOf, nameOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { explain, t } from "../../texts/text.js";
import { formatTime } from "../../texts/time.js";
import { avatar, button } from "../common/controls.js";
import { icon } from "../common/icons.js";
import { explainUpload } from "../composer/explain-upload.js";
import { fromStored } from "../composer/mentions.js";
import { renderReply } from "./message.js";

const serverOf = (item) => store.state.channels.get(item.channel_id)?.server_id ?? null;

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
      "aria-label": t(isFailed ? "message.failed" : "message.sending"),
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
      item.content && h("div", { class: "message-text" }, renderMarkdown(item.content, { state, serverID })),
      item.files?.length > 0 && h(PendingFiles, { key: "files", item }),
      isFailed && failed(item),
    ),
  );
}

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
    h("time", null, formatTime(item.created_ms, "t")),
    !isFailed && h("span", { class: "soft row" }, icon("send", { size: 12 }), stateOf(item)),
  );

/** The files that a message waits for, and how far they are. */
class PendingFiles {
  constructor({ item }) {
    this.item = item;
    this.element = document.createElement("div");
    this.element.className = "pending-files";
    const topics = item.files.map((key) => `upload:${key}`);
    this.view = new View(this.element, () => topics, () => this.#describe());
  }

  update({ item }) {
    this.item = item;
    this.view.render();
  }

  destroy() {
    this.view.destroy();
  }

  #describe() {
    const uploads = this.item.files.map((key) => store.state.uploads.get(key)).filter(Boolean);
    const isWaiting = this.item.state === "waiting" && uploads.some((upload) => !upload.attachment);
    return [
      h("ul", { key: "files" }, uploads.map(renderUpload)),
      isWaiting && button(t("cancel"), () => takeBack(this.item), { key: "cancel", kind: "link" }),
    ];
  }
}

const renderUpload = (upload) =>
  h(
    "li",
    { key: upload.key },
    icon(upload.attachment ? "check" : "file", { size: 16 }),
    h("bdi", null, upload.file.name),
    upload.isUploading &&
      h("progress", { max: 1, value: upload.share, "aria-label": t("upload.of", { name: upload.file.name }) }),
    upload.error && h("span", { class: "error" }, explainUpload(upload.error)),
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
  const own = { old: "message.too-old", files: "upload.failed", lost: "upload.lost" }[item.error];
  return own ? t(own) : explain({ message: item.error, details: item.details ?? [], status: 400 });
}

/** Puts a message back into the field, with its files and before what is written there. */
async function takeBack(item) {
  const draft = readDraft(item.channel_id);
  const text = [fromStored(item.content ?? "", serverOf(item)), draft.text].filter(Boolean).join("\n");
  const files = item.files ?? [];
  if (files.length > 0) (await load(() => import("../../server/uploads.js"))).give(files, null);
  session.outbox.remove(item.nonce);
  writeDraft(item.channel_id, { text, replyTo: draft.replyTo ?? item.reply_to, files: [...draft.files, ...files] });
  store.touch(`draft:${item.channel_id}`);
}
