import { h, patch } from "../../dom/element.js";
import { Island } from "./island.js";
import { loading, loadingFailed, whenConnected } from "./loading.js";

/** A view that is loaded when it is first shown. `onload` is called with its element. */
export class Lazy extends Island {
  constructor({ load, properties, className = "lazy", onload = () => {} }) {
    super("div", className);
    this.load = load;
    this.onload = onload;
    this.properties = properties;
    this.atEnd(whenConnected(() => this.error && this.#begin()));
    this.#begin();
  }

  update({ properties }) {
    this.properties = properties;
    this.#render();
  }

  async #begin() {
    this.error = null;
    this.#render();
    try {
      this.view = await this.load();
    } catch (error) {
      this.error = error;
    }
    if (this.isOver) return;
    this.#render();
    this.onload(this.element);
  }

  #render() {
    if (this.error) patch(this.element, loadingFailed(this.error, () => location.reload()));
    else patch(this.element, this.view ? h(this.view, this.properties) : loading());
  }
}
