// What concerns one: mentions, answers, requests; and the messages that one has kept.

import { h } from "../../dom/element.js";
import { addressOf, navigate } from "../../kernel/router.js";
import { timeOf } from "../../kernel/snowflake.js";
import { api } from "../../server/api.js";
import {
  acceptRequest,
  endRelationship,
  loadNotifications,
  markAllRead,
  markRead,
} from "../../server/notifications.js";
import { findChannel, learnPlaces } from "../../server/servers.js";
import { messageEvents } from "../../store/message-list.js";
import { avatarOf, channelName, nameOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { relativeTime } from "../../texts/time.js";
import { avatar, button, empty, iconButton } from "../common/controls.js";
import { ask, attempt } from "../common/dialog.js";
import { icon } from "../common/icons.js";
import { loading } from "../common/loading.js";
import { LoadedView } from "../common/loaded-view.js";
import { occasionText } from "../common/occasions.js";
import { onDemand } from "../common/on-demand.js";
import { measureReason, measureText } from "../common/measures.js";
import { messageCard } from "./message-card.js";

export class Inbox extends LoadedView {
  constructor(properties) {
    super(properties);
    // Another device keeps a message or lets go of it.
    this.hear((name) => name.startsWith("MESSAGE_BOOKMARK_") && this.tab === "bookmarks" && this.reload());
  }

  events = messageEvents((change) => {
    const { bookmarks } = this.state;
    if (!bookmarks) return;
    const messages = new Map(change(bookmarks.map((item) => item.message)).map((message) => [message.id, message]));
    this.state.bookmarks = bookmarks.filter((item) => messages.has(item.message.id))
      .map((item) => ({ ...item, message: messages.get(item.message.id) }));
  });

  get className() {
    return "panel-scroll inbox";
  }

  topics() {
    return ["notifications", "users", "relationships", "adults"];
  }

  get tab() {
    return this.state.tab ?? "notifications";
  }

  async load() {
    if (this.tab === "notifications") {
      await loadNotifications();
      return;
    }
    this.state.bookmarks = await api.get("/users/@me/bookmarks", { limit: 50 });
    await learnPlaces(this.state.bookmarks.map((item) => item.message));
  }

  describe() {
    const choose = (tab) => {
      this.state.tab = tab;
      this.reload();
    };
    return [
      h(
        "div",
        { key: "choice", class: "choice", role: "group", "aria-label": t("inbox") },
        button(t("notifications"), () => choose("notifications"), {
          "aria-pressed": String(this.tab === "notifications"),
        }),
        button(t("bookmarks"), () => choose("bookmarks"), { "aria-pressed": String(this.tab === "bookmarks") }),
      ),
      h("div", { key: this.tab }, this.tab === "notifications" ? this.#notifications() : this.#bookmarks()),
    ];
  }

  #notifications() {
    const { items, unread, isLoaded } = store.state.notifications;
    if (!isLoaded) return loading();
    if (items.length === 0) return empty("bell", t("inbox.none"), t("inbox.none-text"));
    return [
      unread > 0 && button(t("inbox.read-all"), () => this.attempt(markAllRead), { kind: "link", key: "all" }),
      h(
        "ul",
        { class: "people" },
        items.map((item) => this.#notification(item)),
      ),
    ];
  }

  #notification(item) {
    const name = nameOf(store.state, item.user_id, item.server_id, item.username);
    const isMeasure = item.type === "moderation";
    // What nobody else has caused has a sign of its own in the place of a face.
    const sign = {
      moderation: "role",
      security: "key",
      feedback: "note",
      reminder: "bell",
      event_reminder: "calendar",
      event_update: "calendar",
    }[item.type];
    const isOpenRequest = item.type === "friend_request" &&
      store.state.relationships.get(item.user_id)?.status === "pending_incoming";
    return h(
      "li",
      { key: item.id, class: "inbox-entry" },
      h(
        "button",
        {
          type: "button",
          class: `plain person${item.read ? "" : " unread"}`,
          dataset: sign ? {} : { user: item.user_id },
          onclick: () => open(item),
        },
        sign ? icon(sign, { size: 40 }) : avatar(avatarOf(store.state, item.user_id), { size: 40 }),
        h(
          "span",
          { class: "inbox-text" },
          h(
            "span",
            { dir: "auto" },
            isMeasure
              ? measureText(item)
              : item.event
              ? occasionText(item)
              : t(`notification.${item.type}`, { name, keyword: item.keyword ?? "" }),
          ),
          item.note && h("span", { dir: "auto" }, item.note),
          isMeasure && item.reason && h("span", { dir: "auto" }, measureReason(item)),
          h("span", { class: "soft" }, [place(item), relativeTime(timeOf(item.id))].filter(Boolean).join(" · ")),
        ),
      ),
      !item.read && h("span", { class: "unread-dot", role: "img", "aria-label": t("unread") }),
      !item.read &&
        iconButton("check", t("messages.mark-read"), () => this.attempt(() => markRead(item)), { className: "small" }),
      isOpenRequest && h(
        "span",
        { class: "row inbox-actions" },
        button(t("friends.accept"), () => this.attempt(() => acceptRequest(item.user_id)), { kind: "primary" }),
        button(t("friends.decline"), () => this.attempt(() => endRelationship(item.user_id))),
      ),
    );
  }

  #bookmarks() {
    const { bookmarks } = this.state;
    if (!bookmarks) return loading();
    if (bookmarks.length === 0) return empty("bookmark", t("bookmarks.none"), t("bookmarks.none-text"));
    const remove = ({ message }) =>
      iconButton("close", t("bookmark.remove"), () =>
        this.attempt(async () => {
          await api.delete(`/users/@me/bookmarks/${message.id}`);
          await this.load();
        }), { className: "small" });
    const label = (item) => iconButton("edit", t("bookmark.label"), () => this.#label(item), { className: "small" });
    return bookmarks.map((item) => [
      item.label && h("p", { key: `${item.message.id}-label`, class: "tag", dir: "auto" }, item.label),
      messageCard(item.message, { actions: [label(item), remove(item)] }),
    ]);
  }

  async #label({ message, label }) {
    const text = await ask(t("bookmark.label"), t("name"), { value: label ?? "", required: false, maxlength: 100 });
    if (text === null) return;
    await this.attempt(async () => {
      await api.put(`/users/@me/bookmarks/${message.id}`, { label: text.trim() || null });
      await this.load();
    });
  }
}

function place(item) {
  const channel = store.state.channels.get(item.channel_id);
  return channel?.server_id ? `#${channelName(store.state, channel, t)}` : null;
}

const open = (item) =>
  attempt(async () => {
    await markRead(item);
    if (item.invite_code) return navigate(`/invite/${item.invite_code}`);
    if (item.event) {
      if (store.state.route.server !== item.server_id) navigate(`/channels/${item.server_id}`);
      return onDemand.showEvent(item.server_id, item.event.id);
    }
    if (item.channel_id) return navigate(addressOf(await findChannel(item.channel_id), item.message_id));
    if (item.type === "security") return onDemand.openSettings("security-log");
    if (item.type === "feedback") return onDemand.openSettings("feedback");
    if (item.type !== "moderation") return navigate("/channels/@me");
    navigate(`/channels/${item.server_id}`);
  });
