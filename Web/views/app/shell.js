// The frame of the conversations: servers, channels, what is open, and a panel beside it. On a narrow screen one of them
// is shown at a time.

import { h, patch } from "../../dom/element.js";
import { View } from "../../dom/view.js";
import { navigate } from "../../kernel/router.js";
import { store } from "../../store/store.js";
import { changeSetting, readSetting } from "../../store/settings.js";
import { isKeptBack } from "../../store/adults.js";
import { firstChannel } from "../../store/selectors.js";
import { t } from "../../texts/text.js";
import { empty, spinner } from "../common/controls.js";
import { askAdult } from "../channel/adults.js";
import { ChannelView } from "../channel/channel.js";
import { renderHeader } from "../channel/header.js";
import { ensureServer, findChannel } from "../../server/servers.js";
import { panelTopics, renderPanel } from "../panels/panels.js";
import { Rail } from "../rail/rail.js";
import { renderSidebar, sidebarTopics } from "../sidebar/sidebar.js";
import { renderStatusLine, statusTopics } from "./status-line.js";
import { Lazy } from "./lazy.js";
import { loadAdministration, loadForum, loadFriends } from "./on-demand.js";

const NARROW = matchMedia("(max-width: 48em)");

export class Shell {
  constructor() {
    this.element = document.createElement("div");
    this.element.className = "shell";
    const region = (tag, className, label) => {
      const element = document.createElement(tag);
      element.className = className;
      if (label) element.setAttribute("aria-label", label);
      this.element.append(element);
      return element;
    };
    this.skip = region("div", "skip");
    patch(
      this.skip,
      h("a", {
        class: "skip-link",
        href: "#main",
        onclick: (event) => {
          event.preventDefault();
          document.querySelector("#composer-text, #main")?.focus();
        },
      }, t("skip")),
    );
    const status = region("div", "status-line");
    status.setAttribute("role", "status");
    const rail = region("nav", "rail", t("servers"));
    const sidebar = (this.sidebar = region("div", "sidebar", t("channels")));
    const main = region("main", "content");
    main.id = "main";
    main.tabIndex = -1;
    const panel = region("aside", "panel", t("details"));
    const backdrop = region("div", "backdrop");
    backdrop.onclick = () => this.#show("content");
    this.views = [
      new View(status, statusTopics, renderStatusLine),
      new Rail(rail),
      new View(sidebar, sidebarTopics, renderSidebar),
      new View(main, () => this.#mainTopics(), () => this.#main()),
      new View(panel, panelTopics, () => this.#panel(panel)),
    ];
    this.stop = store.watch(["route", "servers", "private"], () => this.#follow());
    this.onResize = () => this.#show(this.element.dataset.part);
    NARROW.addEventListener("change", this.onResize);
    this.#show("sidebar");
    this.#follow();
  }

  update() {}

  destroy() {
    NARROW.removeEventListener("change", this.onResize);
    this.stop();
    for (const view of this.views) view.destroy();
  }

  /** Which part a narrow screen shows; that one is then what the page is about. */
  #show(part) {
    this.element.dataset.part = part;
    this.sidebar.setAttribute("role", NARROW.matches && part === "sidebar" ? "main" : "navigation");
  }

  /** Goes from an address that is not whole to one that is. */
  #follow() {
    const { route } = store.state;
    if (route.name === "admin") return this.#show("content");
    if (route.name !== "channel") return navigate("/channels/@me", { replace: true });
    const isNew = this.place !== location.pathname;
    this.place = location.pathname;
    if (route.server !== "@me") ensureServer(route.server);
    if (isNew && route.channel) findUnknown(route.channel);
    // A narrow screen shows the list first.
    if (!route.channel && route.server !== "@me" && !NARROW.matches) {
      const channel = firstChannel(store.state, route.server);
      if (channel) return navigate(`/channels/${route.server}/${channel.id}`, { replace: true });
    }
    if (route.channel && isNew) {
      if (route.server !== "@me") this.#remember(route);
      this.#show("content");
    } else if (isNew) this.#show("sidebar");
  }

  #remember({ server, channel }) {
    const last = readSetting(store.state, "client.last_channels");
    if (last[server] !== channel && store.state.channels.has(channel) && Object.keys(last).length < 150) {
      changeSetting("client.last_channels", { [server]: channel });
    }
  }

  #mainTopics() {
    const { route } = store.state;
    return [
      "route",
      "panel",
      "me",
      `channel:${route.channel}`,
      `server:${route.server}`,
      "private",
      "relationships",
      "users",
      "notifications",
      "adults",
    ];
  }

  #main() {
    const { route, channels, servers, leftServers } = store.state;
    const openSidebar = () => this.#show("sidebar");
    if (route.name === "admin") {
      return h(Lazy, {
        key: "admin",
        load: loadAdministration,
        properties: { section: route.section ?? "overview", onmenu: openSidebar },
      });
    }
    if (route.name !== "channel") return spinner();
    const channel = channels.get(route.channel);
    if (!route.channel && route.server === "@me") {
      return h(Lazy, { key: "friends", load: loadFriends, properties: { onmenu: openSidebar } });
    }
    if (!channel) {
      const server = servers.get(route.server);
      const left = leftServers.get(route.server);
      return h(
        "div",
        { key: "nothing", class: "nothing" },
        renderHeader(null, openSidebar),
        server || route.server === "@me"
          ? empty("hash", t("channel.none"), t("channel.none-text"))
          : left
          ? empty("server", t("server.left", { name: left }), t("server.left-text"))
          : empty("server", t("server.gone"), t("server.gone-text")),
      );
    }
    const content = isKeptBack(store.state, channel)
      ? askAdult(channel)
      : channel.channel_type === "forum"
      ? h(Lazy, { key: channel.id, load: loadForum, properties: { channelID: channel.id } })
      : channel.channel_type === "voice"
      ? h("div", { key: "voice", class: "nothing" }, empty("voice", t("voice.off"), t("voice.off-text")))
      : h(ChannelView, { key: channel.id, channelID: channel.id, messageID: route.message });
    return [h("div", { key: "header" }, renderHeader(channel, openSidebar)), content];
  }

  #panel(element) {
    const content = renderPanel();
    element.hidden = !content;
    return content;
  }
}

/** Threads and conversations that were put away are not known from the beginning. */
async function findUnknown(channelID) {
  try {
    await findChannel(channelID);
  } catch {
    // It is gone, or not to be seen; the page says so.
  }
}
