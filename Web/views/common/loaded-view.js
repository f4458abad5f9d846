import { h, patch } from "../../dom/element.js";
import { holdFocus, keepFocus } from "../../dom/focus.js";
import { explain } from "../../texts/text.js";
import { notify } from "./dialog.js";
import { Island } from "./island.js";
import { loading, loadingFailed, whenConnected } from "./loading.js";

/**
 * A view that loads what it shows, describes itself, and says what went wrong. Subclasses give `describe()`, and where they
 * need them `load()`, `topics()`, `events` (by its name, what each event of the gateway changes) and `className`.
 */
export class LoadedView extends Island {
  events = {};
  #isStale = false;
  #loading = null;
  /** For each load that is on its way, what has happened since it began. */
  #missed = new Set();

  constructor(properties) {
    super("div");
    this.element.className = this.className;
    this.properties = properties;
    this.state = {};
    this.isBusy = false;
    this.error = null;
    this.isLoaded = !this.load;
    this.watch(["day", ...(this.topics?.() ?? [])], () => this.render());
    this.atEnd(whenConnected(() => !this.isLoaded && this.error && this.reload()));
    this.hear((name, data) => this.#follow(name, data));
    queueMicrotask(() => (this.load ? this.reload() : this.render()));
  }

  get className() {
    return "panel-scroll";
  }

  update(properties) {
    this.properties = properties;
    if (this.isLoaded) this.render();
  }

  /** Loads anew. What is asked for while that is on its way is loaded after it. */
  reload() {
    this.#isStale = true;
    return (this.#loading ??= this.#loadWhileStale());
  }

  async #loadWhileStale() {
    try {
      while (this.#isStale && !this.isOver) {
        this.#isStale = false;
        await this.#load();
      }
    } finally {
      this.#loading = null;
    }
  }

  async #load() {
    this.error = null;
    try {
      await this.following(() => this.load());
      this.isLoaded = true;
    } catch (error) {
      this.error = error;
    }
    this.render();
  }

  /** Loads something; it may be older than what happens meanwhile. */
  async following(load) {
    const missed = [];
    this.#missed.add(missed);
    try {
      await load();
    } finally {
      this.#missed.delete(missed);
    }
    for (const [name, data] of missed) this.events[name](data);
  }

  #follow(name, data) {
    // Nobody says what was missed.
    if (name === "READY" && this.load && Object.keys(this.events).length > 0) return this.reload();
    if (!this.events[name] || !this.concerns(data)) return;
    for (const missed of this.#missed) missed.push([name, data]);
    if (!this.isLoaded) return;
    this.events[name](data);
    this.render();
  }

  /** Whether an event is about what is shown here. */
  concerns() {
    return true;
  }

  set(change) {
    Object.assign(this.state, change);
    this.render();
  }

  render() {
    if (this.isOver) return;
    if (!this.isLoaded) {
      return patch(
        this.element,
        this.error ? loadingFailed(this.error, () => this.reload()) : loading(),
      );
    }
    keepFocus(this.element, () =>
      patch(this.element, [
        h("div", { key: "content" }, this.describe()),
        this.error && h("p", { key: "error", class: "error", role: "alert" }, explain(this.error)),
      ]));
  }

  #last = Promise.resolve();

  /** Does something after what is being done; what went wrong stands below. Whether it went well. */
  attempt(work, done = null) {
    const attempt = this.#last.then(() => this.#attempt(work, done));
    this.#last = attempt;
    return attempt;
  }

  async #attempt(work, done) {
    this.isBusy = true;
    this.error = null;
    const returnFocus = holdFocus();
    this.render();
    let isGood = true;
    try {
      await work();
      if (done) notify(done);
    } catch (error) {
      if (error.name !== "NotAllowedError") this.error = error;
      isGood = false;
    }
    this.isBusy = false;
    this.render();
    returnFocus();
    return isGood;
  }
}
