import { patch } from "./element.js";
import { store } from "../store/store.js";

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
    this.isWaiting = false;
    this.stop = () => {};
    this.render();
  }

  render() {
    if (this.isOver) return;
    this.isWaiting = false;
    patch(this.element, this.describe());
    this.stop();
    this.stop = store.watch(this.topics(), () => this.render());
  }

  destroy() {
    this.isOver = true;
    this.stop();
    patch(this.element, []);
  }
}
