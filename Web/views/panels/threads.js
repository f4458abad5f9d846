import { h } from "../../dom/element.js";
import { addressOf } from "../../kernel/router.js";
import { loadThreads } from "../../server/servers.js";
import { mayStartPrivateThread, mayStartThread } from "../../store/permissions.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { relativeTime } from "../../texts/time.js";
import { timeOf } from "../../kernel/snowflake.js";
import { button, empty } from "../common/controls.js";
import { icon } from "../common/icons.js";
import { onDemand } from "../common/on-demand.js";
import { LoadedView } from "../common/loaded-view.js";

/** The threads of a channel. */
export class Threads extends LoadedView {
  events = {
    THREAD_CREATE: (thread) => this.#follow(thread),
    THREAD_UPDATE: (thread) => this.#follow(thread),
  };

  /** Which threads there are is the server's to say. */
  #follow({ id, thread }) {
    if (thread.parent_id !== this.properties.channel.id) return;
    const isWanted = thread.archived === (this.state.isArchived ?? false);
    if (isWanted !== this.state.ids.includes(id)) this.reload();
  }

  topics() {
    return [`server:${this.properties.channel.server_id}`];
  }

  async load() {
    this.state.ids = (await loadThreads(this.properties.channel.id, this.state.isArchived)).map((thread) => thread.id);
  }

  describe() {
    const { channel } = this.properties;
    const { isArchived = false, ids } = this.state;
    const choose = (isArchived) => {
      this.state.isArchived = isArchived;
      this.reload();
    };
    const threads = ids.map((id) => store.state.channels.get(id)).filter(Boolean);
    return [
      h(
        "div",
        { key: "choice", class: "choice", role: "group", "aria-label": t("threads") },
        button(t("threads.active"), () => choose(false), { "aria-pressed": String(!isArchived) }),
        button(t("threads.archived"), () => choose(true), { "aria-pressed": String(isArchived) }),
      ),
      (mayStartThread(store.state, channel) || mayStartPrivateThread(store.state, channel)) &&
      button([icon("add"), t("thread.start")], () => onDemand.startThread(channel), { kind: "wide", key: "start" }),
      threads.length > 0
        ? h("ul", { key: "list", class: "thread-list" }, threads.map(threadCard))
        : empty("thread", t("threads.none"), t("threads.none-text")),
    ];
  }
}

/** A private thread says so. */
export const privateMark = () => h("span", { class: "tag" }, t("thread.private"));

export const threadCard = (thread) =>
  h(
    "li",
    { key: thread.id },
    h(
      "a",
      { href: addressOf(thread), class: "thread-card" },
      icon(thread.thread.locked || thread.thread.thread_type === "private" ? "lock" : "thread"),
      h(
        "span",
        { class: "two-lines" },
        h(
          "span",
          { class: "thread-name" },
          h("strong", { dir: "auto" }, thread.name),
          thread.thread.thread_type === "private" && privateMark(),
        ),
        h(
          "span",
          { class: "soft" },
          t("thread.messages", { count: thread.thread.message_count }),
          " · ",
          t("members.count", { count: thread.thread.member_count }),
          " · ",
          relativeTime(timeOf(thread.last_message_id ?? thread.id)),
        ),
      ),
      (store.state.readStates.get(thread.id)?.unread ?? 0) > 0 &&
        h("span", { class: "unread-dot", role: "img", "aria-label": t("unread") }),
    ),
  );
