// "Why can't she write here?": what decides each permission of a member, in the order in which it counts.

import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { PERMISSIONS } from "../../store/permissions.js";
import { nameOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { select, spinner } from "../common/controls.js";
import { icon } from "../common/icons.js";
import { Section } from "../settings/window.js";

const DECIDING = [
  "GUILD_UPDATE",
  "GUILD_ROLE_CREATE",
  "GUILD_ROLE_UPDATE",
  "GUILD_ROLE_DELETE",
  "GUILD_MEMBER_UPDATE",
  "CHANNEL_UPDATE",
];
const AFTER_MS = 300;

export class WhySection extends Section {
  events = Object.fromEntries(DECIDING.map((name) => [name, () => this.later(AFTER_MS, () => this.#ask())]));

  topics() {
    return [`members:${this.properties.serverID}`];
  }

  get server() {
    return store.state.servers.get(this.properties.serverID);
  }

  describe() {
    const { state, server } = this;
    const members = [...(store.state.members.get(server.id)?.byID.keys() ?? [])].map((
      id,
    ) => [id, nameOf(store.state, id, server.id)]).sort((a, b) => a[1].localeCompare(b[1]));
    const channels = [...server.channelIDs].map((id) => store.state.channels.get(id)).filter(Boolean).map((
      channel,
    ) => [channel.id, channel.channel_type === "category" ? channel.name : `#${channel.name}`]);
    if (state.report === undefined && !this.isAsked) {
      this.isAsked = true;
      state.user = this.properties.userID ?? store.state.me.id;
      state.channel = this.properties.channelID ?? channels.find(([, name]) => name.startsWith("#"))?.[0] ?? "";
      queueMicrotask(() => this.#ask());
    }
    return [
      h("p", { class: "soft" }, t("why.about")),
      h(
        "div",
        { class: "row wrap" },
        select(t("why.who"), {
          id: "why-who",
          value: state.user,
          options: members,
          onchange: (user) => this.#change({ user }),
        }),
        select(t("why.where"), {
          id: "why-where",
          value: state.channel,
          options: [["", t("why.everywhere")], ...channels],
          onchange: (channel) => this.#change({ channel }),
        }),
      ),
      state.report ? this.#answer(state.report) : spinner(),
    ];
  }

  #change(values) {
    Object.assign(this.state, values);
    this.#ask();
  }

  #ask() {
    this.attempt(async () => {
      this.state.report = await api.get(`/servers/${this.server.id}/permissions`, {
        user_id: this.state.user,
        channel_id: this.state.channel || null,
        explain: "true",
      });
    });
  }

  #answer({ permissions, explanation }) {
    return Object.entries(PERMISSIONS).map(([group, names]) =>
      h(
        "section",
        { key: group },
        h("h2", null, t(`permissions.${group}`)),
        h(
          "ul",
          { class: "why" },
          names.map((name) =>
            h(
              "li",
              { key: name },
              h(
                "details",
                null,
                h(
                  "summary",
                  { class: permissions[name] ? "yes" : "no" },
                  icon(permissions[name] ? "check" : "close", { size: 16 }),
                  t(`permission.${name}`),
                  h("span", { class: "visually-hidden" }, t(permissions[name] ? "why.may" : "why.may-not")),
                  h("span", { class: "soft" }, this.#last(explanation?.[name] ?? [])),
                ),
                h(
                  "ol",
                  null,
                  (explanation?.[name] ?? []).map((step, index) => h("li", { key: index }, this.#step(step))),
                ),
              ),
            )
          ),
        ),
      )
    );
  }

  #last(steps) {
    return steps.length > 0 ? this.#step(steps.at(-1)) : t("why.nobody");
  }

  /** A step as a sentence: `Role Moderator allows it`. */
  #step({ source, id, grants }) {
    const role = this.server.roles.get(id);
    const who = {
      owner: () => t("why.owner"),
      administrator: () => t("why.administrator", { name: role?.name ?? "" }),
      role: () => t("why.role", { name: role?.name ?? "" }),
      role_overwrite: () => t("why.overwrite", { name: role?.name ?? "" }),
      member_overwrite: () => t("why.own-overwrite"),
      overwrite: () => t("why.overwrite", { name: role?.name ?? nameOf(store.state, id, this.server.id) }),
      channel_not_visible: () => t("why.hidden"),
      timeout: () => t("why.timeout"),
      timed_out: () => t("why.timeout"),
      pending: () => t("why.pending"),
    }[source];
    return `${who ? who() : source}: ${t(grants ? "why.allows" : "why.denies")}`;
  }
}
