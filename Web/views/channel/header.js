import { h } from "../../dom/element.js";
import { renderInline } from "../../markdown/render.js";
import { plainText } from "../../markdown/text.js";
import { addressOf } from "../../kernel/router.js";
import { isKeptBack } from "../../store/adults.js";
import { avatarOf, channelName, othersIn, statusOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { avatar, badge, iconButton } from "../common/controls.js";
import { adultMark } from "./adults.js";
import { channelIcon, icon } from "../common/icons.js";
import { onDemand } from "../common/on-demand.js";
import { mentionName } from "../common/message-text.js";
import { openPanel } from "../common/open-panel.js";

/** The line above a channel: what it is, and the panels that belong to it. */
export function renderHeader(channel, onmenu, title = null) {
  const { state } = store;
  return h(
    "header",
    { class: "channel-header" },
    iconButton("menu", t("menu.open"), onmenu, { className: "only-narrow" }),
    channel ? heading(channel) : h("h1", null, title ?? ""),
    channel?.topic && !isKeptBack(state, channel)
      ? h(
        "p",
        { class: "topic", dir: "auto", title: plainText(channel.topic, { name: mentionName }) },
        renderInline(channel.topic, { state, serverID: channel.server_id }),
      )
      : h("span", { class: "grow" }),
    h(
      "div",
      { class: "header-actions", role: "toolbar", "aria-label": t("channel.actions") },
      channel ? actions(channel) : null,
      inbox(),
    ),
  );
}

function heading(channel) {
  const { state } = store;
  const name = channelName(state, channel, t);
  const [other] = othersIn(state, channel);
  const parent = state.channels.get(channel.thread?.parent_id);
  return h(
    "h1",
    null,
    parent && h("a", { class: "parent", href: addressOf(parent) }, parent.name, " › "),
    channel.channel_type === "dm" && other
      ? avatar(avatarOf(state, other.id), { size: 24, status: statusOf(state, other.id) })
      : icon(channel.server_id ? channelIcon(channel) : channel.channel_type === "notes" ? "note" : "friends", {
        size: 20,
      }),
    h("button", {
      type: "button",
      class: "title-button",
      "aria-haspopup": "menu",
      dir: "auto",
      onclick: (event) => onDemand.showChannelMenu(event.currentTarget, channel),
    }, name),
    channel.thread?.thread_type === "private" && h("span", { class: "tag" }, t("thread.private")),
    adultMark(channel),
  );
}

function actions(channel) {
  const { panel } = store.state;
  const toggle = (name, picture, label) =>
    iconButton(picture, label, () => openPanel(panel.name === name ? null : name), { pressed: panel.name === name });
  const isServer = Boolean(channel.server_id);
  return [
    isServer && !channel.thread && channel.channel_type !== "voice" && toggle("threads", "thread", t("threads")),
    toggle("pins", "pin", t("pins")),
    (isServer || channel.channel_type === "group") && toggle("members", "friends", t("members")),
    toggle("search", "search", t("search")),
  ];
}

function inbox() {
  const { panel, notifications } = store.state;
  return [
    h(
      "span",
      { class: "with-badge" },
      iconButton("bell", t("inbox"), () => openPanel(panel.name === "inbox" ? null : "inbox"), {
        pressed: panel.name === "inbox",
      }),
      badge(notifications.unread, t("unread.count", { count: notifications.unread })),
    ),
    iconButton("help", t("shortcuts"), onDemand.openShortcuts, { className: "only-wide" }),
  ];
}
