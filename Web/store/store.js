// What the client knows: one state, changed only by events (those of the gateway and those of the client itself), and a
// way to hear which part has changed. Views read `store.state` and never write it.

import { emptyState, reducers } from "./reducers.js";

class Store {
  #state = emptyState();
  #watchers = new Map();
  #changed = new Set();
  #isScheduled = false;

  get state() {
    return this.#state;
  }

  /**
   * Lets an event change the state.
   * @param {string} event a gateway event's name, or one of the client's own.
   */
  apply(event, data) {
    const reduce = reducers[event];
    if (!reduce) return;
    this.touch(...(reduce(this.#state, data) ?? []));
  }

  /** Says that topics have changed; those who watch them are told once per frame. */
  touch(...topics) {
    for (const topic of topics) this.#changed.add(topic);
    if (this.#isScheduled || this.#changed.size === 0) return;
    this.#isScheduled = true;
    // A page in the background gets no frames, and has to keep its title and its counts all the same.
    if (document.hidden) setTimeout(() => this.#tell(), 50);
    else requestAnimationFrame(() => this.#tell());
  }

  /** Calls `listener` after each change of one of the topics. Returns what ends it. */
  watch(topics, listener) {
    for (const topic of topics) {
      if (!this.#watchers.has(topic)) this.#watchers.set(topic, new Set());
      this.#watchers.get(topic).add(listener);
    }
    return () => {
      for (const topic of topics) {
        this.#watchers.get(topic)?.delete(listener);
        if (this.#watchers.get(topic)?.size === 0) this.#watchers.delete(topic);
      }
    };
  }

  /** Tells at once, for what must be in the page before the next line runs. */
  flush() {
    if (this.#isScheduled) this.#tell();
  }

  #tell() {
    this.#isScheduled = false;
    const listeners = new Set();
    for (const topic of this.#changed) {
      for (const listener of this.#watchers.get(topic) ?? []) listeners.add(listener);
    }
    this.#changed.clear();
    for (const listener of listeners) {
      try {
        listener();
      } catch (error) {
        // One broken view must not take the others along.
        console.error(error);
      }
    }
  }
}

export const store = new Store();
