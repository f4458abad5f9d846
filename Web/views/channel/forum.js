import { h, patch } from "../../dom/element.js";
import { compareIDs } from "../../kernel/snowflake.js";
import { loadThreads } from "../../server/servers.js";
import { inChannel } from "../../store/permissions.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { button, empty, failure, spinner } from "../common/controls.js";
import { icon } from "../common/icons.js";
import { startThread, threadCard } from "../panels/threads.js";

/** A channel whose messages stand in threads only: a list of posts, the latest first. */
export class ForumView {
  constructor({ channelID }) {
    this.element = document.createElement("div");
    this.element.className = "forum";
    this.channelID = channelID;
    const serverID = store.state.channels.get(channelID)?.server_id;
    this.stop = store.watch([`server:${serverID}`, "unread"], () => this.render());
    this.#load();
  }

  update() {}

  destroy() {
    this.stop();
    patch(this.element, []);
  }

  async #load() {
    this.error = null;
    this.render();
    try {
      await loadThreads(this.channelID);
      this.isLoaded = true;
    } catch (error) {
      this.error = error;
    }
    this.render();
  }

  render() {
    const channel = store.state.channels.get(this.channelID);
    if (!channel) return;
    const posts = [...store.state.channels.values()].filter((item) => item.thread?.parent_id === channel.id && !item.thread.archived).sort((a, b) => compareIDs(b.last_message_id ?? b.id, a.last_message_id ?? a.id));
    const post = inChannel(store.state, channel).has("messages.create_threads") && button([icon("add"), t("forum.post")], () => startThread(channel), { kind: "primary", key: "post" });
    patch(this.element, [
      h("div", { key: "head", class: "forum-head" }, h("h2", null, t("forum.posts")), post),
      h("div", { key: "list" }, this.error ? failure(this.error, () => this.#load()) : posts.length > 0 ? h("ul", { class: "thread-list large" }, posts.map(threadCard)) : this.isLoaded ? empty("forum", t("forum.none"), t("forum.none-text")) : spinner()),
    ]);
  }
}
