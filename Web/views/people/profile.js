// A person's card: who they are, here and in general, and what one can do with them.

import { h } from "../../dom/element.js";
import { renderMarkdown } from "../../markdown/render.js";
import { timeOf } from "../../kernel/snowflake.js";
import { api } from "../../server/api.js";
import { inServer, rank, timeoutOf } from "../../store/permissions.js";
import { avatarOf, nameOf, statusOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { formatTime, shortMoment, timeIn } from "../../texts/time.js";
import { avatar, button, iconButton } from "../common/controls.js";
import { attempt, showMenu, showPopup } from "../common/dialog.js";
import { showPersonMenu, writeTo } from "./person-menu.js";
import { relation } from "./relation.js";

const NOTE_AFTER_MS = 600;

export function showProfile(userID, anchor, serverID = store.state.route.server) {
  const server = store.state.servers.get(serverID);
  const known = { user: store.state.users.get(userID), profile: null, note: null };
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
      [known.user, known.profile] = await Promise.all([api.get(`/users/${userID}`), profileOf(userID)]);
      store.apply("USERS", { users: [known.user], asked });
      if (userID !== store.state.me.id) known.note = (await api.get(`/users/${userID}/note`)).note;
      known.presence = userID === store.state.me.id ? null : await api.get(`/users/${userID}/presence`);
    } catch {
      // What is known already is shown.
    }
    popup.render();
  }
}

/** What somebody says of themselves; nothing where profiles are switched off. */
const profileOf = (userID) => store.state.capabilities?.profiles === false ? null : api.get(`/users/${userID}/profile`);

function render(userID, server, { user, profile, note, presence }, popup) {
  const { state } = store;
  const isSelf = userID === state.me.id;
  const member = server ? state.members.get(server.id)?.byID.get(userID) : null;
  const shown = state.presences.get(userID) ?? presence;
  const rights = server ? inServer(state, server.id) : new Set();
  const until = timeoutOf(member);
  const bio = profile?.bio ?? user?.bio;
  return [
    profile && renderBanner(profile),
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
      profile?.pronouns && h("span", { key: "pronouns", dir: "auto" }, ` · ${profile.pronouns}`),
      user?.bot && h("span", { class: "tag" }, t("bot")),
      (user?.badges ?? []).map((name) => h("span", { key: name, class: "tag" }, name.replaceAll("_", " "))),
    ),
    shown?.custom_status && h("p", { key: "status", dir: "auto" }, shown.custom_emoji, " ", shown.custom_status),
    until && rights.has("members.timeout") &&
    h("p", { key: "timeout", class: "notice-line" }, t("timeout.until", { time: shortMoment(until) })),
    bio && h("div", { key: "bio", class: "bio" }, renderMarkdown(bio, { state, serverID: server?.id })),
    profile?.social_links.length > 0 && renderLinks(profile.social_links),
    profile && renderFacts(profile, isSelf),
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

/** The broad picture above, or the colour that one chose; nothing where there is neither. */
function renderBanner({ banner_url, accent_color }) {
  if (!banner_url && !accent_color) return null;
  return h(
    "div",
    { key: "banner", class: "banner", style: accent_color ? { "--accent-color": accent_color } : null },
    banner_url && h("img", { src: `${banner_url}&size=600`, alt: "", referrerpolicy: "no-referrer" }),
  );
}

const renderLinks = (links) =>
  h(
    "ul",
    { key: "links", class: "profile-links" },
    links.map(({ name, url }, index) =>
      h(
        "li",
        { key: String(index) },
        h("a", { href: url, target: "_blank", rel: "noopener noreferrer nofollow", dir: "auto" }, name),
      )
    ),
  );

/** Where they are and what their clock says, and whom and what both know. */
function renderFacts({ location, timezone, mutual_friend_count: friends, mutual_server_ids: servers }, isSelf) {
  const time = timezone && timeIn(timezone);
  const facts = [
    location && [t("profile.location"), location],
    time && [t("profile.local-time"), `${time} (${timezone.replaceAll("_", " ")})`],
    !isSelf && friends > 0 && [t("profile.mutual-friends"), String(friends)],
    !isSelf && servers.length > 0 && [t("profile.mutual-servers"), servers.map(serverName).filter(Boolean).join(", ")],
  ].filter(Boolean);
  return facts.length > 0 &&
    h(
      "dl",
      { key: "facts", class: "profile-facts" },
      facts.map(([name, value]) => h("div", { key: name }, h("dt", null, name), h("dd", { dir: "auto" }, value))),
    );
}

const serverName = (id) => store.state.servers.get(id)?.name;

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
