// The frame of the conversations: servers, channels, what is open, and a panel beside it. On a narrow screen one of them
// is shown at a time.

import { h, patch } from "../../dom/element.js";
import { Island } from "../common/island.js";
import { View } from "../common/view.js";
import { addLayer } from "../../kernel/layers.js";
import { navigate } from "../../kernel/router.js";
import { store } from "../../store/store.js";
import { changeSetting } from "../../server/settings.js";
import { readSetting } from "../../store/settings.js";
import { isKeptBack } from "../../store/adults.js";
import { exclusionFrom } from "../../store/measures.js";
import { firstChannel } from "../../store/selectors.js";
import { t } from "../../texts/text.js";
import { empty, spinner } from "../common/controls.js";
import { CallAnnouncer } from "../call/announcer.js";
import { askAdult } from "../channel/adults.js";
import { ChannelView } from "../channel/channel.js";
import { renderHeader } from "../channel/header.js";
import { ensureOnboarding, hearOfOnboarding } from "../../server/onboarding.js";
import { noteChat } from "../../server/recent-chats.js";
import { ensureServer, findChannel } from "../../server/servers.js";
import { openPanel } from "../common/open-panel.js";
import { hearOfGonePlaces, lookForGonePlaces } from "../messages/gone-places.js";
import { keepLostEdits } from "../messages/lost-edits.js";
import { panelTopics, renderPanel } from "../panels/panels.js";
import { Rail } from "../rail/rail.js";
import { renderSidebar, sidebarTopics } from "../sidebar/sidebar.js";
import { loading, whenConnected } from "../common/loading.js";
import { measureReason, measureText } from "../common/measures.js";
import { renderStatusLine, statusTopics } from "./status-line.js";
import { Lazy } from "../common/lazy.js";
import { onDemand, views } from "../common/on-demand.js";

const NARROW = matchMedia("(max-width: 48em)");
/** On such screens a panel lies above the messages. */
const PANEL_ABOVE = matchMedia("(max-width: 68em)");

export class Shell extends Island {
  /** The servers whose entrance was shown. */
  entered = new Set();

  constructor() {
    super("div", "shell");
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
    this.own(new CallAnnouncer(region("div", "visually-hidden")));
    const rail = region("nav", "rail", t("servers"));
    const sidebar = (this.sidebar = region("div", "sidebar", t("channels")));
    const main = region("main", "content");
    main.id = "main";
    main.tabIndex = -1;
    const panel = region("aside", "panel", t("details"));
    const backdrop = region("div", "backdrop");
    backdrop.onclick = () => this.#show("content");
    this.own(new View(status, statusTopics, renderStatusLine));
    this.own(new Rail(rail));
    this.own(new View(sidebar, sidebarTopics, renderSidebar));
    this.own(new View(main, () => this.#mainTopics(), () => this.#main()));
    this.own(new View(panel, panelTopics, () => this.#panel(panel)));
    this.watch(["route", "servers", "private"], () => this.#follow());
    this.hear(keepLostEdits);
    this.hear(hearOfGonePlaces);
    this.hear((name, data) => name === "GUILD_ONBOARDING_UPDATE" && hearOfOnboarding(data));
    this.watch(["outbox"], lookForGonePlaces);
    this.atEnd(whenConnected(() => this.#find()));
    this.listen(NARROW, "change", () => this.#show(this.element.dataset.part));
    this.#show("sidebar");
    this.#follow();
  }

  /** Which part a narrow screen shows; that one is then what the page is about. */
  #show(part) {
    this.element.dataset.part = part;
    if (part === "content") this.sidebarClosed?.();
    this.sidebar.setAttribute("role", NARROW.matches && part === "sidebar" ? "main" : "navigation");
  }

  /** The list above the open channel. */
  #openSidebar() {
    this.#show("sidebar");
    if (NARROW.matches) this.sidebarClosed = addLayer(() => this.#show("content"));
  }

  /** Goes from an address that is not whole to one that is. */
  #follow() {
    const { route } = store.state;
    if (route.name === "admin" || route.name === "discovery") {
      // Whoever goes back from there arrives anew.
      this.place = null;
      return this.#show("content");
    }
    if (route.name === "home") return navigate("/channels/@me", { replace: true });
    if (route.name !== "channel") return;
    const isNew = this.place !== location.pathname;
    const isAsked = this.route !== route;
    [this.place, this.route] = [location.pathname, route];
    if (isNew) this.#find();
    if (isNew && route.server !== "@me") this.#enter(route.server);
    else if (route.server !== "@me") ensureServer(route.server);
    // A narrow screen shows the list first.
    if (!route.channel && route.server !== "@me" && !NARROW.matches) {
      const channel = firstChannel(store.state, route.server);
      if (channel) return navigate(`/channels/${route.server}/${channel.id}`, { replace: true });
    }
    if (isNew) noteChat(route.channel);
    if (isNew && route.channel && route.server !== "@me") this.#remember(route);
    if (isNew && NARROW.matches) openPanel(null);
    if (isAsked && route.channel) this.#show("content");
    else if (isNew) this.#show("sidebar");
  }

  /** Loads what of the place is not known from the beginning: members; threads, and conversations that were put away. */
  async #find() {
    const { server, channel } = store.state.route;
    if (server && server !== "@me") ensureServer(server);
    if (!channel || store.state.channels.has(channel)) return;
    this.finding = channel;
    // Where it is gone, or not to be seen, the page says so.
    await findChannel(channel).catch(() => {});
    if (this.finding === channel) this.finding = null;
    store.touch("route");
  }

  /** A newcomer who has something to do first is told so, once on each visit of the page. */
  async #enter(serverID) {
    await ensureOnboarding(serverID);
    const isPending = store.state.servers.get(serverID)?.member.pending;
    if (!isPending || this.isOver || this.entered.has(serverID)) return;
    this.entered.add(serverID);
    onDemand.enterServer(serverID);
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
      // In a server the list of members has it, and there are many.
      ...(route.server === "@me" ? ["presence"] : []),
    ];
  }

  #main() {
    const { route, channels, servers, leftServers } = store.state;
    const openSidebar = () => this.#openSidebar();
    if (route.name === "admin") {
      return h(Lazy, {
        key: "admin",
        load: views.AdministrationPage,
        properties: { section: route.section ?? "overview", onmenu: openSidebar },
      });
    }
    if (route.name === "discovery") {
      return h(Lazy, { key: "discovery", load: views.DirectoryPage, properties: { onmenu: openSidebar } });
    }
    if (route.name !== "channel") return spinner();
    const channel = channels.get(route.channel);
    if (!route.channel && route.server === "@me") {
      return h(Lazy, { key: "friends", load: views.FriendsPage, properties: { onmenu: openSidebar } });
    }
    if (!channel) {
      const server = servers.get(route.server);
      const exclusion = exclusionFrom(store.state, route.server);
      const left = leftServers.get(route.server);
      return h(
        "div",
        { key: "nothing", class: "nothing" },
        renderHeader(null, openSidebar),
        this.finding === route.channel && route.channel
          ? h("div", { key: "loading", class: "list-state" }, loading())
          : server || route.server === "@me"
          ? empty("hash", t("channel.none"), t("channel.none-text"))
          : exclusion
          ? empty("server", measureText(exclusion), measureReason(exclusion))
          : left
          ? empty("server", t("server.left", { name: left }), t("server.left-text"))
          : empty("server", t("server.gone"), t("server.gone-text")),
      );
    }
    const content = isKeptBack(store.state, channel)
      ? askAdult(channel)
      : channel.channel_type === "forum"
      ? h(Lazy, { key: channel.id, load: views.ForumView, properties: { channelID: channel.id } })
      : channel.channel_type === "voice"
      ? h(Lazy, { key: channel.id, load: views.VoiceRoom, properties: { channelID: channel.id } })
      : h(ChannelView, { key: channel.id, channelID: channel.id, route });
    return [h("div", { key: "header" }, renderHeader(channel, openSidebar)), content];
  }

  #panel(element) {
    const content = renderPanel();
    element.hidden = !content;
    if (content && PANEL_ABOVE.matches) this.panelClosed ??= addLayer(() => openPanel(null));
    else if (!content) {
      this.panelClosed?.();
      this.panelClosed = null;
    }
    return content;
  }
}
