import { patch } from "../../dom/element.js";
import { store } from "../../store/store.js";

/** A part of the page that describes itself anew whenever something that it shows has changed. */
export class View {
  /**
   * @param {Element} element what it fills.
   * @param {() => string[]} topics what it shows; asked anew after each rendering, since it may depend on the state.
   * @param {() => any} render its description.
   */
  constructor(element, topics, render) {
    this.element = element;
    this.topics = topics;
    this.describe = render;
    this.isRendering = false;
    this.stop = () => {};
    this.render();
  }

  /** What is made while a view is drawn may change what the view shows: it is drawn once more then, and not within itself. */
  render() {
    if (this.isOver) return;
    if (this.isRendering) return queueMicrotask(() => this.render());
    this.isRendering = true;
    try {
      patch(this.element, this.describe());
    } finally {
      this.isRendering = false;
    }
    this.stop();
    this.stop = store.watch(this.topics(), () => this.render());
  }

  destroy() {
    this.isOver = true;
    this.stop();
    patch(this.element, []);
  }
}
