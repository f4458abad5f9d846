import { h } from "../../dom/element.js";
import { addressOf, navigate } from "../../kernel/router.js";
import { api } from "../../server/api.js";
import { loadThreads } from "../../server/servers.js";
import { mayStartThread } from "../../store/permissions.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { relativeTime } from "../../texts/time.js";
import { timeOf } from "../../kernel/snowflake.js";
import { button, empty } from "../common/controls.js";
import { ask, attempt } from "../common/dialog.js";
import { icon } from "../common/icons.js";
import { LoadedView } from "../common/loaded-view.js";

/** The threads of a channel. */
export class Threads extends LoadedView {
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
      mayStartThread(store.state, channel) &&
      button([icon("add"), t("thread.start")], () => startThread(channel), { kind: "wide", key: "start" }),
      threads.length > 0
        ? h("ul", { key: "list", class: "thread-list" }, threads.map(threadCard))
        : empty("thread", t("threads.none"), t("threads.none-text")),
    ];
  }
}

export const threadCard = (thread) =>
  h(
    "li",
    { key: thread.id },
    h(
      "a",
      { href: addressOf(thread), class: "thread-card" },
      icon(thread.thread.locked ? "lock" : "thread"),
      h(
        "span",
        { class: "two-lines" },
        h("strong", { dir: "auto" }, thread.name),
        h(
          "span",
          { class: "soft" },
          t("members.count", { count: thread.thread.member_count }),
          " · ",
          relativeTime(timeOf(thread.last_message_id ?? thread.id)),
        ),
      ),
      (store.state.readStates.get(thread.id)?.unread ?? 0) > 0 &&
        h("span", { class: "unread-dot", role: "img", "aria-label": t("unread") }),
    ),
  );

/** A thread without a message that it comes from; in a forum, a post. */
export async function startThread(channel) {
  const name = await ask(t(channel.channel_type === "forum" ? "forum.post" : "thread.start"), t("name"), {
    maxlength: 100,
    action: t("make"),
  });
  if (!name) return;
  await attempt(async () => {
    const thread = await api.post(`/channels/${channel.id}/threads`, { name });
    store.apply("THREAD_CREATE", thread);
    navigate(addressOf(thread));
  });
}
