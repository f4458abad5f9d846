// The column of servers: in the person's own order, in folders, with what is unread in each.

import { h } from "../../dom/element.js";
import { View } from "../common/view.js";
import { navigate } from "../../kernel/router.js";
import { store } from "../../store/store.js";
import { changeSetting } from "../../server/settings.js";
import { readSetting } from "../../store/settings.js";
import { iconOf, unreadByPlace } from "../../store/selectors.js";
import { t } from "../../texts/text.js";
import { avatar, badge } from "../common/controls.js";
import { ask } from "../common/dialog.js";
import { icon } from "../common/icons.js";
import { onDemand } from "../common/on-demand.js";
import { arrange, moveBefore, moveInto, moveStep } from "./order.js";

export class Rail extends View {
  constructor(element) {
    super(element, () => ["servers", "unread", "route", "settings", "me", "relationships"], renderRail);
  }
}

function renderRail() {
  const { state } = store;
  const unread = unreadByPlace(state);
  const requests = [...state.relationships.values()].filter((item) => item.status === "pending_incoming").length;
  const home = unread.get("@me");
  const setting = readSetting(state, "client.rail");
  return h("ul", { class: "rail-list" }, [
    railItem({
      key: "home",
      path: "/channels/@me",
      label: t("home"),
      isCurrent: state.route.server === "@me",
      mentions: (home?.mentions ?? 0) + requests,
      isUnread: false,
      picture: h("span", { class: "rail-home" }, icon("message", { size: 24 })),
    }),
    h("li", { key: "line", class: "rail-line", "aria-hidden": "true" }),
    arrange([...state.servers.keys()], setting).map((
      entry,
    ) => (typeof entry === "string" ? serverItem(entry, unread) : folderItem(entry, unread))),
    h(
      "li",
      { key: "add" },
      h("button", {
        type: "button",
        class: "rail-button add",
        "aria-label": t("server.add"),
        title: t("server.add"),
        onclick: onDemand.addServer,
      }, icon("add", { size: 24 })),
    ),
    state.me.admin &&
    railItem({
      key: "admin",
      path: "/admin",
      label: t("admin"),
      isCurrent: state.route.name === "admin",
      mentions: 0,
      isUnread: false,
      picture: h("span", { class: "rail-home" }, icon("chart", { size: 24 })),
    }),
  ]);
}

function serverItem(id, unread) {
  const server = store.state.servers.get(id);
  const counts = unread.get(id);
  return railItem({
    key: id,
    path: `/channels/${id}`,
    label: server.name,
    isCurrent: store.state.route.server === id,
    mentions: counts?.mentions ?? 0,
    isUnread: (counts?.unread ?? 0) > 0,
    picture: avatar(iconOf(server), { size: 48, className: "square" }),
    drag: id,
    menu: (event) => openMenu(event, id),
  });
}

function openMenu(event, id) {
  event.preventDefault();
  const change = (make) =>
    changeSetting("client.rail", make([...store.state.servers.keys()], readSetting(store.state, "client.rail"), id));
  const { folders } = readSetting(store.state, "client.rail");
  const anchor = event.clientX ? { x: event.clientX, y: event.clientY } : event.currentTarget;
  onDemand.showServerMenu(anchor, id, [
    "-",
    { label: t("rail.up"), icon: "back", run: () => change((all, setting, one) => moveStep(all, setting, one, -1)) },
    { label: t("rail.down"), icon: "down", run: () => change((all, setting, one) => moveStep(all, setting, one, 1)) },
    ...folders.filter((folder) => !folder.servers.includes(id)).map((folder) => ({
      label: t("rail.into", { name: folder.name }),
      icon: "archive",
      run: () => change((all, setting, one) => moveInto(all, setting, one, folder.id)),
    })),
    {
      label: t("rail.new-folder"),
      icon: "archive",
      run: async () => {
        const name = await ask(t("rail.new-folder"), t("name"), { maxlength: 32 });
        if (name) change((all, setting, one) => moveInto(all, setting, one, null, name));
      },
    },
    folders.some((folder) => folder.servers.includes(id)) &&
    {
      label: t("rail.out"),
      icon: "close",
      run: () => change((all, setting, one) => moveInto(all, setting, one, undefined)),
    },
  ]);
}

function folderItem(folder, unread) {
  const isOpen = folder.isOpen !== false;
  const counts = folder.servers.map((id) => unread.get(id)).filter(Boolean);
  const toggle = () => {
    const { folders } = readSetting(store.state, "client.rail");
    changeSetting("client.rail", {
      folders: folders.map((item) => (item.id === folder.id ? { ...item, isOpen: !isOpen } : item)),
    });
  };
  return h(
    "li",
    { key: `folder-${folder.id}`, class: `rail-folder${isOpen ? " open" : ""}` },
    h(
      "button",
      {
        type: "button",
        class: "rail-button",
        "aria-expanded": String(isOpen),
        "aria-label": t("rail.folder", { name: folder.name }),
        title: folder.name,
        onclick: toggle,
      },
      isOpen ? icon("archive", { size: 24 }) : h(
        "span",
        { class: "rail-grid" },
        folder.servers.slice(0, 4).map((id) =>
          avatar(iconOf(store.state.servers.get(id)), { size: 18, className: "square" })
        ),
      ),
      !isOpen &&
        badge(
          counts.reduce((sum, item) => sum + item.mentions, 0),
          t("mentions", { count: counts.reduce((sum, item) => sum + item.mentions, 0) }),
        ),
    ),
    isOpen && h("ul", { "aria-label": folder.name }, folder.servers.map((id) => serverItem(id, unread))),
  );
}

function railItem({ key, path, label, isCurrent, mentions, isUnread, picture, drag, menu }) {
  const handlers = drag ? draggable(drag) : {};
  const name = [label, mentions > 0 ? t("mentions", { count: mentions }) : isUnread ? t("unread") : null].filter(
    Boolean,
  ).join(", ");
  return h(
    "li",
    { key, class: "rail-item", ...handlers },
    h("span", { class: `pill${isCurrent ? " current" : isUnread ? " unread" : ""}`, "aria-hidden": "true" }),
    h(
      "a",
      {
        href: path,
        class: "rail-button",
        "aria-label": name,
        title: label,
        "aria-current": isCurrent ? "page" : null,
        draggable: drag ? "true" : "false",
        oncontextmenu: menu ?? null,
        onclick: (event) => {
          event.preventDefault();
          navigate(path);
        },
      },
      picture,
      badge(mentions, ""),
    ),
  );
}

let dragged = null;

/** Dropping a server on another puts it there. The menu does the same by keyboard. */
const draggable = (id) => ({
  ondragstart: (event) => {
    dragged = id;
    event.dataTransfer.effectAllowed = "move";
  },
  ondragover: (event) => dragged && dragged !== id && event.preventDefault(),
  ondrop: (event) => {
    event.preventDefault();
    if (!dragged || dragged === id) return;
    changeSetting(
      "client.rail",
      moveBefore([...store.state.servers.keys()], readSetting(store.state, "client.rail"), dragged, id),
    );
    dragged = null;
  },
});
