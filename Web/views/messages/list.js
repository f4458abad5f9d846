// The list of messages: a window into a channel of any length. It stays where the reader is while messages come above and
// below, and holds only as much as the store's window does.

import { h, make, memo, patch } from "../../dom/element.js";
import { addressOf, navigate } from "../../kernel/router.js";
import { compareIDs, isNewer, timeOf } from "../../kernel/snowflake.js";
import { plainText } from "../../markdown/text.js";
import { acknowledge, leave, loadAround, loadLatest, loadNewer, loadOlder } from "../../server/messages.js";
import { learnMembers, loadThreads } from "../../server/servers.js";
import { nameOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { dayName, isSameDay, shortMoment } from "../../texts/time.js";
import { button } from "../common/controls.js";
import { icon } from "../common/icons.js";
import { loading, loadingFailed } from "../common/loading.js";
import { beginning } from "./beginning.js";
import { describeMessage, mentionName, renderMessage } from "./message.js";
import { renderPending } from "./pending.js";
import { messageKey, showMessageMenu } from "./actions.js";

/** So near the end one counts as being there, in pixels. */
const AT_END_PX = 60;
/** More is loaded before its place comes into sight. */
const AHEAD_PX = 900;
/** Messages of one author so close together stand under one name. */
const GROUP_MS = 7 * 60_000;

/** Channels whose threads are known; what comes later is told by events. */
const learned = new Set();

export class MessageList {
  constructor({ channelID, messageID, onreply }) {
    this.channelID = channelID;
    this.onreply = onreply;
    this.isAtEnd = true;
    this.activeID = null;
    this.editingID = null;
    this.highlightID = null;
    this.anchor = null;
    // What was read before this visit: the line "new" stands after it.
    this.readBefore = store.state.readStates.get(channelID)?.lastRead ?? null;
    this.unreadBefore = store.state.readStates.get(channelID)?.unread ?? 0;
    this.#build();
    this.stop = [
      store.watch([`messages:${channelID}`], () => this.render()),
      store.watch(
        [`server:${this.serverID}`, `members:${this.serverID}`, "settings", "relationships", "users", "me"],
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
    this.scroller.addEventListener("keydown", (event) => this.#keyDown(event));
    // Pictures that come and a field that grows change where the end is.
    this.observer = new ResizeObserver(() => this.#keepPlace());
    this.observer.observe(this.rows);
    this.observer.observe(this.scroller);
    this.onFocus = () => this.#acknowledge();
    addEventListener("focus", this.onFocus);
    document.addEventListener("visibilitychange", this.onFocus);
  }

  destroy() {
    this.isOver = true;
    this.stop.forEach((stop) => stop());
    this.observer.disconnect();
    removeEventListener("focus", this.onFocus);
    document.removeEventListener("visibilitychange", this.onFocus);
    patch(this.rows, []);
    leave(this.channelID);
  }

  // MARK: Coming to a place

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

  /** The names of the threads that messages lead to. */
  async #learnThreads() {
    if (!this.serverID || this.channel.thread || learned.has(this.channelID)) return;
    learned.add(this.channelID);
    await loadThreads(this.channelID).catch(() => learned.delete(this.channelID));
    if (!this.isOver) this.render();
  }

  /** Begins at the first unread message if it is here, else at the end. */
  #goToNew() {
    const line = this.rows.querySelector(".new-line");
    if (line && this.unreadBefore > 0) {
      this.isAtEnd = false;
      this.scroller.scrollTop = line.offsetTop - this.scroller.clientHeight / 3;
      this.#scrolled();
    } else this.#toEnd();
  }

  /** Shows a message, wherever it is. */
  async show(messageID) {
    if (!messageID || this.shownID === messageID) return;
    this.shownID = messageID;
    this.isAtEnd = false;
    if (!this.window?.items.some((item) => item.id === messageID)) await loadAround(this.channelID, messageID);
    if (this.isOver) return;
    const items = this.window?.items ?? [];
    // A date, or a message that is gone: the next one that there is.
    const target = items.find((item) => compareIDs(item.id, messageID) >= 0) ?? items.at(-1);
    if (!target) return;
    this.highlightID = target.id;
    this.render();
    const row = this.#row(target.id);
    row?.scrollIntoView({ block: "center" });
    row?.focus({ preventScroll: true });
    this.#scrolled();
    setTimeout(() => {
      this.highlightID = null;
      if (!this.isOver) this.render();
    }, 2500);
  }

  /** Back to the newest messages. */
  async showPresent() {
    this.shownID = null;
    if (location.pathname.endsWith(`/${this.channelID}`) === false && store.state.route.channel === this.channelID) {
      navigate(addressOf(this.channel), { replace: true });
    }
    if (this.window?.hasNewer) await loadLatest(this.channelID);
    store.flush();
    if (!this.isOver) this.#toEnd();
  }

  #toEnd() {
    this.isAtEnd = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.#scrolled();
  }

  /** After a new READY the window is empty; what was shown is loaded again. */
  #recover() {
    if (store.state.outbox.some((item) => item.channel_id === this.channelID)) this.render();
    const { status } = store.state.connection;
    if (status !== "online" || this.window?.isLoading) return;
    if (!this.window?.isLoaded || this.window.error) loadLatest(this.channelID);
  }

  // MARK: Keeping the place

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    const below = scrollHeight - scrollTop - clientHeight;
    const wasAtEnd = this.isAtEnd;
    this.isAtEnd = below < AT_END_PX && !this.window?.hasNewer;
    this.anchor = this.isAtEnd ? null : this.#findAnchor();
    if (wasAtEnd !== this.isAtEnd) this.#renderOverlay();
    if (this.isAtEnd) this.#acknowledge();
    const window = this.window;
    if (!window?.isLoaded || window.isLoading || window.error) return;
    if (scrollTop < AHEAD_PX && window.hasOlder) loadOlder(this.channelID);
    else if (below < AHEAD_PX && window.hasNewer) loadNewer(this.channelID);
  }

  /** The first row in sight and where it is, so that it can be put there again. */
  #findAnchor() {
    const top = this.scroller.scrollTop;
    const rows = this.rows.children;
    let [low, high] = [0, rows.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (rows[middle].offsetTop + rows[middle].offsetHeight > top) high = middle;
      else low = middle + 1;
    }
    // A line between days has no id; the message after it has.
    for (let index = low; index < rows.length; index += 1) {
      if (rows[index].dataset?.id) return { id: rows[index].dataset.id, offset_px: rows[index].offsetTop - top };
    }
    return null;
  }

  #keepPlace() {
    if (this.isAtEnd) this.scroller.scrollTop = this.scroller.scrollHeight;
    else if (this.anchor) {
      const row = this.#row(this.anchor.id);
      if (row) this.scroller.scrollTop = row.offsetTop - this.anchor.offset_px;
    }
  }

  #row(id) {
    return this.rows.querySelector(`[data-id="${id}"]`);
  }

  #acknowledge() {
    const last = this.window?.items.at(-1);
    if (!last || !this.isAtEnd || this.window.hasNewer || document.hidden || !document.hasFocus()) return;
    if (this.isKeptUnread) return;
    acknowledge(this.channelID, last.id);
  }

  // MARK: Drawing

  render() {
    if (this.isOver) return;
    if (!this.isAtEnd) this.anchor = this.#findAnchor() ?? this.anchor;
    patch(this.rows, this.#describe());
    this.#keepPlace();
    this.#renderOverlay();
    this.#announce();
    this.#scrolled();
    if (this.serverID) {
      learnMembers(
        this.serverID,
        (this.window?.items ?? []).filter((item) => !item.webhook_id).map((item) => item.author_id),
      );
    }
  }

  #describe() {
    const window = this.window;
    const pending = store.state.outbox.filter((item) => item.channel_id === this.channelID);
    if (!window || (!window.isLoaded && !window.error)) {
      return h("div", { key: "loading", class: "list-state" }, loading());
    }
    const rows = [];
    if (window.error && window.items.length === 0) {
      rows.push(
        h(
          "div",
          { key: "failure", class: "list-state" },
          loadingFailed(window.error, () => loadLatest(this.channelID)),
        ),
      );
    } else if (window.hasOlder) {
      rows.push(h(
        "div",
        { key: "older", class: "list-state small" },
        window.error ? loadingFailed(window.error, () => loadOlder(this.channelID)) : loading(),
      ));
    } else rows.push(h("div", { key: "beginning" }, beginning(this.channel)));
    let previous = null;
    let hasLine = false;
    for (const message of window.items) {
      const time = timeOf(message.id);
      if (!previous || !isSameDay(timeOf(previous.id), time)) {
        rows.push(
          h("div", { key: `day-${message.id}`, class: "day-line", role: "separator" }, h("span", null, dayName(time))),
        );
      }
      const isFirstNew = !hasLine && this.unreadBefore > 0 && message.author_id !== store.state.me.id &&
        isNewer(message.id, this.readBefore);
      if (isFirstNew) {
        hasLine = true;
        rows.push(h("div", { key: "new", class: "new-line", role: "separator" }, h("span", null, t("messages.new"))));
      }
      rows.push(this.#message(message, isFirstNew ? null : previous));
      previous = message;
    }
    for (const item of pending) {
      rows.push(memo(`pending-${item.nonce}`, [item, store.state.connection.status], () => renderPending(item)));
    }
    if (window.hasNewer) rows.push(h("div", { key: "newer", class: "list-state small" }, loading()));
    return rows;
  }

  #message(message, previous) {
    const isContinued = previous !== null && previous.author_id === message.author_id &&
      previous.author_username === message.author_username && !message.reply_to_id &&
      timeOf(message.id) - timeOf(previous.id) < GROUP_MS && isSameDay(timeOf(previous.id), timeOf(message.id));
    const about = describeMessage(message, this.channel);
    const context = {
      list: this,
      isContinued,
      isActive: this.activeID === message.id,
      isEditing: this.editingID === message.id,
      isHighlighted: this.highlightID === message.id,
      ...about,
    };
    return memo(message.id, [
      message,
      isContinued,
      context.isActive,
      context.isEditing,
      context.isHighlighted,
      ...about.dependencies,
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
    const unread = this.unreadBefore;
    const first = this.rows.querySelector(".new-line");
    const isAbove = unread > 0 && !this.isDismissed &&
      (first ? first.offsetTop < this.scroller.scrollTop : Boolean(this.window?.isLoaded && this.readBefore));
    patch(this.overlay, [
      isAbove &&
      h(
        "div",
        { key: "new", class: "jump-bar top" },
        h(
          "button",
          { type: "button", onclick: () => this.#jumpToNew() },
          t("messages.new-count", { count: unread, time: this.readBefore ? shortMoment(timeOf(this.readBefore)) : "" }),
        ),
        h("button", {
          type: "button",
          class: "dismiss",
          "aria-label": t("messages.mark-read"),
          onclick: () => this.#dismiss(),
        }, icon("check", { size: 16 })),
      ),
      !this.isAtEnd && this.window?.isLoaded &&
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
      this.isAtEnd = false;
      store.flush();
    }
    const line = this.rows.querySelector(".new-line");
    if (line) this.scroller.scrollTop = line.offsetTop - 80;
    this.#dismiss();
  }

  #dismiss() {
    this.isDismissed = true;
    this.#renderOverlay();
    this.#acknowledge();
  }

  /** Reads out what others say while one listens. */
  #announce() {
    const last = this.window?.items.at(-1);
    if (!last || this.window.hasNewer) return;
    const before = this.announcedID;
    this.announcedID = last.id;
    if (!before || before === last.id || last.author_id === store.state.me.id || compareIDs(last.id, before) < 0) {
      return;
    }
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
    this.render();
  }

  #contextMenu(event) {
    // A link, a picture or a selection has the browser's own menu.
    if (event.target.closest("a, img, video, textarea") || !getSelection().isCollapsed) return;
    const message = this.#messageOf(event.target);
    if (!message) return;
    event.preventDefault();
    showMessageMenu(message, { x: event.clientX, y: event.clientY }, this);
  }

  #messageOf(target) {
    const id = target.closest?.("[data-id]")?.dataset.id;
    return this.window?.items.find((item) => item.id === id);
  }

  #keyDown(event) {
    if (event.target.closest("textarea, input, select")) return;
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (step && !event.altKey) return this.#step(event, step);
    if (event.key === "End") this.showPresent();
    const message = this.#messageOf(event.target);
    if (message) messageKey(event, message, this);
  }

  /** The arrows go from message to message. */
  #step(event, step) {
    const rows = [...this.rows.querySelectorAll("[data-id]")];
    const at = rows.findIndex((row) => row.contains(document.activeElement));
    const next = at < 0 ? rows.at(step < 0 ? -1 : 0) : rows[at + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }

  // MARK: What a message can ask for

  edit(message) {
    this.editingID = message?.id ?? null;
    this.render();
    if (message) this.#row(message.id)?.scrollIntoView({ block: "nearest" });
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
