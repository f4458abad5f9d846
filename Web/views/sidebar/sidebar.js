// The list of channels of a server, or of conversations; below it, oneself.

import { h } from "../../dom/element.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { renderCallBar } from "../call/bar-on-demand.js";
import { renderConversations } from "./conversations.js";
import { renderServer } from "./server.js";
import { renderSelf } from "./self.js";

export const sidebarTopics = () => [
  "route",
  "unread",
  "private",
  "presence",
  "settings",
  "me",
  "drafts",
  "adults",
  "relationships",
  "users",
  "connection",
  "voices",
  "call",
  "speaking",
  `server:${store.state.route.server}`,
  "servers",
];

export function renderSidebar() {
  const server = store.state.servers.get(store.state.route.server);
  return [
    h("h1", { key: "heading", class: "visually-hidden only-narrow" }, server?.name ?? t("home")),
    h(
      "div",
      { key: server?.id ?? "@me", class: "sidebar-content" },
      server ? renderServer(server) : renderConversations(),
    ),
    h("div", { key: "call" }, renderCallBar()),
    h("div", { key: "self" }, renderSelf()),
  ];
}
