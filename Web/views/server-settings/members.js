import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { avatarOf, nameOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { formatTime } from "../../texts/time.js";
import { avatar, button, empty, field } from "../common/controls.js";
import { onDemand } from "../common/on-demand.js";
import { Section } from "../settings/window.js";

const PAGE = 50;
const AFTER_MS = 300;

/** Everybody in a server, found by name, with what one may do about them. */
export class MembersSection extends Section {
  topics() {
    return [`members:${this.properties.serverID}`];
  }

  async load() {
    await this.#find();
  }

  async #find(after = null) {
    const { serverID } = this.properties;
    const page = await api.get(`/servers/${serverID}/members`, { limit: PAGE, query: this.state.query || null, after });
    store.apply("GUILD_MEMBERS_CHUNK", { server_id: serverID, members: page });
    this.state.ids = [...(after ? this.state.ids : []), ...page.map((member) => member.user_id)];
    this.state.hasMore = page.length === PAGE;
  }

  describe() {
    const { serverID } = this.properties;
    const server = store.state.servers.get(serverID);
    const known = store.state.members.get(serverID)?.byID;
    const members = this.state.ids.map((id) => known?.get(id)).filter(Boolean);
    return [
      field(t("members.search"), {
        id: "member-search",
        type: "search",
        value: this.state.query ?? "",
        autocomplete: "off",
        oninput: (event) => this.#later(event.target.value),
      }),
      members.length === 0 && this.state.query && empty("search", t("members.nobody"), t("members.nobody-text")),
      h(
        "ul",
        { class: "people" },
        members.map((member) =>
          h(
            "li",
            { key: member.user_id },
            h(
              "button",
              {
                type: "button",
                class: "plain person grow",
                dataset: { user: member.user_id },
                onclick: (event) => onDemand.showProfile(member.user_id, event.currentTarget, serverID),
              },
              avatar(avatarOf(store.state, member.user_id), { size: 32 }),
              h(
                "span",
                { class: "two-lines" },
                h("strong", { dir: "auto" }, nameOf(store.state, member.user_id, serverID)),
                h(
                  "span",
                  { class: "soft" },
                  [
                    `@${member.username}`,
                    formatTime(member.joined_at * 1000, "d"),
                    ...member.roles.map((id) => server.roles.get(id)?.name),
                  ].filter(Boolean).join(" · "),
                ),
              ),
            ),
            member.user_id !== store.state.me.id &&
              button(
                t("more"),
                (event) => onDemand.showPersonMenu(event.currentTarget, member.user_id, server, member),
                {
                  "aria-haspopup": "menu",
                  "aria-label": t("more-about", { name: nameOf(store.state, member.user_id, serverID) }),
                },
              ),
          )
        ),
      ),
      this.state.hasMore &&
      button(t("more"), () => this.attempt(() => this.#find(this.state.ids.at(-1))), { kind: "wide" }),
    ];
  }

  #later(query) {
    this.state.query = query;
    this.later(AFTER_MS, () => this.attempt(() => this.#find()));
  }
}
