// What concerns one: mentions, answers, requests; and the messages that one has kept.

import { h } from "../../dom/element.js";
import { addressOf, navigate } from "../../kernel/router.js";
import { timeOf } from "../../kernel/snowflake.js";
import { api } from "../../server/api.js";
import { findChannel } from "../../server/servers.js";
import { session } from "../../server/session.js";
import { avatarOf, nameOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { relativeTime } from "../../texts/time.js";
import { avatar, button, empty, iconButton } from "../common/controls.js";
import { attempt } from "../common/dialog.js";
import { loading } from "../common/loading.js";
import { LoadedView } from "../common/loaded-view.js";
import { messageCard } from "./message-card.js";

export class Inbox extends LoadedView {
  constructor(properties) {
    super(properties);
    // Another device keeps a message or lets go of it.
    this.listener = (name) => {
      if (name.startsWith("MESSAGE_BOOKMARK_") && this.tab === "bookmarks") this.reload();
    };
    session.listeners.add(this.listener);
  }

  destroy() {
    session.listeners.delete(this.listener);
    super.destroy();
  }

  topics() {
    return ["notifications", "users"];
  }

  get tab() {
    return this.state.tab ?? "notifications";
  }

  async load() {
    if (this.tab === "notifications") {
      store.apply("NOTIFICATIONS", await api.get("/users/@me/notifications", { limit: 50 }));
    } else this.state.bookmarks = await api.get("/users/@me/bookmarks", { limit: 50 });
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
      unread > 0 && button(t("inbox.read-all"), () =>
        this.attempt(async () => {
          await api.put("/users/@me/notifications/read-all");
          await this.load();
        }), { kind: "link", key: "all" }),
      h(
        "ul",
        { class: "people" },
        items.map((item) =>
          h(
            "li",
            { key: item.id },
            h(
              "button",
              {
                type: "button",
                class: `plain person${item.read ? "" : " unread"}`,
                onclick: () => open(item),
              },
              avatar(avatarOf(store.state, item.user_id), { size: 40 }),
              h(
                "span",
                { class: "two-lines" },
                h(
                  "span",
                  null,
                  t(`notification.${item.type}`, {
                    name: nameOf(store.state, item.user_id, item.server_id, item.username),
                  }),
                ),
                h("span", { class: "soft" }, [place(item), relativeTime(timeOf(item.id))].filter(Boolean).join(" · ")),
              ),
              !item.read && h("span", { class: "unread-dot", role: "img", "aria-label": t("unread") }),
            ),
          )
        ),
      ),
    ];
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
    return bookmarks.map((item) => messageCard(item.message, { actions: remove(item) }));
  }
}

function place(item) {
  const channel = store.state.channels.get(item.channel_id);
  return channel?.server_id ? `#${channel.name}` : null;
}

const open = (item) =>
  attempt(async () => {
    if (!item.read) store.apply("NOTIFICATION_UPDATE", await api.put(`/users/@me/notifications/${item.id}/read`));
    if (item.invite_code) return navigate(`/invite/${item.invite_code}`);
    if (item.channel_id) return navigate(addressOf(await findChannel(item.channel_id), item.message_id));
    navigate("/channels/@me");
  });
