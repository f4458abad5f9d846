// Choosing an emoji: recent ones, those of one's servers, and Unicode's, with a search and skin tones.

import { h } from "../../dom/element.js";
import { alongLine, keyOf } from "../../dom/keys.js";
import { searchEmoji, unicodeEmoji, withTone } from "../../emoji/emoji.js";
import { customEmoji, reactionEmoji } from "../../markdown/custom-emoji.js";
import { changeSetting } from "../../server/settings.js";
import { readSetting } from "../../store/settings.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { spinner } from "../common/controls.js";
import { showPopup } from "../common/dialog.js";
import { emojiText } from "./mentions.js";

const MOST_FOUND = 120;
const MOST_RECENT = 18;
const TONE_SAMPLES = ["✋", "✋🏻", "✋🏼", "✋🏽", "✋🏾", "✋🏿"];

/**
 * Opens the picker at an element.
 * @param {(emoji: {text: string, reaction: string}) => void} options.onpick the emoji for a text and for a reaction.
 * @param {boolean} options.isUnicodeOnly whether those of servers are left out.
 */
export function pickEmoji(anchor, { serverID = null, onpick, keepsOpen = false, isUnicodeOnly = false }) {
  const state = { query: "", all: null, isUnicodeOnly };
  const popup = showPopup(anchor, () => render(state, pick, popupRender), {
    label: t("emoji.pick"),
    className: "emoji-picker",
  });
  function popupRender() {
    popup?.render();
  }
  function pick(emoji, isHeld) {
    const { recent } = readSetting(store.state, "client.emoji");
    changeSetting("client.emoji", {
      recent: [emoji.reaction, ...recent.filter((item) => item !== emoji.reaction)].slice(0, MOST_RECENT),
    });
    onpick(emoji);
    if (!isHeld && !keepsOpen) popup.close();
  }
  unicodeEmoji().then((all) => {
    state.all = all;
    popup.render();
    // Whoever has closed it meanwhile wants none.
    if (state.isPickWanted && popup.element.isConnected) popup.element.querySelector(".emoji-button")?.click();
  });
  state.serverID = serverID;
}

function render(state, pick, redraw) {
  const { tone, recent } = readSetting(store.state, "client.emoji");
  const search = h("input", {
    type: "search",
    autofocus: true,
    placeholder: t("emoji.search"),
    "aria-label": t("emoji.search"),
    value: state.query,
    oninput: (event) => {
      state.query = event.target.value;
      redraw();
    },
    onkeydown: (event) => enterPicks(event, state),
  });
  return [
    h(
      "div",
      { key: "search", class: "emoji-head" },
      search,
      h(
        "select",
        {
          "aria-label": t("emoji.tone"),
          onchange: (event) => {
            changeSetting("client.emoji", { tone: Number(event.target.value) });
            store.flush();
            redraw();
          },
        },
        TONE_SAMPLES.map((sample, index) =>
          h("option", { key: index, value: String(index), selected: index === tone }, sample)
        ),
      ),
    ),
    h(
      "div",
      { key: "body", class: "emoji-body", tabindex: "-1", onkeydown: arrows },
      state.all
        ? sections(state, tone, recent).map(({ name, items }) =>
          items.length > 0 &&
          h(
            "section",
            { key: name },
            h("h3", null, name),
            h("div", { class: "emoji-grid" }, items.map((item) => button(item, pick))),
          )
        )
        : spinner(),
    ),
  ];
}

function sections({ query, all, serverID, isUnicodeOnly }, tone, used) {
  const recent = isUnicodeOnly ? used.filter((emoji) => !emoji.includes(":")) : used;
  const unicode = (item) => {
    const emoji = item.hasTones ? withTone(item.emoji, tone) : item.emoji;
    return { key: item.emoji, label: item.name, show: emoji, text: emoji, reaction: emoji };
  };
  const custom = (emoji) => ({
    key: emoji.id,
    label: `:${emoji.name}:`,
    show: customEmoji(emoji),
    text: emojiText(emoji, serverID),
    reaction: `${emoji.name}:${emoji.id}`,
  });
  const servers = isUnicodeOnly
    ? []
    : [...store.state.servers.values()].sort((a, b) => Number(b.id === serverID) - Number(a.id === serverID));
  if (query.trim()) {
    const wanted = query.trim().toLowerCase();
    const found = servers.flatMap((server) => server.emojis).filter((emoji) => emoji.name.includes(wanted));
    const isOwn = ({ id }) => store.state.servers.get(serverID)?.emojis.some((emoji) => emoji.id === id) ?? false;
    const own = found.filter(isOwn).map(custom);
    const others = found.filter((emoji) => !isOwn(emoji)).map(custom);
    return [{
      name: t("emoji.found"),
      items: [...own, ...searchEmoji(all, query, MOST_FOUND).map(unicode), ...others],
    }];
  }
  const recentItems = recent.map((emoji) => ({
    key: `recent-${emoji}`,
    label: emoji.split(":")[0],
    show: reactionEmoji(emoji, { state: store.state }),
    text: emoji.includes(":") ? recentText(emoji, servers, serverID) : emoji,
    reaction: emoji,
  }));
  const groups = [...new Set(all.map((item) => item.group))];
  return [
    { name: t("emoji.recent"), items: recentItems },
    ...servers.map((server) => ({ name: server.name, items: server.emojis.map(custom) })),
    ...groups.map((group) => ({
      name: t(`emoji.${group}`),
      items: all.filter((item) => item.group === group).map(unicode),
    })),
  ];
}

/** One of a server, which is known as `name:id`. */
function recentText(emoji, servers, serverID) {
  const [name, id] = emoji.split(":");
  const known = servers.flatMap((server) => server.emojis).find((item) => item.id === id);
  return emojiText(known ?? { name, id, animated: false }, serverID);
}

const button = (item, pick) =>
  h("button", {
    key: item.key,
    type: "button",
    class: "emoji-button",
    "aria-label": item.label,
    title: item.label,
    onclick: (event) => pick(item, event.shiftKey),
  }, item.show);

function enterPicks(event, state) {
  const body = event.target.closest(".emoji-picker");
  const key = keyOf(event);
  // Whoever is quicker than the list has what they asked for when it comes.
  if (key === "Enter" && !state.all) state.isPickWanted = true;
  else if (key === "Enter") body.querySelector(".emoji-button")?.click();
  else if (key === "ArrowDown") body.querySelector(".emoji-button")?.focus();
  else return;
  event.preventDefault();
}

/** The arrows go through the emoji as through a table. */
function arrows(event) {
  const current = document.activeElement;
  if (!current.matches(".emoji-button")) return;
  const step = alongLine(event, event.currentTarget);
  const up = { ArrowDown: 1, ArrowUp: -1 }[keyOf(event)];
  if (!step && !up) return;
  event.preventDefault();
  const all = [...event.currentTarget.querySelectorAll(".emoji-button")];
  if (step) return all[all.indexOf(current) + step]?.focus();
  const rows = rowsOf(all);
  const at = rows.findIndex((row) => row.includes(current));
  const next = rows[at + up];
  if (next) next[Math.min(rows[at].indexOf(current), next.length - 1)].focus();
}

/** The emoji of each group begin a row of their own, and their places count within it. */
function rowsOf(all) {
  const rows = [];
  for (const item of all) {
    const last = rows.at(-1)?.[0];
    if (last?.parentElement === item.parentElement && last.offsetTop === item.offsetTop) rows.at(-1).push(item);
    else rows.push([item]);
  }
  return rows;
}
