import { patch } from "../../dom/element.js";
import { session } from "../../server/session.js";
import { store } from "../../store/store.js";

/**
 * A part of the page that keeps state of its own (see `h`). Whatever it watches, hears, waits for or owns ends with it.
 * Subclasses give `update(properties)`.
 */
export class Island {
  isOver = false;
  #ends = new Set();
  #timer = null;

  /** @param {string|Element} element the name of its element, or one that is there. */
  constructor(element, className = null) {
    this.element = typeof element === "string" ? document.createElement(element) : element;
    if (className !== null) this.element.className = className;
  }

  update() {}

  /** Calls `listener` after each change of one of the topics. Returns what ends it sooner. */
  watch(topics, listener) {
    return this.atEnd(store.watch(topics, () => this.isOver || listener()));
  }

  /** Calls `listener` with each event of the gateway, after the state has followed it. */
  hear(listener) {
    session.listeners.add(listener);
    return this.atEnd(() => session.listeners.delete(listener));
  }

  /** Listens to what is not its own: the window, the document. */
  listen(target, event, listener) {
    target.addEventListener(event, listener);
    return this.atEnd(() => target.removeEventListener(event, listener));
  }

  /** Does something in a while; asked once more, it does the later thing only. */
  later(after_ms, work) {
    clearTimeout(this.#timer);
    if (!this.isOver) this.#timer = setTimeout(work, after_ms);
  }

  /** Takes another island along at the end. */
  own(island) {
    this.atEnd(() => island.destroy());
    return island;
  }

  /** Ends something with this. Returns what ends it sooner. */
  atEnd(end) {
    this.#ends.add(end);
    return () => {
      this.#ends.delete(end);
      end();
    };
  }

  destroy() {
    this.isOver = true;
    clearTimeout(this.#timer);
    for (const end of this.#ends) end();
    patch(this.element, []);
  }
}
