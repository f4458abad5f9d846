import { h } from "../../dom/element.js";
import { compareIDs } from "../../kernel/snowflake.js";
import { loadThreads } from "../../server/servers.js";
import { mayStartThread } from "../../store/permissions.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { button, empty } from "../common/controls.js";
import { icon } from "../common/icons.js";
import { LoadedView } from "../common/loaded-view.js";
import { onDemand } from "../common/on-demand.js";
import { threadCard } from "../panels/threads.js";

/** A channel whose messages stand in threads only: a list of posts, the latest first. */
export class ForumView extends LoadedView {
  get className() {
    return "forum";
  }

  get channel() {
    return store.state.channels.get(this.properties.channelID);
  }

  topics() {
    return [`server:${this.channel?.server_id}`, "unread"];
  }

  load() {
    return loadThreads(this.properties.channelID);
  }

  describe() {
    const { channel } = this;
    if (!channel) return null;
    const posts = [...store.state.channels.values()].filter((item) =>
      item.thread?.parent_id === channel.id && !item.thread.archived
    ).sort((a, b) => compareIDs(b.last_message_id ?? b.id, a.last_message_id ?? a.id));
    const post = mayStartThread(store.state, channel) &&
      button([icon("add"), t("forum.post")], () => onDemand.startThread(channel), { kind: "primary", key: "post" });
    return [
      h("div", { key: "head", class: "forum-head" }, h("h2", null, t("forum.posts")), post),
      posts.length > 0
        ? h("ul", { key: "posts", class: "thread-list large" }, posts.map(threadCard))
        : empty("forum", t("forum.none"), t("forum.none-text")),
    ];
  }
}
