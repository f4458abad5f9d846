import { patch } from "../../dom/element.js";
import { store } from "../../store/store.js";
import { Island } from "./island.js";

/** A part of the page that describes itself anew whenever something that it shows has changed. */
export class View extends Island {
  #isRendering = false;
  #stop = () => {};

  /**
   * @param {Element} element what it fills.
   * @param {() => string[]} topics what it shows; asked anew after each rendering, since it may depend on the state.
   * @param {() => any} describe its description.
   */
  constructor(element, topics, describe) {
    super(element);
    this.topics = topics;
    this.describe = describe;
    this.render();
  }

  /** What is made while a view is drawn may change what the view shows: it is drawn once more then, and not within itself. */
  render() {
    if (this.isOver) return;
    if (this.#isRendering) return queueMicrotask(() => this.render());
    this.#isRendering = true;
    try {
      patch(this.element, this.describe());
    } finally {
      this.#isRendering = false;
    }
    this.#stop();
    this.#stop = store.watch(this.topics(), () => this.render());
  }

  destroy() {
    this.#stop();
    super.destroy();
  }
}
