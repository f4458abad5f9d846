// The members of a server by role and presence, or the people in a group. Only those in sight are in the page, so that
// thousands cost no more than twenty.

import { h, make, memo, patch } from "../../dom/element.js";
import { loadMoreMembers, watchPresences } from "../../server/servers.js";
import { inServer, timeoutOf } from "../../store/permissions.js";
import { avatarOf, colorOf, nameOf, statusOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { formatNumber, language, t } from "../../texts/text.js";
import { shortMoment } from "../../texts/time.js";
import { avatar } from "../common/controls.js";
import { Island } from "../common/island.js";
import { loading } from "../common/loading.js";
import { onDemand } from "../common/on-demand.js";

const ROW_PX = 44;
const BEYOND_ROWS = 6;

export class MemberList extends Island {
  constructor({ channel }) {
    super(make(h("div", { class: "member-scroller", tabindex: "0", role: "group", "aria-label": t("members") })));
    this.channel = channel;
    this.scroller = this.element;
    this.scroller.addEventListener("scroll", () => this.#draw(), { passive: true });
    const observer = new ResizeObserver(() => this.#draw());
    observer.observe(this.scroller);
    this.atEnd(() => observer.disconnect());
    this.watch([
      `members:${channel.server_id}`,
      `server:${channel.server_id}`,
      "presence",
      "users",
      `channel:${channel.id}`,
    ], () => this.render());
    this.render();
  }

  update({ channel }) {
    this.channel = channel;
    this.render();
  }

  render() {
    this.rows = rowsOf(this.channel);
    this.seesTimeouts = inServer(store.state, this.channel.server_id).has("members.timeout");
    this.#draw();
  }

  #draw() {
    const first = Math.max(0, Math.floor(this.scroller.scrollTop / ROW_PX) - BEYOND_ROWS);
    const last = Math.min(
      this.rows.length,
      Math.ceil((this.scroller.scrollTop + this.scroller.clientHeight) / ROW_PX) + BEYOND_ROWS,
    );
    const shown = this.rows.slice(first, last);
    patch(this.scroller, [
      h("div", { key: "above", class: "space", style: { height: `${first * ROW_PX}px` } }),
      h(
        "ul",
        { key: "rows", class: "member-rows", "aria-label": t("members") },
        shown.map((row) => (row.title ? heading(row) : this.#member(row))),
      ),
      h("div", { key: "below", class: "space", style: { height: `${(this.rows.length - last) * ROW_PX}px` } }),
      this.channel.server_id && !store.state.members.get(this.channel.server_id)?.isComplete && loading(),
    ]);
    const serverID = this.channel.server_id;
    if (!serverID) return;
    if (last > this.rows.length - 20) loadMoreMembers(serverID);
    if ((store.state.servers.get(serverID)?.member_count ?? 0) > 250) {
      watchPresences(
        serverID,
        shown.filter((row) => row.id).map((row) => row.id),
      );
    }
  }

  #member({ id, name, color, status, member }) {
    const server = store.state.servers.get(this.channel.server_id);
    const presence = store.state.presences.get(id);
    const isOwner = server?.owner_id === id;
    const timeout = this.seesTimeouts ? timeoutOf(member) : null;
    return memo(id, [name, color, status, presence, isOwner, timeout, avatarOf(store.state, id).url], () =>
      h(
        "li",
        { key: id },
        h(
          "button",
          {
            type: "button",
            class: `member-row${status === "offline" ? " offline" : ""}`,
            dataset: { user: id },
            onclick: (event) => onDemand.showProfile(id, event.currentTarget, server?.id ?? null),
          },
          avatar(avatarOf(store.state, id), { size: 32, status }),
          h(
            "span",
            { class: "two-lines" },
            h(
              "span",
              { class: "author", dir: "auto", style: color ? { "--name": color } : null },
              h("span", null, name),
              isOwner && h("span", { class: "tag" }, t("owner")),
              timeout &&
                h(
                  "span",
                  { class: "tag", title: t("timeout.until", { time: shortMoment(timeout) }) },
                  t("timeout.mark"),
                ),
            ),
            presence?.custom_status && h("span", { class: "soft", dir: "auto" }, presence.custom_status),
          ),
        ),
      ));
  }
}

const heading = ({ key, title, count }) =>
  h("li", { key, class: "member-heading" }, h("h3", null, title, count === null ? null : [" — ", formatNumber(count)]));

/** Headings and members in the order in which they are shown. */
function rowsOf(channel) {
  const { state } = store;
  const server = state.servers.get(channel.server_id);
  const collator = new Intl.Collator(language);
  const people = server
    ? [...(state.members.get(server.id)?.byID.values() ?? [])].map((member) => ({ id: member.user_id, member }))
    : (channel.recipients ?? []).map((user) => ({ id: user.id, member: null }));
  const entries = people.map(({ id, member }) => ({
    id,
    member,
    name: nameOf(state, id, server?.id),
    color: server && member ? colorOf(server, member.roles) : null,
    status: id === state.me.id ? "online" : statusOf(state, id),
  }));
  entries.sort((a, b) => collator.compare(a.name, b.name));
  const hoisted = [...(server?.roles.values() ?? [])].filter((role) => role.hoist && !role.is_default).sort((a, b) =>
    b.position - a.position
  );
  const groups = [...hoisted.map((role) => ({ key: role.id, title: role.name, members: [] })), {
    key: "online",
    title: t("status.online"),
    members: [],
  }, { key: "offline", title: t("status.offline"), members: [] }];
  const byKey = new Map(groups.map((group) => [group.key, group]));
  for (const entry of entries) {
    const role = entry.status === "offline" ? null : hoisted.find((item) => entry.member?.roles.includes(item.id));
    byKey.get(entry.status === "offline" ? "offline" : (role?.id ?? "online")).members.push(entry);
  }
  // As long as not everybody is loaded, a group has more than are known of it.
  const isWhole = !server || state.members.get(server.id)?.isComplete;
  return groups.filter((group) => group.members.length > 0).flatMap((
    group,
  ) => [
    { key: `heading-${group.key}`, title: group.title, count: isWhole ? group.members.length : null },
    ...group.members,
  ]);
}
