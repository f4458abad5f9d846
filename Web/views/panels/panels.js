// What stands beside the messages.

import { h } from "../../dom/element.js";
import { isKeptBack } from "../../store/adults.js";
import { store } from "../../store/store.js";
import { formatNumber, t } from "../../texts/text.js";
import { Lazy } from "../common/lazy.js";
import { views } from "../common/on-demand.js";
import { iconButton } from "../common/controls.js";
import { enterPanel, openPanel } from "../common/open-panel.js";

export const panelTopics = () => ["panel", "route", "servers", "adults", `channel:${store.state.route.channel}`];

/** Which view a panel is. */
const VIEWS = {
  members: "MemberList",
  pins: "Pins",
  search: "SearchPanel",
  threads: "Threads",
  inbox: "Inbox",
  people: "ThreadMembers",
};

/** Those that do not belong to a channel. */
const EVERYWHERE = new Set(["inbox", "search"]);

const SHOWING_MESSAGES = new Set(["pins", "threads"]);

/** A thread has members of its own. */
const viewOf = (name, channel) => VIEWS[name === "members" && channel?.thread ? "people" : name];

/** How many there are, also of those that are not loaded. */
function total(name, channel) {
  const of = channel?.thread ?? store.state.servers.get(channel?.server_id);
  const count = name === "members" ? of?.member_count : null;
  return count ? [" — ", formatNumber(count)] : null;
}

/** The open panel; null when none is, or none fits what is shown. */
export function renderPanel() {
  const { panel, route, channels } = store.state;
  const channel = channels.get(route.channel);
  if (!(panel.name in VIEWS) || route.name !== "channel") return null;
  if (!channel && !EVERYWHERE.has(panel.name)) return null;
  if (panel.name === "members" && !channel.server_id && channel.channel_type !== "group") return null;
  // A thread has none of its own; whoever goes back to its channel finds them open again.
  if (panel.name === "threads" && channel.thread) return null;
  if (SHOWING_MESSAGES.has(panel.name) && isKeptBack(store.state, channel)) return null;
  const key = EVERYWHERE.has(panel.name) ? panel.name : `${panel.name}-${channel.id}`;
  return [
    h(
      "header",
      { key: "header", class: "panel-header" },
      h("h2", null, t(panel.name), total(panel.name, channel)),
      iconButton("close", t("close"), () => openPanel(null)),
    ),
    h(Lazy, {
      key,
      className: "panel-content",
      load: views[viewOf(panel.name, channel)],
      properties: { channel, query: panel.query ?? null },
      onload: enterPanel,
    }),
  ];
}
