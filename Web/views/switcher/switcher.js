// Going anywhere by its name: channels, people, servers.

import { h } from "../../dom/element.js";
import { keyOf } from "../../dom/keys.js";
import { addressOf, navigate } from "../../kernel/router.js";
import { recentChats } from "../../server/recent-chats.js";
import { openConversation } from "../../server/servers.js";
import { avatarOf, channelName, iconOf, nameOf, privateChannels, unreadIn } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { avatar, badge } from "../common/controls.js";
import { attempt, Dialog } from "../common/dialog.js";
import { channelIcon, icon } from "../common/icons.js";
import { rankMatches } from "./match.js";

const MOST_SHOWN = 12;

export function openSwitcher() {
  if (document.querySelector(".switcher")) return;
  const all = places();
  const dialog = new Dialog(t("switcher.open"), render, { className: "switcher" });

  recentChats(MOST_SHOWN).then((recent) => dialog.element.isConnected && dialog.set({ recent }), () => {});

  function render({ state }) {
    const shown = rankMatches(all, state.query ?? "", state.recent).slice(0, MOST_SHOWN);
    const chosen = Math.min(state.chosen ?? 0, shown.length - 1);
    const keyDown = (event) => {
      const key = keyOf(event);
      const step = { ArrowDown: 1, ArrowUp: -1 }[key];
      if (step && shown.length > 0) dialog.set({ chosen: (chosen + step + shown.length) % shown.length });
      else if (key === "Enter" && shown[chosen]) return go(event, shown[chosen]);
      else return;
      event.preventDefault();
    };
    return [
      h("input", {
        key: "query",
        type: "text",
        role: "combobox",
        autofocus: true,
        autocomplete: "off",
        "aria-label": t("switcher.open"),
        placeholder: t("switcher.hint"),
        "aria-expanded": "true",
        "aria-controls": "switcher-list",
        "aria-activedescendant": shown.length > 0 ? `switcher-${chosen}` : null,
        oninput: (event) => dialog.set({ query: event.target.value, chosen: 0 }),
        onkeydown: keyDown,
      }),
      h(
        "ul",
        { key: "list", id: "switcher-list", role: "listbox", "aria-label": t("switcher.open") },
        shown.map((place, index) =>
          h(
            "li",
            {
              key: place.key,
              id: `switcher-${index}`,
              role: "option",
              "aria-selected": String(index === chosen),
              onclick: (event) => go(event, place),
            },
            place.picture(),
            h("span", { class: "grow", dir: "auto" }, place.name),
            h("span", { class: "soft", dir: "auto" }, place.note),
            badge(place.mentions, ""),
          )
        ),
      ),
      shown.length === 0 && h("p", { class: "soft" }, t("switcher.none")),
    ];
  }

  function go(event, place) {
    event.preventDefault();
    dialog.close();
    attempt(place.go);
    // What is typed next is meant for that place.
    store.flush();
  }
}

function places() {
  const { state } = store;
  const channels = [...state.channels.values()].filter((channel) =>
    channel.server_id && channel.channel_type !== "category"
  );
  const conversations = privateChannels(state);
  const known = new Set(
    conversations.filter((channel) => channel.channel_type === "dm").flatMap((channel) => channel.recipients ?? []).map(
      (user) => user.id,
    ),
  );
  return [
    ...conversations.map((channel) => ({
      key: channel.id,
      name: channelName(state, channel, t),
      note: t("conversation"),
      ...counts(channel),
      picture: () => icon("message"),
      go: () => navigate(addressOf(channel)),
    })),
    ...channels.map((channel) => ({
      key: channel.id,
      name: channelName(state, channel, t),
      note: state.servers.get(channel.server_id)?.name ?? "",
      ...counts(channel),
      picture: () => icon(channelIcon(channel)),
      go: () => navigate(addressOf(channel)),
    })),
    ...[...state.servers.values()].map((server) => ({
      key: server.id,
      name: server.name,
      note: t("server"),
      unread: 0,
      mentions: 0,
      picture: () => avatar(iconOf(server), { size: 20, className: "square" }),
      go: () => navigate(`/channels/${server.id}`),
    })),
    ...[...state.relationships.values()].filter((item) => item.status === "friend" && !known.has(item.user_id)).map((
      { user_id },
    ) => ({
      key: user_id,
      name: nameOf(state, user_id),
      note: t("friend"),
      unread: 0,
      mentions: 0,
      picture: () => avatar(avatarOf(state, user_id), { size: 20 }),
      go: async () => navigate(addressOf(await openConversation(user_id))),
    })),
  ];
}

const counts = (channel) => unreadIn(store.state, channel);
