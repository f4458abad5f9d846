// What stands beside the messages.

import { h } from "../../dom/element.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { iconButton } from "../common/controls.js";
import { openPanel } from "./open.js";
import { Inbox } from "./inbox.js";
import { MemberList } from "./members.js";
import { Pins } from "./pins.js";
import { SearchPanel } from "../search/search.js";
import { Threads } from "./threads.js";

const PANELS = { members: MemberList, pins: Pins, search: SearchPanel, threads: Threads, inbox: Inbox };

export const panelTopics = () => ["panel", "route", "servers"];

/** The open panel; null when none is, or none fits what is shown. */
export function renderPanel() {
  const { panel, route, channels } = store.state;
  const channel = channels.get(route.channel);
  const Panel = PANELS[panel.name];
  if (!Panel || route.name !== "channel") return null;
  if (!channel && panel.name !== "inbox" && panel.name !== "search") return null;
  if (panel.name === "members" && !channel.server_id && channel.channel_type !== "group") return null;
  return [
    h("header", { key: "header", class: "panel-header" }, h("h2", null, t(panel.name)), iconButton("close", t("close"), () => openPanel(null))),
    h(Panel, { key: `${panel.name}-${panel.name === "inbox" || panel.name === "search" ? "" : (channel?.id ?? "")}`, channel, query: panel.query ?? null }),
  ];
}
