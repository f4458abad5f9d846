// The rows of the list: messages under their authors and days, the line "new", what is on its way, and what stands at the
// ends while more is loaded.

import { h, memo } from "../../dom/element.js";
import { timeOf } from "../../kernel/snowflake.js";
import { loadLatest, loadOlder } from "../../server/messages.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { dayName, isSameDay } from "../../texts/time.js";
import { loading, loadingFailed } from "../common/loading.js";
import { beginning } from "./beginning.js";
import { describeMessage, renderMessage } from "./message.js";
import { renderPending } from "./pending.js";

/** Messages of one author so close together stand under one name. */
const GROUP_MS = 7 * 60_000;

/** Nothing is loaded yet. */
export const loadingRow = () => h("div", { key: "loading", class: "list-state" }, loading());

/**
 * @param {MessageList} list whose messages these are, and what of them is marked or changed.
 * @param {{ start: number, end: number }} drawn which of the loaded messages have a row.
 */
export function renderRows(list, { start, end }) {
  const { items, hasOlder, hasNewer, error } = list.window;
  const firstNew = list.reading.firstNew;
  const lastOwn = list.receipts.last;
  const rows = [firstRow(list, { hasOlder: hasOlder || start > 0, error, isEmpty: items.length === 0 })];
  let previous = items[start - 1] ? withTime(items[start - 1]) : null;
  const begin = (next) => {
    if (!previous || !isSameDay(previous.time_ms, next.time_ms)) rows.push(dayLine(next.message.id, next.time_ms));
    const isContinued = continues(previous, next);
    previous = next;
    return isContinued;
  };
  for (const message of items.slice(start, end)) {
    const isContinued = begin(withTime(message));
    if (message === firstNew) rows.push(newLine());
    rows.push(
      messageRow(list, message, { isContinued: isContinued && message !== firstNew, isLast: message === lastOwn }),
    );
  }
  const isWhole = end === items.length;
  for (const item of isWhole ? pendingIn(list.channelID) : []) {
    // A clock that is wrong puts it nowhere else than at the end.
    const time_ms = Math.max(item.created_ms, previous?.time_ms ?? 0);
    const isContinued = begin({ message: asMessage(item), time_ms });
    const draw = () => renderPending(item, { isContinued, list });
    rows.push(memo(`pending-${item.nonce}`, [item, isContinued, store.state.connection.status], draw));
  }
  if (hasNewer || !isWhole) rows.push(h("div", { key: "newer", class: "list-state newer" }, loading()));
  return rows;
}

const pendingIn = (channelID) => store.state.outbox.filter((item) => item.channel_id === channelID);

const asMessage = (item) => ({
  ...item,
  id: item.nonce,
  author_id: store.state.me.id,
  author_username: store.state.me.username,
});

const withTime = (message) => ({ message, time_ms: timeOf(message.id) });

/** Whether a message stands under the name of the one before. */
const continues = (previous, { message, time_ms }) =>
  previous !== null && previous.message.author_id === message.author_id &&
  previous.message.author_username === message.author_username && !message.reply_to_id &&
  time_ms - previous.time_ms < GROUP_MS && isSameDay(previous.time_ms, time_ms);

function firstRow({ channelID, channel }, { hasOlder, error, isEmpty }) {
  if (error && isEmpty) {
    const failure = loadingFailed(error, () => loadLatest(channelID));
    return h("div", { key: "failure", class: "list-state" }, failure);
  }
  if (!hasOlder) return h("div", { key: "beginning" }, beginning(channel));
  const state = error ? loadingFailed(error, () => loadOlder(channelID)) : loading();
  return h("div", { key: "older", class: "list-state small" }, state);
}

const dayLine = (id, time_ms) =>
  h("div", { key: `day-${id}`, class: "day-line", role: "separator" }, h("span", null, dayName(time_ms)));

const newLine = () =>
  h("div", { key: "new", class: "new-line", role: "separator" }, h("span", null, t("messages.new")));

/** @param {{ isContinued: boolean, isLast: boolean }} place `isLast`: the last of one's own, which says who has read it. */
function messageRow(list, message, { isContinued, isLast }) {
  const about = describeMessage(message, list.channel);
  const isEditing = list.editing.stateOf(message);
  const isHighlighted = list.highlightID === message.id;
  const context = { list, isContinued, isLast, isEditing, isHighlighted, ...about };
  const dependencies = [message, isContinued, isLast, isEditing, isHighlighted, ...about.dependencies, store.state.day];
  return memo(message.id, dependencies, () => drawMessage(message, context));
}

/** One message that can't be drawn must not take the others along. */
function drawMessage(message, context) {
  try {
    return renderMessage(message, context);
  } catch (error) {
    console.error(error);
    return h(
      "article",
      { class: "message", dataset: { id: message.id }, tabindex: "-1" },
      h("p", { class: "soft message-main" }, t("message.broken")),
    );
  }
}
