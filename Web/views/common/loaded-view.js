import { h, patch } from "../../dom/element.js";
import { explain } from "../../texts/text.js";
import { notify } from "./dialog.js";
import { Island } from "./island.js";
import { loading, loadingFailed, whenConnected } from "./loading.js";

/**
 * A view that loads what it shows, describes itself, and says what went wrong. Subclasses give `describe()`, and where they
 * need them `load()`, `topics()` and `className`.
 */
export class LoadedView extends Island {
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
    queueMicrotask(() => (this.load ? this.reload() : this.render()));
  }

  get className() {
    return "panel-scroll";
  }

  update(properties) {
    this.properties = properties;
    if (this.isLoaded) this.render();
  }

  async reload() {
    this.error = null;
    try {
      await this.load();
      this.isLoaded = true;
    } catch (error) {
      this.error = error;
    }
    this.render();
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
    patch(this.element, [
      h("div", { key: "content" }, this.describe()),
      this.error && h("p", { key: "error", class: "error", role: "alert" }, explain(this.error)),
    ]);
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
    return isGood;
  }
}
