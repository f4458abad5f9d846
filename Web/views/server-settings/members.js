import { h } from "../../dom/element.js";
import { avatarOf, nameOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { formatTime } from "../../texts/time.js";
import { avatar, button, empty } from "../common/controls.js";
import { onDemand } from "../common/on-demand.js";
import { PagedSection } from "../settings/pages.js";

/** Everybody in a server, found by name, with what one may do about them. */
export class MembersSection extends PagedSection {
  cursor = "after";
  events = {
    // Whether a newcomer fits what was asked for, the server knows.
    GUILD_MEMBER_ADD: ({ member }) => (this.state.query ? this.findSoon() : this.keep(member)),
    GUILD_MEMBER_REMOVE: ({ user_id }) => this.drop(user_id),
  };

  get path() {
    return `/servers/${this.properties.serverID}/members`;
  }

  get search() {
    return { id: "member-search", label: t("members.search"), parameter: "query" };
  }

  topics() {
    return [`members:${this.properties.serverID}`, "users"];
  }

  idOf(member) {
    return member.user_id;
  }

  learn(members, asked) {
    store.apply("GUILD_MEMBERS_CHUNK", { server_id: this.properties.serverID, members, asked });
  }

  none() {
    return this.state.query && empty("search", t("members.nobody"), t("members.nobody-text"));
  }

  entry({ user_id }) {
    const { serverID } = this.properties;
    const server = store.state.servers.get(serverID);
    const member = store.state.members.get(serverID)?.byID.get(user_id);
    if (!member) return null;
    const name = nameOf(store.state, user_id, serverID);
    const notes = [
      `@${member.username}`,
      formatTime(member.joined_at * 1000, "d"),
      ...member.roles.map((id) => server.roles.get(id)?.name),
    ];
    return h(
      "li",
      { key: user_id },
      h(
        "button",
        {
          type: "button",
          class: "plain person grow",
          dataset: { user: user_id },
          onclick: (event) => onDemand.showProfile(user_id, event.currentTarget, serverID),
        },
        avatar(avatarOf(store.state, user_id), { size: 32 }),
        h(
          "span",
          { class: "two-lines" },
          h("strong", { dir: "auto" }, name),
          h("span", { class: "soft" }, notes.filter(Boolean).join(" · ")),
        ),
      ),
      user_id !== store.state.me.id &&
        button(t("more"), (event) => onDemand.showPersonMenu(event.currentTarget, user_id, server, member), {
          "aria-haspopup": "menu",
          "aria-label": t("more-about", { name }),
        }),
    );
  }
}
