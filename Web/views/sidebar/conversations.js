import { h } from "../../dom/element.js";
import { addressOf, navigate } from "../../kernel/router.js";
import { hasDraft } from "../../server/drafts.js";
import { api } from "../../server/api.js";
import { avatarOf, channelName, othersIn, privateChannels, statusOf, unreadIn } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { MOST_UNREAD } from "../../store/unread.js";
import { t, upTo } from "../../texts/text.js";
import { avatar, badge, button, iconButton } from "../common/controls.js";
import { attempt } from "../common/dialog.js";
import { icon } from "../common/icons.js";
import { onDemand } from "../common/on-demand.js";

/** Friends, notes, and the conversations with the latest first. */
export function renderConversations() {
  const { state } = store;
  const requests = [...state.relationships.values()].filter((item) => item.status === "pending_incoming").length;
  const isFriends = state.route.server === "@me" && !state.route.channel;
  const notes = [...state.privateChannels].map((id) => state.channels.get(id)).find((channel) =>
    channel?.channel_type === "notes"
  );
  return [
    h(
      "div",
      { class: "sidebar-header" },
      h(
        "button",
        { type: "button", class: "search-button", onclick: () => onDemand.openSwitcher() },
        icon("search", { size: 16 }),
        h("span", {}, t("switcher.open")),
      ),
    ),
    h(
      "div",
      { class: "sidebar-scroll", tabindex: "-1" },
      h(
        "ul",
        { "aria-label": t("home") },
        h(
          "li",
          { key: "friends" },
          h(
            "a",
            { href: "/channels/@me", class: "channel-link", "aria-current": isFriends ? "page" : null },
            icon("friends"),
            h("span", { class: "channel-name" }, t("friends")),
            badge(requests, t("friends.requests", { count: requests })),
          ),
        ),
        h(
          "li",
          { key: "notes" },
          h(
            "button",
            {
              type: "button",
              class: "channel-link",
              "aria-current": notes && state.route.channel === notes.id ? "page" : null,
              onclick: openNotes,
            },
            icon("note"),
            h("span", { class: "channel-name" }, t("notes")),
          ),
        ),
      ),
      h(
        "div",
        { class: "category" },
        h("h2", { class: "category-name" }, t("conversations")),
        iconButton("add", t("conversation.new"), onDemand.newConversation, { className: "small" }),
      ),
      h("ul", { "aria-label": t("conversations") }, privateChannels(state).map(renderConversation)),
      state.servers.size === 0 && withoutServers(),
    ),
  ];
}

/** What to do without a server. A wide screen says it beside the list. */
const withoutServers = () =>
  h(
    "section",
    { key: "no-servers", class: "no-servers only-narrow", "aria-label": t("server.none") },
    h("h2", null, t("server.none")),
    h("p", { class: "soft" }, t("server.add-text")),
    button(t("server.add"), onDemand.addServer, { kind: "primary wide" }),
    store.state.capabilities?.discovery !== false &&
      button(t("directory.open"), () => navigate("/discovery"), { kind: "wide" }),
  );

function renderConversation(channel) {
  const { state } = store;
  const { mentions } = unreadIn(state, channel);
  const [other] = othersIn(state, channel);
  const isGroup = channel.channel_type === "group";
  const isCurrent = state.route.channel === channel.id;
  const name = channelName(state, channel, t);
  const custom = !isGroup && other ? state.presences.get(other.id)?.custom_status : null;
  return h(
    "li",
    { key: channel.id },
    h(
      "a",
      {
        href: addressOf(channel),
        class: `channel-link person${mentions > 0 ? " unread" : ""}`,
        "aria-current": isCurrent ? "page" : null,
        oncontextmenu: (event) => {
          event.preventDefault();
          onDemand.showChannelMenu({ x: event.clientX, y: event.clientY }, channel);
        },
      },
      isGroup
        ? h("span", { class: "group-picture" }, icon("friends", { size: 18 }))
        : avatar(avatarOf(state, other?.id ?? state.me.id), {
          size: 32,
          status: other ? statusOf(state, other.id) : null,
        }),
      h(
        "span",
        { class: "two-lines" },
        h("span", { class: "channel-name", dir: "auto" }, name),
        isGroup
          ? h("span", { class: "soft" }, t("members.count", { count: channel.recipients?.length ?? 1 }))
          : custom && h("span", { class: "soft", dir: "auto" }, custom),
      ),
      hasDraft(channel.id) && !isCurrent &&
        h("span", { class: "draft", title: t("draft") }, icon("edit", { size: 14 })),
      badge(mentions, t("unread.count", { count: upTo(mentions, MOST_UNREAD) })),
    ),
  );
}

const openNotes = () =>
  attempt(async () => {
    const channel = await api.get("/users/@me/notes");
    store.apply("CHANNEL_CREATE", channel);
    navigate(addressOf(channel));
  });
