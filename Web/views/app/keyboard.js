// The keys that work everywhere; `?` lists them.

import { cameByKeys, followFocus, isElsewhere } from "../../dom/focus.js";
import { keyOf, letterOf } from "../../dom/keys.js";
import { insertText } from "../../dom/insert-text.js";
import { enterTyped, typeAhead } from "../../dom/type-ahead.js";
import { addressOf, navigate } from "../../kernel/router.js";
import { idAt } from "../../kernel/snowflake.js";
import { api } from "../../server/api.js";
import { channelTree, privateChannels, unreadIn } from "../../store/selectors.js";
import { readSetting } from "../../store/settings.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { fieldMoment } from "../../texts/time.js";
import { ask, attempt } from "../common/dialog.js";
import { leaveOutMessages, walkInside } from "../messages/inside.js";
import { isPanelForText, openPanel } from "../common/open-panel.js";
import { arrange } from "../rail/order.js";
import { onDemand } from "../common/on-demand.js";

export function startKeyboard() {
  followFocus();
  addEventListener("keydown", (event) => {
    if (!store.state.session || event.defaultPrevented) return;
    const key = keyOf(event);
    if (key === "Tab") leaveOutMessages();
    if (walkInside(event)) return;
    const act = find(event);
    if (!act) return beginsText(event) && beginText();
    event.preventDefault();
    act();
  });
}

function find(event) {
  const key = keyOf(event);
  const letter = letterOf(event);
  const command = event.ctrlKey || event.metaKey;
  const isInDialog = document.querySelector("dialog[open]") !== null;
  if (command && !event.altKey && letter === "k") return openSwitcher;
  if (isInDialog) return null;
  const step = { ArrowUp: -1, ArrowDown: 1 }[key];
  if (step && event.altKey) return () => (command ? stepServer(step) : stepChannel(step, event.shiftKey));
  if (command && event.altKey && letter === "d") return askForDate;
  if (command && event.altKey && letter === "i") return () => openPanel("inbox");
  if (command && event.shiftKey && letter === "u") {
    return () => document.querySelector(".composer input[type=file]")?.click();
  }
  if (command && !event.altKey && letter === "f") return () => openPanel("search");
  if (command && key === ",") return () => onDemand.openSettings();
  if (key === "F6") return () => nextRegion(event.shiftKey ? -1 : 1);
  if (key === "Escape" && event.shiftKey) return () => readAll();
  const isWriting = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (key === "?" && !isWriting) return onDemand.openShortcuts;
  if (key === "Escape" && store.state.panel.name && (!isWriting || isWriting.closest(".panel"))) return closePanel;
  return null;
}

/** Names are often typed before the window is there, the first time that it has to be loaded. */
async function openSwitcher() {
  const typed = typeAhead();
  await onDemand.openSwitcher();
  const before = typed();
  enterTyped(document.querySelector(".switcher input"), before);
  // What came after Enter is meant for where that leads.
  const field = document.querySelector("#composer-text");
  if (before.after && field) insertText(field, before.after);
}

/** Whoever was in it goes on with writing. */
function closePanel() {
  const wasInside = document.activeElement?.closest(".panel");
  openPanel(null);
  if (wasInside) document.querySelector("#composer-text")?.focus();
}

/** Whoever begins to write means the field below; the browser puts the character where the focus is by then. */
function beginsText(event) {
  const { target } = event;
  const key = keyOf(event);
  const isCommand = (event.ctrlKey || event.metaKey || event.altKey) && !event.getModifierState("AltGraph");
  if (isCommand || (key !== "Dead" && [...key].length !== 1) || key === " ") return false;
  if (isElsewhere(target)) return false;
  // Whoever waits for the field of a panel does not mean that one.
  if (isPanelForText() && target.closest?.(".panel")) return false;
  // On a message that one walked to, letters act.
  return !(cameByKeys() && target.closest?.(".messages [data-id]"));
}

/** Where a place was chosen and the next frame has not come, what is typed is meant for the place already. */
function beginText() {
  store.flush();
  document.querySelector("#composer-text")?.focus();
}

/** The channels beside the open one, in the order of the list. */
function neighbours() {
  const { state } = store;
  const { server } = state.route;
  if (server === "@me" || !server) return privateChannels(state);
  return channelTree(state, server).flatMap((group) => group.channels);
}

function stepChannel(step, onlyUnread) {
  const channels = neighbours();
  const at = channels.findIndex((channel) => channel.id === store.state.route.channel);
  for (let distance = 1; distance <= channels.length; distance += 1) {
    const channel = channels[(((at + step * distance) % channels.length) + channels.length) % channels.length];
    if (!onlyUnread || unreadIn(store.state, channel).unread > 0) return navigate(addressOf(channel));
  }
}

function stepServer(step) {
  const { state } = store;
  const order = arrange([...state.servers.keys()], readSetting(state, "client.rail")).flatMap((
    entry,
  ) => (typeof entry === "string" ? [entry] : entry.servers));
  const all = ["@me", ...order];
  const at = all.indexOf(state.route.server);
  navigate(`/channels/${all[(at + step + all.length) % all.length]}`);
}

async function askForDate() {
  const channel = store.state.channels.get(store.state.route.channel);
  if (!channel) return;
  const date = await ask(t("keys.date"), t("date"), {
    type: "date",
    value: fieldMoment(Date.now()).slice(0, 10),
    action: t("go"),
  });
  const time_ms = date ? new Date(`${date}T00:00`).getTime() : NaN;
  // An id says when it was made, so the moment's own id leads to the first message after it.
  if (!Number.isNaN(time_ms)) navigate(addressOf(channel, idAt(time_ms)));
}

function readAll() {
  const { server } = store.state.route;
  if (server && server !== "@me") attempt(() => api.post(`/servers/${server}/messages/read-all`));
}

/** The parts of the page, and what in each takes the focus. */
const REGIONS = [
  [".rail", ".rail a"],
  [".sidebar", ".sidebar a, .sidebar button"],
  [".message-list", ".message-scroller"],
  ["#main:not(:has(.message-list))", "#main"],
  [".composer-part", "#composer-text"],
  [".panel", ".panel button"],
];

/** From one part of the page to the next, as F6 does in other programs. */
function nextRegion(step) {
  const regions = REGIONS.map(([place, target]) => [document.querySelector(place), document.querySelector(target)])
    .filter(([place, target]) => place && target?.checkVisibility({ visibilityProperty: true }));
  const at = regions.findIndex(([place]) => place.contains(document.activeElement));
  regions[(at + step + regions.length) % regions.length]?.[1].focus();
}
