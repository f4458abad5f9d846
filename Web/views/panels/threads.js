import { h, patch } from "../../dom/element.js";
import { addressOf, navigate } from "../../kernel/router.js";
import { api } from "../../server/api.js";
import { loadThreads } from "../../server/servers.js";
import { inChannel } from "../../store/permissions.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { relativeTime } from "../../texts/time.js";
import { timeOf } from "../../kernel/snowflake.js";
import { button, empty, failure, spinner } from "../common/controls.js";
import { ask, attempt } from "../common/dialog.js";
import { icon } from "../common/icons.js";

/** The threads of a channel. */
export class Threads {
  constructor({ channel }) {
    this.element = document.createElement("div");
    this.element.className = "panel-scroll";
    this.channel = channel;
    this.isArchived = false;
    this.stop = store.watch([`server:${channel.server_id}`], () => this.render());
    this.#load();
  }

  update() {}

  destroy() {
    this.stop();
    patch(this.element, []);
  }

  async #load() {
    this.error = this.ids = null;
    this.render();
    try {
      this.ids = (await loadThreads(this.channel.id, this.isArchived)).map((thread) => thread.id);
    } catch (error) {
      this.error = error;
    }
    this.render();
  }

  render() {
    const mayStart = inChannel(store.state, this.channel).has("messages.create_threads");
    const choose = (isArchived) => {
      this.isArchived = isArchived;
      this.#load();
    };
    patch(this.element, [
      h("div", { key: "choice", class: "choice", role: "group", "aria-label": t("threads") }, button(t("threads.active"), () => choose(false), { "aria-pressed": String(!this.isArchived) }), button(t("threads.archived"), () => choose(true), { "aria-pressed": String(this.isArchived) })),
      mayStart && button([icon("add"), t("thread.start")], () => startThread(this.channel), { kind: "wide", key: "start" }),
      h("div", { key: "list" }, this.error ? failure(this.error, () => this.#load()) : this.ids ? this.#list() : spinner()),
    ]);
  }

  #list() {
    const threads = this.ids.map((id) => store.state.channels.get(id)).filter(Boolean);
    if (threads.length === 0) return empty("thread", t("threads.none"), t("threads.none-text"));
    return h("ul", { class: "thread-list" }, threads.map(threadCard));
  }
}

export const threadCard = (thread) =>
  h(
    "li",
    { key: thread.id },
    h("a", { href: addressOf(thread), class: "thread-card" }, icon(thread.thread.locked ? "lock" : "thread"), h("span", { class: "two-lines" }, h("strong", { dir: "auto" }, thread.name), h("span", { class: "soft" }, t("members.count", { count: thread.thread.member_count }), " · ", relativeTime(timeOf(thread.last_message_id ?? thread.id)))), (store.state.readStates.get(thread.id)?.unread ?? 0) > 0 && h("span", { class: "unread-dot", role: "img", "aria-label": t("unread") })),
  );

/** A thread without a message that it comes from; in a forum, a post. */
export async function startThread(channel) {
  const name = await ask(t(channel.channel_type === "forum" ? "forum.post" : "thread.start"), t("name"), { maxlength: 100, action: t("make") });
  if (!name) return;
  await attempt(async () => {
    const thread = await api.post(`/channels/${channel.id}/threads`, { name });
    store.apply("THREAD_CREATE", thread);
    navigate(addressOf(thread));
  });
}
