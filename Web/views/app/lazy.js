import { h, patch } from "../../dom/element.js";
import { failure, spinner } from "../common/controls.js";

/** A view that is loaded when it is first shown. `onload` is called with its element. */
export class Lazy {
  constructor({ load, properties, className = "lazy", onload = () => {} }) {
    this.element = document.createElement("div");
    this.element.className = className;
    this.load = load;
    this.onload = onload;
    this.properties = properties;
    this.#begin();
  }

  update({ properties }) {
    this.properties = properties;
    this.#render();
  }

  destroy() {
    this.isOver = true;
    patch(this.element, []);
  }

  async #begin() {
    this.error = null;
    this.#render();
    try {
      this.view = await this.load();
    } catch (error) {
      // After an update of the server the old files are gone; a new page has the new ones.
      this.error = error;
    }
    if (this.isOver) return;
    this.#render();
    this.onload(this.element);
  }

  #render() {
    if (this.error) patch(this.element, failure(this.error, () => location.reload()));
    else patch(this.element, this.view ? h(this.view, this.properties) : spinner());
  }
}
