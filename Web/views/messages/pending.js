import { h } from "../../dom/element.js";
import { renderMarkdown } from "../../markdown/render.js";
import { session } from "../../server/session.js";
import { writeDraft } from "../../server/drafts.js";
import { avatarOf, nameOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { explain, t } from "../../texts/text.js";
import { formatTime } from "../../texts/time.js";
import { avatar, button } from "../common/controls.js";
import { icon } from "../common/icons.js";

/** A message on its way, or one that did not get through. */
export function renderPending(item) {
  const { state } = store;
  const serverID = state.channels.get(item.channel_id)?.server_id ?? null;
  const isFailed = item.state === "failed";
  return h(
    "article",
    {
      key: `pending-${item.nonce}`,
      class: `message pending${isFailed ? " failed" : ""}`,
      "aria-label": t(isFailed ? "message.failed" : "message.sending"),
    },
    h("div", { class: "message-side" }, avatar(avatarOf(state, state.me.id), { size: 40 })),
    h(
      "div",
      { class: "message-main" },
      h(
        "div",
        { class: "message-head" },
        h("span", { class: "author" }, nameOf(state, state.me.id, serverID)),
        h("time", null, formatTime(item.created_ms, "t")),
        !isFailed &&
          h(
            "span",
            { class: "soft row" },
            icon("send", { size: 12 }),
            t(store.state.connection.status === "online" ? "message.sending" : "message.waiting"),
          ),
      ),
      item.content && h("div", { class: "message-text" }, renderMarkdown(item.content, { state, serverID })),
      item.attachments?.length > 0 &&
        h("p", { class: "soft" }, item.attachments.map((file) => file.filename).join(", ")),
      isFailed && failed(item),
    ),
  );
}

function failed(item) {
  const reason = item.error === "old"
    ? t("message.too-old")
    : explain({ message: item.error, details: item.details ?? [], status: 400 });
  return h(
    "div",
    { class: "failed-line", role: "alert" },
    icon("warning", { size: 16 }),
    h("span", null, reason),
    button(t("retry"), () => session.outbox.retry(item.nonce), { kind: "link" }),
    button(t("message.take-back"), () => takeBack(item), { kind: "link" }),
    button(t("delete"), () => session.outbox.remove(item.nonce), { kind: "link" }),
  );
}

/** Puts a message back into the field, to change it. */
function takeBack(item) {
  session.outbox.remove(item.nonce);
  writeDraft(item.channel_id, { text: item.content ?? "", replyTo: null });
  store.touch(`draft:${item.channel_id}`);
}
