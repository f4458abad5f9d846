import { h } from "../../dom/element.js";
import { compareIDs } from "../../kernel/snowflake.js";
import { api } from "../../server/api.js";
import { inChannel, mayBringInto } from "../../store/permissions.js";
import { avatarOf, nameOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { avatar, button, iconButton } from "../common/controls.js";
import { icon } from "../common/icons.js";
import { LoadedView } from "../common/loaded-view.js";
import { onDemand } from "../common/on-demand.js";

/** There are never more (contract: Threads). */
const ALL = 1000;

/** Who is in a thread. In a private one these are the people who see it. */
export class ThreadMembers extends LoadedView {
  events = {
    THREAD_MEMBERS_UPDATE: ({ added, removed_ids }) => {
      const gone = new Set([...removed_ids, ...added.map((member) => member.user_id)]);
      this.state.members = [...this.state.members.filter((member) => !gone.has(member.user_id)), ...added]
        .sort((one, other) => compareIDs(one.user_id, other.user_id));
    },
  };

  concerns({ id }) {
    return id === this.properties.channel.id;
  }

  topics() {
    const { channel } = this.properties;
    return [`channel:${channel.id}`, `server:${channel.server_id}`, "users"];
  }

  async load() {
    this.state.members = await api.get(`/threads/${this.properties.channel.id}/members`, { limit: ALL });
  }

  describe() {
    const { state } = store;
    const channel = state.channels.get(this.properties.channel.id) ?? this.properties.channel;
    const isPrivate = channel.thread.thread_type === "private";
    return [
      isPrivate &&
      h("p", { key: "about", class: "soft thread-private" }, icon("lock", { size: 16 }), t("thread.private-text")),
      mayBringInto(state, channel, this.state.members) &&
      button([icon("invite"), t("thread.bring")], () => onDemand.bringIntoThread(channel), {
        kind: "wide",
        key: "bring",
      }),
      h(
        "ul",
        { key: "members", class: "people thread-people" },
        this.state.members.map((member) => this.#member(member, channel)),
      ),
    ];
  }

  #member({ user_id, username }, channel) {
    const { state } = store;
    const name = nameOf(state, user_id, channel.server_id, username);
    return h(
      "li",
      { key: user_id },
      h(
        "button",
        {
          type: "button",
          class: "plain person",
          dataset: { user: user_id },
          onclick: (event) => onDemand.showProfile(user_id, event.currentTarget, channel.server_id),
        },
        avatar(avatarOf(state, user_id), { size: 32 }),
        h("span", { class: "grow", dir: "auto" }, name),
        channel.owner_id === user_id && h("span", { class: "tag" }, t("thread.owner")),
      ),
      user_id !== state.me.id && mayPutOut(state, channel) &&
        iconButton(
          "close",
          t("thread.put-out", { name }),
          () => this.attempt(() => api.delete(`/threads/${channel.id}/members/${user_id}`)),
          { className: "small" },
        ),
    );
  }
}

/** Its owner puts people out of a private thread, and who moderates out of any. */
function mayPutOut(state, channel) {
  const rights = inChannel(state, channel);
  if (channel.owner_id === state.me.id || rights.has("threads.manage")) return true;
  return channel.thread.thread_type === "public" && rights.has("messages.manage");
}
