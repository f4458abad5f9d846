// The list of messages: a window into a channel of any length. It stays where the reader is while messages come above and
// below, and holds only as much as the store's window does.

import { h, make, patch } from "../../dom/element.js";
import { cameByKeys, takesText } from "../../dom/focus.js";
import { keyOf } from "../../dom/keys.js";
import { painted } from "../../dom/painted.js";
import { addressOf, navigate, rename } from "../../kernel/router.js";
import { compareIDs } from "../../kernel/snowflake.js";
import { leave, loadAround, loadFirst, loadLatest, loadNewer, loadOlder } from "../../server/messages.js";
import { learnMembers, loadThreads } from "../../server/servers.js";
import { deletedBy } from "../../store/message-list.js";
import { isBlocked } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { newCount } from "./new-count.js";
import { button } from "../common/controls.js";
import { icon } from "../common/icons.js";
import { Island } from "../common/island.js";
import { messageKey, renderToolbar, showMessageMenu } from "./actions.js";
import { Editing } from "./editing.js";
import { Announcer } from "./announcer.js";
import { Place } from "./place.js";
import { portion, ROWS_A_FRAME, rowsAfter } from "./portion.js";
import { Reading } from "./reading.js";
import { Receipts } from "./receipts.js";
import { loadingRow, renderRows } from "./rows.js";

/** More is loaded before its place comes into sight. */
const AHEAD_PX = 1500;
/** Who comes to the end has these at once, besides the first portion. */
const FIRST_ROWS = 18;
/** A hand that has not scrolled for so long rests. */
const REST_MS = 120;
/** The id before all others: what comes after it is new in an empty channel. */
const NOTHING = "0";
/** For how long a message that was asked for is marked. */
const HIGHLIGHT_MS = 2500;

/** Channels whose threads are known; what comes later is told by events. */
const learned = new Set();

export class MessageList extends Island {
  constructor({ channelID, messageID, onreply }) {
    super(make(h("div", { class: "message-list" })));
    this.channelID = channelID;
    this.onreply = onreply;
    this.activeID = null;
    this.editing = new Editing(this);
    this.highlightID = null;
    this.hasScrolled = false;
    this.isOpening = !messageID;
    // The message that was asked for last: one that comes late must not lead away from it.
    this.wantedID = null;
    // What one read before the first message that was asked for: an id, or null for the newest.
    this.leftID = null;
    // The ends of what stands in the list, and whether more of what is loaded is to come.
    this.drawn = null;
    this.hasMoreToDraw = false;
    this.rowsAFrame = ROWS_A_FRAME;
    // How many rows were added by the last drawing.
    this.added = 0;
    this.receipts = new Receipts(this);
    this.#build();
    this.watch([`messages:${channelID}`], () => this.render());
    this.watch(
      [`server:${this.serverID}`, `members:${this.serverID}`, "settings", "relationships", "users", "me", "day"],
      () => this.render(),
    );
    this.watch(["connection"], () => this.#recover());
    this.hear((name, data) => this.editing.forget(deletedBy(name, data)));
    this.hear((name, data) => name === "NOTIFICATION_CREATE" && this.reading.meet(data));
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

  /** What is on its way from here, or held up. */
  get pending() {
    return store.state.outbox.filter((item) => item.channel_id === this.channelID);
  }

  #build() {
    this.rows = make(h("div", { class: "messages" }));
    this.scroller = make(
      h("div", { class: "message-scroller", tabindex: "0", role: "group", "aria-label": t("messages") }),
    );
    this.scroller.append(this.rows);
    this.place = new Place(this.scroller, this.rows);
    this.reading = new Reading(this.channelID, this.place);
    this.toolbar = make(h("div", { class: "message-toolbar", role: "toolbar", "aria-label": t("message.actions") }));
    this.overlay = make(h("div", { class: "message-overlay" }));
    this.announcer = new Announcer(this.channelID);
    this.element.append(this.scroller, this.overlay, this.announcer.element);
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
    const observer = new ResizeObserver(() => this.#scrolled());
    observer.observe(this.rows);
    observer.observe(this.scroller);
    this.atEnd(() => observer.disconnect());
    const look = () => this.reading.watch();
    this.listen(globalThis, "focus", look);
    this.listen(document, "visibilitychange", look);
    // A list that was beside the screen, as on a phone, comes into sight. Beside it, its edge still touches the screen.
    const sight = new IntersectionObserver(look, { threshold: 0.5 });
    sight.observe(this.scroller);
    this.atEnd(() => sight.disconnect());
  }

  destroy() {
    super.destroy();
    cancelAnimationFrame(this.nextFrame);
    clearTimeout(this.rest);
    patch(this.rows, []);
    leave(this.channelID);
  }

  // MARK: Coming to a place

  async #open(messageID) {
    this.#learnThreads();
    if (messageID) return this.show(messageID);
    const load = this.window?.isLoaded ? null : loadLatest(this.channelID);
    this.render();
    await load;
    store.flush();
    if (this.isOver) return;
    if (!this.hasScrolled) return this.#goToNew();
    // Who has gone elsewhere meanwhile is not led back.
    this.isOpening = false;
    this.reading.isPlaced = this.isOnline;
    this.#moved();
  }

  get isOnline() {
    return store.state.connection.status === "online";
  }

  /** The names of the threads that messages lead to. */
  async #learnThreads() {
    if (!this.serverID || this.channel.thread || learned.has(this.channelID)) return;
    learned.add(this.channelID);
    await painted();
    await loadThreads(this.channelID).catch(() => learned.delete(this.channelID));
    if (!this.isOver) this.render();
  }

  /** Begins at the first unread message if it is here, else at the end. */
  #goToNew() {
    this.isOpening = false;
    this.reading.isPlaced = this.isOnline;
    this.#showNew();
    this.#moved();
  }

  #showNew() {
    const line = this.rows.querySelector(".new-line");
    if (line && this.reading.unread > 0) this.#showLine(line, 1 / 3);
    else this.place.toEnd();
  }

  /** The message below the line is what stays where it is, whatever comes above it. */
  #showLine(line, share) {
    const message = line.nextElementSibling;
    this.place.show(message?.dataset.id ? message : line, share);
  }

  /** Shows a message, wherever it is, as often as it is asked for. */
  async show(messageID) {
    if (!messageID) return this.#comeBack();
    if (this.wantedID === null) this.leftID = this.place.isAtEnd ? null : this.place.seen?.first ?? null;
    this.wantedID = messageID;
    await this.#goTo(messageID, { isMarked: true });
  }

  /** Back leads from a message that was asked for to what one read before. */
  async #comeBack() {
    if (this.wantedID === null) return;
    const { leftID } = this;
    if (leftID === null) return this.showPresent();
    this.wantedID = null;
    await this.#goTo(leftID, { isMarked: false });
  }

  async #goTo(messageID, { isMarked }) {
    const wanted = this.wantedID;
    this.isOpening = false;
    this.hasScrolled = true;
    const before = document.activeElement;
    if (!this.window?.items.some((item) => item.id === messageID)) await loadAround(this.channelID, messageID);
    if (this.isOver || this.wantedID !== wanted) return;
    const items = this.window?.items ?? [];
    // A date, or a message that is gone: the next one that there is.
    const target = items.find((item) => compareIDs(item.id, messageID) >= 0) ?? items.at(-1);
    if (!target) return;
    this.highlightID = isMarked ? target.id : null;
    this.#renderWhole();
    const row = this.place.row(target.id);
    const focus = () => {
      // Who has begun to write while it was loading goes on.
      const isElsewhere = document.activeElement !== before && takesText(document.activeElement);
      if (isMarked && !isElsewhere) row.focus({ preventScroll: true });
    };
    if (row) this.place.show(row, isMarked ? 1 / 2 : 0, focus);
    this.reading.isPlaced = this.isOnline;
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
    if (this.pending.length > 0) this.render();
    if (!this.isOnline) return;
    if (!this.reading.isPlaced) return this.#arrive();
    if (this.window?.isLoading) return;
    if (this.window?.isLoaded && !this.window.error) return;
    const { first } = this.place.isAtEnd ? {} : this.place.seen ?? {};
    if (first) loadAround(this.channelID, first);
    else loadLatest(this.channelID);
  }

  /** What was missed is known now: who has not moved since begins at it. */
  async #arrive() {
    this.reading.learn();
    if (!this.window?.isLoaded || this.window.error) await loadLatest(this.channelID);
    if (this.isOver) return;
    if (!this.hasScrolled) {
      this.#renderWhole();
      return this.#goToNew();
    }
    this.reading.isPlaced = true;
    this.render();
  }

  // MARK: Keeping the place

  #scrolled() {
    if (this.place.arrive()) return this.#moved();
    if (!this.place.settle()) return;
    this.hasScrolled = true;
    this.#moved();
    clearTimeout(this.rest);
    this.rest = setTimeout(() => this.place.settle(), REST_MS);
  }

  /** What follows from where the reader is now. */
  #moved() {
    this.#renderOverlay();
    this.reading.watch();
    const window = this.window;
    if (!window?.isLoaded || window.isLoading || window.error || this.hasMoreToDraw || !this.place.isKnown) return;
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    if (scrollTop < AHEAD_PX && window.hasOlder) loadOlder(this.channelID);
    else if (scrollHeight - scrollTop - clientHeight < AHEAD_PX && window.hasNewer) loadNewer(this.channelID);
  }

  /** Nobody sees a hidden page or list: it follows the newest message only as far as the line stays in sight. */
  #holdLine() {
    if (!this.place.isAtEnd || !this.reading.hasMissed || this.reading.isVisible) return;
    const line = this.rows.querySelector(".new-line");
    if (line && line.offsetTop < this.scroller.scrollTop) this.#showLine(line, 1 / 3);
  }

  // MARK: Drawing

  render() {
    if (this.isOver) return;
    const window = this.window;
    // What is loaded anew takes the place of what is there; until then nothing moves.
    if (!window?.isLoaded && !window?.error && this.rows.querySelector("[data-id]")) return;
    this.place.settle();
    if (window?.isLoaded) this.reading.notice();
    this.editing.follow(window);
    const hadFocus = this.rows.contains(document.activeElement);
    const hadEditor = document.activeElement.closest?.(".editor") !== null;
    const begin_ms = performance.now();
    patch(this.rows, this.#describe());
    // What had the focus may be far away by now, or deleted; the keys go on from the list.
    if (hadFocus && document.activeElement === document.body) {
      ((hadEditor && this.editing.wayBack()) || this.scroller).focus({ preventScroll: true });
    }
    // What is kept of the last visit, or came before READY, stands at once where its successor will.
    if (this.isOpening && !this.hasScrolled && window?.items.length > 0) this.#showNew();
    else this.place.settle();
    if (this.added > 0 && !this.isOpening) this.rowsAFrame = rowsAfter(this.added, performance.now() - begin_ms);
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
    const { start, end, added } = portion(items, this.#drawnSoFar(items), this.rowsAFrame);
    this.added = added;
    this.drawn = items.length > 0 ? { first: items[start].id, last: items[end - 1].id } : null;
    this.hasMoreToDraw = start > 0 || end < items.length;
    cancelAnimationFrame(this.nextFrame);
    if (this.hasMoreToDraw) this.nextFrame = requestAnimationFrame(() => this.render());
    return { start, end };
  }

  /** What counts as drawn: for whoever is at the end, or comes there, the last rows always do, and those above them come later. */
  #drawnSoFar(items) {
    const followsEnd = this.isOpening ? this.reading.unread === 0 : this.place.isAtEnd && this.drawn !== null;
    if (!followsEnd || items.length === 0) return this.drawn;
    const first = items.at(-Math.min(FIRST_ROWS, items.length)).id;
    const isNear = this.drawn !== null && compareIDs(this.drawn.last, first) >= 0;
    return { first: isNear ? this.drawn.first : first, last: items.at(-1).id };
  }

  #describe() {
    const window = this.window;
    if (!window || (!window.isLoaded && !window.error)) return loadingRow();
    const drawn = this.#portion(window.items);
    this.place.hasEnd = !window.hasNewer && drawn.end === window.items.length;
    return renderRows(this, drawn);
  }

  #renderOverlay() {
    const line = this.rows.querySelector(".new-line");
    const { scrollTop, clientHeight } = this.scroller;
    // Who has had the line in sight needs no way to it.
    if (line && line.offsetTop >= scrollTop && line.offsetTop < scrollTop + clientHeight) {
      this.reading.isDismissed = true;
    }
    const unread = this.reading.unread;
    const isAbove = unread > 0 && !this.reading.isDismissed &&
      (line ? line.offsetTop < scrollTop : Boolean(this.window?.isLoaded && this.reading.before));
    patch(this.overlay, [
      isAbove &&
      h(
        "div",
        { key: "new", class: "jump-bar top" },
        h(
          "button",
          { type: "button", onclick: () => this.#jumpToNew() },
          newCount(unread, this.reading.before),
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
      await loadAround(this.channelID, this.reading.before);
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
    this.reading.isDismissed = true;
    this.#renderOverlay();
    this.reading.watch();
  }

  /** Reads out what others say while one listens. */
  #announce() {
    if (!this.window?.isLoaded || this.window.hasNewer) return;
    const { items, hasOlder } = this.window;
    const before = this.announcedID;
    const last = items.at(-1)?.id ?? NOTHING;
    // A message that was deleted must not make the ones before it new.
    this.announcedID = before && compareIDs(before, last) > 0 ? before : last;
    if (!before || items.length === 0) return;
    const isNew = (item) => compareIDs(item.id, before) > 0;
    this.announcer.announce(
      items.filter((item) =>
        isNew(item) && item.author_id !== store.state.me.id && !isBlocked(store.state, item.author_id)
      ),
      { isWhole: !hasOlder || !isNew(items[0]) },
    );
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
    const row = message && this.editing.id !== message.id ? this.place.row(message.id) : null;
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

  /** Scrolls by a page, as the keys do that have the list. */
  page(step) {
    this.scroller.scrollBy({ top: step * this.scroller.clientHeight * 0.875 });
  }

  // MARK: What a message can ask for

  keepUnread(message) {
    this.reading.keepUnread(message);
    this.render();
  }
}
