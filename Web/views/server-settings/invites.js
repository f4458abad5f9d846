import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { nameOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { formatTime } from "../../texts/time.js";
import { button, empty } from "../common/controls.js";
import { invitePeople } from "../sidebar/invite-people.js";
import { Section } from "../settings/window.js";

export class InvitesSection extends Section {
  events = {
    INVITE_CREATE: (invite) => (this.state.invites = [invite, ...without(this.state.invites, invite.code)]),
    INVITE_DELETE: ({ code }) => (this.state.invites = without(this.state.invites, code)),
  };

  topics() {
    return ["users", `members:${this.properties.serverID}`];
  }

  async load() {
    this.state.invites = await api.get(`/servers/${this.properties.serverID}/invites`);
  }

  describe() {
    const { invites } = this.state;
    return [
      button(t("invite.people"), () => invitePeople(this.properties.serverID), { kind: "primary" }),
      invites.length === 0 ? empty("invite", t("invites.none"), null) : h(
        "ul",
        { class: "people invites" },
        invites.map((item) =>
          h(
            "li",
            { key: item.code },
            h(
              "span",
              { class: "grow two-lines" },
              h("code", null, item.code),
              h(
                "span",
                { class: "soft" },
                [
                  `#${store.state.channels.get(item.channel_id)?.name ?? "…"}`,
                  nameOf(store.state, item.inviter_id, item.server_id),
                  item.max_uses
                    ? t("invites.uses-of", { count: item.uses, limit: item.max_uses })
                    : t("invites.uses", { count: item.uses }),
                  item.expires_at ? t("until", { time: formatTime(item.expires_at * 1000, "f") }) : t("age.never"),
                ].join(" · "),
              ),
            ),
            button(t("delete"), () => this.#remove(item), {
              kind: "danger",
              "aria-label": t("delete-of", { name: item.code }),
            }),
          )
        ),
      ),
    ];
  }

  #remove(item) {
    this.attempt(async () => {
      await api.delete(`/channels/invites/${item.code}`);
      this.state.invites = without(this.state.invites, item.code);
    });
  }
}

const without = (invites, code) => invites.filter((invite) => invite.code !== code);
