// A person's card: who they are, here and in general, and what one can do with them.

import { h } from "../../dom/element.js";
import { renderMarkdown } from "../../markdown/render.js";
import { timeOf } from "../../kernel/snowflake.js";
import { api } from "../../server/api.js";
import { inServer, rank, timeoutOf } from "../../store/permissions.js";
import { avatarOf, nameOf, statusOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { formatTime, shortMoment } from "../../texts/time.js";
import { avatar, button, iconButton } from "../common/controls.js";
import { attempt, showMenu, showPopup } from "../common/dialog.js";
import { showPersonMenu, writeTo } from "./person-menu.js";
import { relation } from "./relation.js";

const NOTE_AFTER_MS = 600;

export function showProfile(userID, anchor, serverID = store.state.route.server) {
  const server = store.state.servers.get(serverID);
  const known = { user: store.state.users.get(userID), note: null };
  const popup = showPopup(anchor, () => render(userID, server, known, () => popup), {
    label: t("profile.of", { name: nameOf(store.state, userID, serverID) }),
    className: "profile",
    onclose: () => stop(),
  });
  const stop = store.watch(
    ["relationships", `presence:${userID}`, "presence", "users", `members:${serverID}`],
    () => popup.render(),
  );
  load();

  async function load() {
    const asked = store.state.told;
    try {
      known.user = await api.get(`/users/${userID}`);
      store.apply("USERS", { users: [known.user], asked });
      if (userID !== store.state.me.id) known.note = (await api.get(`/users/${userID}/note`)).note;
      known.presence = userID === store.state.me.id ? null : await api.get(`/users/${userID}/presence`);
    } catch {
      // What is known already is shown.
    }
    popup.render();
  }
}

function render(userID, server, { user, note, presence }, popup) {
  const { state } = store;
  const isSelf = userID === state.me.id;
  const member = server ? state.members.get(server.id)?.byID.get(userID) : null;
  const shown = state.presences.get(userID) ?? presence;
  const rights = server ? inServer(state, server.id) : new Set();
  const until = timeoutOf(member);
  return [
    h(
      "div",
      { key: "head", class: "profile-head" },
      avatar(avatarOf(state, userID), { size: 80, status: isSelf ? null : statusOf(state, userID) }),
      !isSelf &&
        iconButton("more", t("more"), (event) => showPersonMenu(event.currentTarget, userID, server, member, popup), {
          className: "end",
        }),
    ),
    h("h2", { key: "name", dir: "auto" }, nameOf(state, userID, server?.id)),
    h(
      "p",
      { key: "username", class: "soft" },
      `@${user?.username ?? ""}`,
      user?.bot && h("span", { class: "tag" }, t("bot")),
      (user?.badges ?? []).map((name) => h("span", { key: name, class: "tag" }, name.replaceAll("_", " "))),
    ),
    shown?.custom_status && h("p", { key: "status", dir: "auto" }, shown.custom_emoji, " ", shown.custom_status),
    until && rights.has("members.timeout") &&
    h("p", { key: "timeout", class: "notice-line" }, t("timeout.until", { time: shortMoment(until) })),
    user?.bio && h("div", { key: "bio", class: "bio" }, renderMarkdown(user.bio, { state, serverID: server?.id })),
    h(
      "dl",
      { key: "dates" },
      h("div", null, h("dt", null, t("profile.since")), h("dd", null, formatTime(timeOf(userID), "D"))),
      member &&
        h(
          "div",
          null,
          h("dt", null, t("profile.member-since")),
          h("dd", null, formatTime(member.joined_at * 1000, "D")),
        ),
    ),
    member && h("div", { key: "roles" }, renderRoles(server, member, popup)),
    !isSelf &&
    h(
      "div",
      { key: "note", class: "field" },
      h("label", { for: "profile-note" }, t("profile.note")),
      h("textarea", {
        id: "profile-note",
        rows: 2,
        maxlength: 512,
        value: note ?? "",
        placeholder: t("profile.note-hint"),
        oninput: (event) => keepNote(userID, event.target.value),
      }),
    ),
    !isSelf &&
    h(
      "footer",
      { key: "actions" },
      button(t("message.write"), () => writeTo(userID, popup), { kind: "primary" }),
      relation(userID),
    ),
  ];
}

let keeping = null;

function keepNote(userID, note) {
  clearTimeout(keeping);
  keeping = setTimeout(() => attempt(() => api.put(`/users/${userID}/note`, { note })), NOTE_AFTER_MS);
}

function renderRoles(server, member, popup) {
  const { state } = store;
  const rights = inServer(state, server.id);
  const own = rank(server, state.me.id, server.member.roles);
  const mayGive = (role) => rights.has("members.manage_roles") && role.position < own;
  const roles = member.roles.map((id) => server.roles.get(id)).filter(Boolean).sort((a, b) => b.position - a.position);
  const free = [...server.roles.values()].filter((role) =>
    !role.is_default && !member.roles.includes(role.id) && mayGive(role)
  );
  const path = (role) => `/servers/${server.id}/members/${member.user_id}/roles/${role.id}`;
  const change = (method, role) =>
    attempt(async () => {
      store.apply("GUILD_MEMBER_UPDATE", { server_id: server.id, member: await api[method](path(role)) });
      popup().render();
    });
  return [
    h("h3", null, t("roles")),
    h(
      "ul",
      { class: "role-tags" },
      roles.map((role) =>
        h(
          "li",
          { key: role.id, class: "role-tag" },
          h("span", { class: "dot", style: role.color ? { "--role": role.color } : null }),
          h("span", { dir: "auto" }, role.name),
          mayGive(role) &&
            iconButton("close", t("role.take", { name: role.name }), () => change("delete", role), {
              className: "tiny",
            }),
        )
      ),
      free.length > 0 &&
        h(
          "li",
          { key: "add" },
          iconButton("add", t("role.give"), (event) =>
            showMenu(
              event.currentTarget,
              free.map((role) => ({ label: role.name, run: () => change("put", role) })),
            ), { className: "tiny" }),
        ),
    ),
  ];
}
