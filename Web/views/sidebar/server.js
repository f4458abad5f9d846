import { h } from "../../dom/element.js";
import { addressOf } from "../../kernel/router.js";
import { hasDraft } from "../../server/drafts.js";
import { isForAdults } from "../../store/adults.js";
import { attention } from "../../store/notification-settings.js";
import { channelName, channelTree, plannedEvents, unreadIn } from "../../store/selectors.js";
import { inChannel, inServer } from "../../store/permissions.js";
import { changeSetting } from "../../server/settings.js";
import { readSetting } from "../../store/settings.js";
import { store } from "../../store/store.js";
import { MOST_UNREAD } from "../../store/unread.js";
import { t, upTo } from "../../texts/text.js";
import { badge, iconButton } from "../common/controls.js";
import { joinCall } from "../call/join-call.js";
import { renderVoices } from "../call/voices.js";
import { isForAway } from "../../store/voices.js";
import { adultMark } from "../channel/adults.js";
import { channelIcon, icon } from "../common/icons.js";
import { onDemand } from "../common/on-demand.js";
import { dragChannel } from "./drag.js";

/** A server's name with its menu, and its channels. */
export function renderServer(server) {
  const { state } = store;
  const rights = inServer(state, server.id);
  const collapsed = readSetting(state, "client.collapsed").categories;
  return [
    h(
      "div",
      { class: "sidebar-header" },
      h(
        "button",
        {
          type: "button",
          class: "server-name",
          "aria-haspopup": "menu",
          onclick: (event) => onDemand.showServerMenu(event.currentTarget, server.id),
        },
        h("span", { dir: "auto" }, server.name),
        icon("down", { size: 18 }),
      ),
      rights.has("invites.create") && iconButton("invite", t("invite.people"), () => onDemand.invitePeople(server.id)),
    ),
    h(
      "div",
      { class: "sidebar-scroll", tabindex: "-1" },
      eventsLink(server),
      channelTree(state, server.id).map((group) => renderGroup(server, group, collapsed, rights)),
    ),
  ];
}

/** What is planned, for those who may know of it. */
function eventsLink(server) {
  const { capabilities } = store.state;
  if (capabilities?.scheduled_events === false) return null;
  const count = plannedEvents(store.state, server.id).length;
  const rights = inServer(store.state, server.id);
  if (count === 0 && !rights.has("events.view")) return null;
  return h(
    "button",
    { key: "events", type: "button", class: "channel-link events-link", onclick: () => onDemand.showEvents(server.id) },
    icon("calendar", { size: 18 }),
    h("span", { class: "channel-name" }, t("events")),
    count > 0 && h(
      "span",
      { class: "soft" },
      h("span", { "aria-hidden": "true" }, String(count)),
      h("span", { class: "visually-hidden" }, t("events.count", { count })),
    ),
  );
}

function renderGroup(server, { category, channels }, collapsed, rights) {
  const isCollapsed = category !== null && collapsed.includes(category.id);
  // What is unread stays in sight when its category is closed, and so does where one is.
  const shown = isCollapsed
    ? channels.filter((channel) => unreadIn(store.state, channel).unread > 0 || isOpen(channel))
    : channels;
  if (!category && shown.length === 0) return null;
  return h(
    "section",
    { key: category?.id ?? "none", class: "channel-group", ...(category ? dragChannel(category, rights) : {}) },
    category &&
      h(
        "div",
        { class: "category" },
        h(
          "button",
          {
            type: "button",
            class: "category-name",
            "aria-expanded": String(!isCollapsed),
            onclick: () => toggleCategory(category.id),
            oncontextmenu: (event) => openMenu(event, category),
          },
          icon("down", { size: 14 }),
          h("span", { dir: "auto" }, category.name),
        ),
        inChannel(store.state, category).has("channels.manage") &&
          iconButton(
            "add",
            t("channel.add-in", { name: category.name }),
            () => onDemand.createChannel(server.id, category.id),
            {
              className: "small quiet",
            },
          ),
      ),
    h("ul", { "aria-label": category?.name ?? t("channels") }, shown.map((channel) => renderChannel(channel, rights))),
  );
}

const isOpen = (channel) => {
  const { route, channels } = store.state;
  return route.channel === channel.id || channels.get(route.channel)?.thread?.parent_id === channel.id;
};

function renderChannel(channel, rights) {
  const { state } = store;
  const { unread } = unreadIn(state, channel);
  const { isMuted } = attention(state, channel);
  const isCurrent = isOpen(channel);
  const name = [
    channel.name,
    t(`channel.kind.${channel.channel_type}`),
    isForAdults(state, channel) ? t("adults") : null,
    isForAway(state, channel) ? t("afk.channel") : null,
    unread > 0 ? t("unread.count", { count: upTo(unread, MOST_UNREAD) }) : null,
  ].filter(Boolean).join(", ");
  return h(
    "li",
    { key: channel.id, ...dragChannel(channel, rights) },
    h(
      "a",
      {
        href: addressOf(channel),
        class: `channel-link${unread > 0 && !isCurrent ? " unread" : ""}${isMuted ? " muted" : ""}`,
        "aria-current": isCurrent ? "page" : null,
        "aria-label": name,
        oncontextmenu: (event) => openMenu(event, channel),
        draggable: "false",
      },
      icon(isPrivate(channel) ? "lock" : isForAway(state, channel) ? "moon" : channelIcon(channel), { size: 18 }),
      h("span", { class: "channel-name", dir: "auto" }, channel.name),
      adultMark(channel),
      hasDraft(channel.id) && !isCurrent &&
        h("span", { class: "draft", title: t("draft") }, icon("edit", { size: 14 })),
      mentionsIn(channel),
    ),
    isJoinable(channel) && iconButton("call", t("call.join-in", { name: channel.name }), () => joinCall(channel.id), {
      className: "small quiet join-call",
    }),
    threadsOf(channel),
    channel.channel_type === "voice" && renderVoices(channel),
  );
}

/** Whether one may go and speak there, and is not there already. */
const isJoinable = (channel) =>
  channel.channel_type === "voice" && store.state.capabilities?.voice?.enabled &&
  store.state.call?.channelID !== channel.id && inChannel(store.state, channel).has("voice.connect");

function mentionsIn(channel) {
  const { mentions } = unreadIn(store.state, channel);
  return badge(mentions, t("mentions", { count: upTo(mentions, MOST_UNREAD) }));
}

/** Threads in which something is unread, and the one that is open. */
function threadsOf(channel) {
  const { channels, route, readStates } = store.state;
  const threads = [];
  for (const id of [...readStates.keys(), route.channel]) {
    const thread = channels.get(id);
    if (thread?.thread?.parent_id !== channel.id || threads.includes(thread)) continue;
    if (thread.id === route.channel || readStates.get(thread.id)?.unread > 0) threads.push(thread);
  }
  if (threads.length === 0) return null;
  return h(
    "ul",
    { class: "thread-links", "aria-label": t("threads") },
    threads.map((thread) =>
      h(
        "li",
        { key: thread.id },
        h(
          "a",
          {
            href: addressOf(thread),
            class: `channel-link thread${unreadIn(store.state, thread).unread > 0 ? " unread" : ""}`,
            "aria-current": route.channel === thread.id ? "page" : null,
          },
          icon(channelIcon(thread), { size: 14 }),
          h("span", { class: "channel-name", dir: "auto" }, channelName(store.state, thread, t)),
          mentionsIn(thread),
        ),
      )
    ),
  );
}

/** Whether not everyone sees a channel. */
function isPrivate(channel) {
  const server = store.state.servers.get(channel.server_id);
  const everyone = [...(server?.roles.values() ?? [])].find((role) => role.is_default);
  const own = channel.overwrites?.length > 0
    ? channel.overwrites
    : store.state.channels.get(channel.category_id)?.overwrites;
  return own?.some((item) => item.id === everyone?.id && item.deny.includes("channels.view")) ?? false;
}

function openMenu(event, channel) {
  event.preventDefault();
  onDemand.showChannelMenu(event.clientX ? { x: event.clientX, y: event.clientY } : event.currentTarget, channel);
}

function toggleCategory(id) {
  const { categories } = readSetting(store.state, "client.collapsed");
  changeSetting("client.collapsed", {
    categories: categories.includes(id) ? categories.filter((other) => other !== id) : [...categories, id],
  });
}
