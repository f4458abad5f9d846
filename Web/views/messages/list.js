// The list of messages: a window into a channel of any length. It stays where the reader is while messages come above and
// below, and holds only as much as the store's window does.

import { h, make, memo, patch } from "../../dom/element.js";
import { cameByKeys, takesText } from "../../dom/focus.js";
import { keyOf } from "../../dom/keys.js";
import { addressOf, navigate, rename } from "../../kernel/router.js";
import { compareIDs, isNewer, timeOf } from "../../kernel/snowflake.js";
import { plainText } from "../../markdown/text.js";
import { editedIn } from "../../server/drafts.js";
import { acknowledge, leave, loadAround, loadFirst, loadLatest, loadNewer, loadOlder } from "../../server/messages.js";
import { learnMembers, loadThreads } from "../../server/servers.js";
import { isBlocked, lastReadIn, nameOf } from "../../store/selectors.js";
import { isMentioned } from "../../store/unread.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { dayName, isSameDay } from "../../texts/time.js";
import { newCount } from "./new-count.js";
import { button } from "../common/controls.js";
import { icon } from "../common/icons.js";
import { loading, loadingFailed } from "../common/loading.js";
import { beginning } from "./beginning.js";
import { describeMessage, mentionName, renderMessage } from "./message.js";
import { renderPending } from "./pending.js";
import { messageKey, renderToolbar, showMessageMenu } from "./actions.js";
import { Place } from "./place.js";
import { portion } from "./portion.js";

/** More is loaded before its place comes into sight. */
const AHEAD_PX = 1500;
/** Messages of one author so close together stand under one name. */
const GROUP_MS = 7 * 60_000;
/** A hand that has not scrolled for so long rests. */
const REST_MS = 120;
/** For how long a message that was asked for is marked. */
const HIGHLIGHT_MS = 2500;

/** Whether a message stands under the name of the one before. */
const continues = (previous, previousTime_ms, message, time_ms) =>
  previous !== null && previous.author_id === message.author_id &&
  previous.author_username === message.author_username && !message.reply_to_id &&
  time_ms - previousTime_ms < GROUP_MS && isSameDay(previousTime_ms, time_ms);

const dayLine = (id, time_ms) =>
  h("div", { key: `day-${id}`, class: "day-line", role: "separator" }, h("span", null, dayName(time_ms)));

/** Channels whose threads are known; what comes later is told by events. */
const learned = new Set();

export class MessageList {
  constructor({ channelID, messageID, onreply }) {
    this.channelID = channelID;
    this.onreply = onreply;
    this.activeID = null;
    // A change that was begun at an earlier visit is shown, and does not take the focus.
    this.editingID = editedIn(channelID);
    this.isEditWanted = false;
    this.highlightID = null;
    // Nothing is read before the reader has a place, and nobody knows what is unread before the gateway has told what was missed.
    this.isPlaced = false;
    this.hasScrolled = false;
    // The message that was asked for last: one that comes late must not lead away from it.
    this.wantedID = null;
    this.#learnUnread();
    // The newest message at the time when the reader last looked at the end.
    this.watchedID = null;
    // The ends of what stands in the list, and whether more of what is loaded is to come.
    this.drawn = null;
    this.hasMoreToDraw = false;
    this.#build();
    this.stop = [
      store.watch([`messages:${channelID}`], () => this.render()),
      store.watch(
        [`server:${this.serverID}`, `members:${this.serverID}`, "settings", "relationships", "users", "me", "day"],
        () => this.render(),
      ),
      store.watch(["connection"], () => this.#recover()),
    ];
    this.#open(messageID);
  }

  get channel() {
    return store.state.channels.get(this.channelID);
  }

  get serverID() {
    return this.channel?.server_id ?? null;
  }

  get window() {
    return store.state.messages.get(this.channelID);
  }

  #build() {
    this.rows = make(h("div", { class: "messages" }));
    this.scroller = make(
      h("div", { class: "message-scroller", tabindex: "0", role: "group", "aria-label": t("messages") }),
    );
    this.scroller.append(this.rows);
    this.place = new Place(this.scroller, this.rows);
    this.toolbar = make(h("div", { class: "message-toolbar", role: "toolbar", "aria-label": t("message.actions") }));
    this.overlay = make(h("div", { class: "message-overlay" }));
    this.announcer = make(h("div", { class: "visually-hidden", "aria-live": "polite" }));
    this.element = make(h("div", { class: "message-list" }));
    this.element.append(this.scroller, this.overlay, this.announcer);
    this.scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.rows.addEventListener("pointerover", (event) => event.pointerType === "mouse" && this.#activate(event.target));
    this.rows.addEventListener(
      "pointerleave",
      () => !this.rows.contains(document.activeElement) && this.#setActive(null),
    );
    this.rows.addEventListener("focusin", (event) => this.#activate(event.target));
    this.rows.addEventListener("contextmenu", (event) => this.#contextMenu(event));
    this.rows.addEventListener("click", (event) => this.#leave(event), true);
    this.scroller.addEventListener("keydown", (event) => this.#keyDown(event));
    // Pictures that come and a field that grows change where the end is.
    this.observer = new ResizeObserver(() => this.#scrolled());
    this.observer.observe(this.rows);
    this.observer.observe(this.scroller);
    this.onFocus = () => this.#watch();
    addEventListener("focus", this.onFocus);
    document.addEventListener("visibilitychange", this.onFocus);
  }

  destroy() {
    this.isOver = true;
    cancelAnimationFrame(this.nextFrame);
    clearTimeout(this.rest);
    this.stop.forEach((stop) => stop());
    this.observer.disconnect();
    removeEventListener("focus", this.onFocus);
    document.removeEventListener("visibilitychange", this.onFocus);
    patch(this.rows, []);
    leave(this.channelID);
  }

  // MARK: Coming to a place

  /** What was read before this visit: the line "new" stands after it. */
  #learnUnread() {
    this.readBefore = lastReadIn(store.state, this.channelID);
    this.unreadBefore = store.state.readStates.get(this.channelID)?.unread ?? 0;
  }

  async #open(messageID) {
    this.#learnThreads();
    if (messageID) return this.show(messageID);
    if (!this.window?.isLoaded) {
      this.render();
      await loadLatest(this.channelID);
    } else this.render();
    store.flush();
    if (this.isOver) return;
    this.#goToNew();
  }

  get #isOnline() {
    return store.state.connection.status === "online";
  }

  /** The names of the threads that messages lead to. */
  async #learnThreads() {
    if (!this.serverID || this.channel.thread || learned.has(this.channelID)) return;
    learned.add(this.channelID);
    await loadThreads(this.channelID).catch(() => learned.delete(this.channelID));
    if (!this.isOver) this.render();
  }

  /** Begins at the first unread message if it is here, else at the end. */
  #goToNew() {
    this.isPlaced = this.#isOnline;
    const line = this.rows.querySelector(".new-line");
    if (line && this.unreadBefore > 0) this.#showLine(line, 1 / 3);
    else this.place.toEnd();
    this.#moved();
  }

  /** The message below the line is what stays where it is, whatever comes above it. */
  #showLine(line, share) {
    const message = line.nextElementSibling;
    this.place.show(message?.dataset.id ? message : line, share);
  }

  /** Shows a message, wherever it is, as often as it is asked for. */
  async show(messageID) {
    if (!messageID) return;
    this.hasScrolled = true;
    this.wantedID = messageID;
    const before = document.activeElement;
    if (!this.window?.items.some((item) => item.id === messageID)) await loadAround(this.channelID, messageID);
    if (this.isOver || this.wantedID !== messageID) return;
    const items = this.window?.items ?? [];
    // A date, or a message that is gone: the next one that there is.
    const target = items.find((item) => compareIDs(item.id, messageID) >= 0) ?? items.at(-1);
    if (!target) return;
    this.highlightID = target.id;
    this.#renderWhole();
    const row = this.place.row(target.id);
    if (row) this.place.show(row, 1 / 2);
    // Who has begun to write while it was loading goes on.
    if (document.activeElement === before || !takesText(document.activeElement)) row?.focus({ preventScroll: true });
    this.isPlaced = this.#isOnline;
    this.#moved();
    clearTimeout(this.highlightEnd);
    this.highlightEnd = setTimeout(() => {
      this.highlightID = null;
      this.render();
    }, HIGHLIGHT_MS);
  }

  /** Back to the newest messages. */
  async showPresent() {
    this.hasScrolled = true;
    this.wantedID = null;
    if (location.pathname.endsWith(`/${this.channelID}`) === false && store.state.route.channel === this.channelID) {
      navigate(addressOf(this.channel), { replace: true });
    }
    if (this.window?.hasNewer) await loadLatest(this.channelID);
    store.flush();
    if (this.isOver) return;
    this.#renderWhole();
    this.place.toEnd();
    this.#moved();
  }

  /** Up to where the channel begins. */
  async showBeginning() {
    this.hasScrolled = true;
    this.wantedID = null;
    if (this.window?.hasOlder) await loadFirst(this.channelID);
    store.flush();
    if (this.isOver) return;
    this.#renderWhole();
    const first = this.rows.querySelector("[data-id]");
    if (first) this.place.show(first, 1);
    this.#moved();
  }

  /** After a new READY the window is empty; what was shown stays until it is loaded again. */
  #recover() {
    if (store.state.outbox.some((item) => item.channel_id === this.channelID)) this.render();
    if (!this.#isOnline) return;
    if (!this.isPlaced) return this.#arrive();
    if (this.window?.isLoading) return;
    if (this.window?.isLoaded && !this.window.error) return;
    const { first } = this.place.isAtEnd ? {} : this.place.seen ?? {};
    if (first) loadAround(this.channelID, first);
    else loadLatest(this.channelID);
  }

  /** What was missed is known now: who has not moved since begins at it. */
  async #arrive() {
    this.#learnUnread();
    if (!this.window?.isLoaded || this.window.error) await loadLatest(this.channelID);
    if (this.isOver) return;
    if (!this.hasScrolled) {
      this.#renderWhole();
      return this.#goToNew();
    }
    this.isPlaced = true;
    this.render();
  }

  // MARK: Keeping the place

  #scrolled() {
    if (!this.place.settle()) return;
    this.hasScrolled = true;
    this.#moved();
    clearTimeout(this.rest);
    this.rest = setTimeout(() => this.place.settle(), REST_MS);
  }

  /** What follows from where the reader is now. */
  #moved() {
    this.#renderOverlay();
    this.#watch();
    const window = this.window;
    if (!window?.isLoaded || window.isLoading || window.error || this.hasMoreToDraw) return;
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    if (scrollTop < AHEAD_PX && window.hasOlder) loadOlder(this.channelID);
    else if (scrollHeight - scrollTop - clientHeight < AHEAD_PX && window.hasNewer) loadNewer(this.channelID);
  }

  // MARK: Reading

  get #isPresent() {
    return !document.hidden && document.hasFocus();
  }

  /** Remembers what the reader has seen, here and on the server. */
  #watch() {
    if (this.isOver || !this.isPlaced || !this.window?.isLoaded || !this.#isPresent) return;
    if (this.place.isAtEnd) this.watchedID = this.window.items.at(-1)?.id ?? null;
    if (!this.isKeptUnread) this.#acknowledge();
  }

  /** At the end everything is read; above it what was in sight, as long as nothing unread lies above that. */
  #acknowledge() {
    const { items, hasOlder, hasNewer } = this.window;
    if (items.length === 0) return;
    if (this.place.isAtEnd) return acknowledge(this.channelID, items.at(-1).id);
    const { first, last } = this.place.seen ?? {};
    const read = lastReadIn(store.state, this.channelID);
    if (!read || !last || hasNewer || (hasOlder && compareIDs(items[0].id, read) > 0)) return;
    const unread = items.filter((item) => isNewer(item.id, read) && item.author_id !== store.state.me.id);
    if (unread.length === 0 || compareIDs(first, unread[0].id) > 0 || compareIDs(last, unread[0].id) < 0) return;
    const left = unread.filter((item) => isNewer(item.id, last));
    acknowledge(this.channelID, last, {
      unread: left.length,
      mentions: left.filter((item) => isMentioned(store.state, item)).length,
    });
  }

  /** What comes while nobody looks at the end has its line. */
  #drawLine() {
    if (this.watchedID === null || (this.#isPresent && this.place.isAtEnd) || this.isKeptUnread) return;
    const missed = this.window.items.filter((item) =>
      isNewer(item.id, this.watchedID) && item.author_id !== store.state.me.id
    );
    if (missed.length === 0) return;
    if (this.readBefore !== this.watchedID) this.isDismissed = false;
    this.readBefore = this.watchedID;
    this.unreadBefore = missed.length;
  }

  /** Nobody sees a hidden page: it follows the newest message only as far as the line stays in sight. */
  #holdLine() {
    if (!document.hidden || !this.place.isAtEnd || this.watchedID === null) return;
    const line = this.readBefore === this.watchedID && this.rows.querySelector(".new-line");
    if (line && line.offsetTop < this.scroller.scrollTop) this.#showLine(line, 1 / 3);
  }

  // MARK: Drawing

  render() {
    if (this.isOver) return;
    const window = this.window;
    // What is loaded anew takes the place of what is there; until then nothing moves.
    if (!window?.isLoaded && !window?.error && this.rows.querySelector("[data-id]")) return;
    this.place.settle();
    if (window?.isLoaded) this.#drawLine();
    const hadFocus = this.rows.contains(document.activeElement);
    patch(this.rows, this.#describe());
    // What had the focus may be far away by now, or deleted; the keys go on from the list.
    if (hadFocus && document.activeElement === document.body) this.scroller.focus({ preventScroll: true });
    this.place.settle();
    this.#holdLine();
    this.#placeToolbar();
    this.#announce();
    this.#moved();
    if (this.serverID) {
      learnMembers(
        this.serverID,
        (this.window?.items ?? []).filter((item) => !item.webhook_id).map((item) => item.author_id),
      );
    }
  }

  /** What is about to be shown can't come in portions. */
  #renderWhole() {
    this.drawn = null;
    this.render();
  }

  /** The messages for this frame; the next ones draw what is left. */
  #portion(items) {
    const { start, end } = portion(items, this.drawn);
    this.drawn = items.length > 0 ? { first: items[start].id, last: items[end - 1].id } : null;
    this.hasMoreToDraw = start > 0 || end < items.length;
    cancelAnimationFrame(this.nextFrame);
    if (this.hasMoreToDraw) this.nextFrame = requestAnimationFrame(() => this.render());
    return { start, end };
  }

  #describe() {
    const window = this.window;
    const pending = store.state.outbox.filter((item) => item.channel_id === this.channelID);
    if (!window || (!window.isLoaded && !window.error)) {
      return h("div", { key: "loading", class: "list-state" }, loading());
    }
    const { items } = window;
    const { start, end } = this.#portion(items);
    const hasOlder = window.hasOlder || start > 0;
    const hasNewer = window.hasNewer || end < items.length;
    this.place.hasEnd = !hasNewer;
    const rows = [];
    if (window.error && window.items.length === 0) {
      rows.push(
        h(
          "div",
          { key: "failure", class: "list-state" },
          loadingFailed(window.error, () => loadLatest(this.channelID)),
        ),
      );
    } else if (hasOlder) {
      rows.push(h(
        "div",
        { key: "older", class: "list-state small" },
        window.error ? loadingFailed(window.error, () => loadOlder(this.channelID)) : loading(),
      ));
    } else rows.push(h("div", { key: "beginning" }, beginning(this.channel)));
    let previous = items[start - 1] ?? null;
    let previousTime_ms = previous && timeOf(previous.id);
    const firstNew = this.#firstNew();
    for (const message of items.slice(start, end)) {
      const time = timeOf(message.id);
      if (!previous || !isSameDay(previousTime_ms, time)) rows.push(dayLine(message.id, time));
      const isFirstNew = message === firstNew;
      if (isFirstNew) {
        rows.push(h("div", { key: "new", class: "new-line", role: "separator" }, h("span", null, t("messages.new"))));
      }
      rows.push(this.#message(message, !isFirstNew && continues(previous, previousTime_ms, message, time)));
      [previous, previousTime_ms] = [message, time];
    }
    for (const item of end === items.length ? pending : []) {
      const message = { ...item, author_id: store.state.me.id, author_username: store.state.me.username };
      // A clock that is wrong puts it nowhere else than at the end.
      const time = Math.max(item.created_ms, previousTime_ms);
      if (!previous || !isSameDay(previousTime_ms, time)) rows.push(dayLine(item.nonce, time));
      const isContinued = continues(previous, previousTime_ms, message, time);
      const draw = () => renderPending(item, { isContinued, list: this });
      rows.push(memo(`pending-${item.nonce}`, [item, isContinued, store.state.connection.status], draw));
      [previous, previousTime_ms] = [message, time];
    }
    if (hasNewer) rows.push(h("div", { key: "newer", class: "list-state newer" }, loading()));
    return rows;
  }

  /** The message that the line "new" stands above, if it is loaded. */
  #firstNew() {
    if (this.unreadBefore === 0) return null;
    return this.window.items.find((message) =>
      message.author_id !== store.state.me.id && isNewer(message.id, this.readBefore)
    );
  }

  #message(message, isContinued) {
    const about = describeMessage(message, this.channel);
    const context = {
      list: this,
      isContinued,
      isEditing: this.editingID === message.id && (this.isEditWanted ? "wanted" : "begun"),
      isHighlighted: this.highlightID === message.id,
      ...about,
    };
    return memo(message.id, [
      message,
      isContinued,
      context.isEditing,
      context.isHighlighted,
      ...about.dependencies,
      store.state.day,
    ], () => this.#draw(message, context));
  }

  /** One message that can't be drawn must not take the others along. */
  #draw(message, context) {
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

  #renderOverlay() {
    const line = this.rows.querySelector(".new-line");
    const { scrollTop, clientHeight } = this.scroller;
    // Who has had the line in sight needs no way to it.
    if (line && line.offsetTop >= scrollTop && line.offsetTop < scrollTop + clientHeight) this.isDismissed = true;
    const unread = this.unreadBefore;
    const isAbove = unread > 0 && !this.isDismissed &&
      (line ? line.offsetTop < scrollTop : Boolean(this.window?.isLoaded && this.readBefore));
    patch(this.overlay, [
      isAbove &&
      h(
        "div",
        { key: "new", class: "jump-bar top" },
        h(
          "button",
          { type: "button", onclick: () => this.#jumpToNew() },
          newCount(unread, this.readBefore),
        ),
        h("button", {
          type: "button",
          class: "dismiss",
          "aria-label": t("messages.mark-read"),
          onclick: () => this.#dismiss(),
        }, icon("check", { size: 16 })),
      ),
      !this.place.isAtEnd && this.window?.isLoaded &&
      h(
        "div",
        { key: "present", class: "jump-bar bottom" },
        button([icon("down", { size: 16 }), t("messages.present")], () => this.showPresent()),
      ),
    ]);
  }

  async #jumpToNew() {
    if (!this.rows.querySelector(".new-line")) {
      await loadAround(this.channelID, this.readBefore);
      store.flush();
      if (this.isOver) return;
      this.#renderWhole();
    }
    const line = this.rows.querySelector(".new-line");
    if (line) this.#showLine(line, 1 / 8);
    this.#moved();
    this.#dismiss();
  }

  #dismiss() {
    this.isDismissed = true;
    this.#renderOverlay();
    this.#watch();
  }

  /** Reads out what others say while one listens. */
  #announce() {
    const last = this.window?.items.at(-1);
    if (!last || this.window.hasNewer) return;
    const before = this.announcedID;
    this.announcedID = last.id;
    if (!before || before === last.id || compareIDs(last.id, before) < 0) return;
    if (last.author_id === store.state.me.id || isBlocked(store.state, last.author_id)) return;
    this.announcer.textContent = `${nameOf(store.state, last.author_id, this.serverID, last.author_username)}: ${
      plainText(last.content ?? "", { name: mentionName }) || t("message.no-text")
    }`;
  }

  // MARK: Pointing and keys

  #activate(target) {
    this.#setActive(target.closest?.("[data-id]")?.dataset.id ?? this.activeID);
  }

  #setActive(id) {
    if (this.activeID === id) return;
    this.activeID = id;
    this.#placeToolbar();
  }

  /** The buttons beside the message that one points at. They are no part of the list: pointing does not draw it anew. */
  #placeToolbar() {
    const message = this.window?.items.find((item) => item.id === this.activeID);
    const row = message && this.editingID !== message.id ? this.place.row(message.id) : null;
    if (!row || row.classList.contains("hidden-message")) return this.toolbar.remove();
    patch(this.toolbar, renderToolbar(message, this));
    if (this.toolbar.parentElement !== row) row.append(this.toolbar);
  }

  #contextMenu(event) {
    // A link, a picture or a selection has the browser's own menu.
    if (event.target.closest("a, img, video, textarea") || !getSelection().isCollapsed) return;
    const message = this.#messageOf(event.target);
    if (!message) return;
    event.preventDefault();
    showMessageMenu(message, { x: event.clientX, y: event.clientY }, this);
  }

  /** Back leads to the message from which one went on. */
  #leave(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    const way = event.target.closest('.reply-line, a[href^="/channels/"]');
    const message = way && this.#messageOf(way);
    if (message) rename(addressOf(this.channel, message.id));
  }

  #messageOf(target) {
    const id = target.closest?.("[data-id]")?.dataset.id;
    return this.window?.items.find((item) => item.id === id);
  }

  #keyDown(event) {
    if (event.target.closest("textarea, input, select")) return;
    const key = keyOf(event);
    const step = { ArrowUp: -1, ArrowDown: 1 }[key];
    if (step && !event.altKey) return this.#step(event, step);
    if (key === "End") this.showPresent();
    if (key === "Home" && !event.altKey) {
      event.preventDefault();
      return this.showBeginning();
    }
    const message = this.#messageOf(event.target);
    // Who has clicked on a message and types is writing.
    if (message && cameByKeys()) messageKey(event, message, this);
  }

  /** The arrows go from message to message. */
  #step(event, step) {
    const rows = [...this.rows.querySelectorAll("[data-id]")];
    const at = rows.findIndex((row) => row.contains(document.activeElement) && this.place.isInSight(row));
    // Whoever has none yet, or has scrolled away from it, begins with what is in sight.
    const { first, last } = this.place.seen ?? {};
    const next = at < 0 ? this.place.row(step < 0 ? last ?? first : first) : rows[at + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }

  // MARK: What a message can ask for

  edit(message) {
    this.editingID = message?.id ?? null;
    this.isEditWanted = true;
    this.render();
    if (message) this.place.row(message.id)?.scrollIntoView({ block: "nearest" });
  }

  /** One's last message, if it is here. */
  editLast() {
    const last = this.window?.items.findLast((item) =>
      item.author_id === store.state.me.id && item.content && !item.webhook_id
    );
    if (last) this.edit(last);
    return Boolean(last);
  }

  keepUnread(message) {
    this.isKeptUnread = true;
    const items = this.window.items;
    const index = items.findIndex((item) => item.id === message.id);
    this.readBefore = items[index - 1]?.id ?? null;
    this.unreadBefore = items.length - index;
    this.isDismissed = false;
    this.render();
  }
}
