import { h, patch } from "../../dom/element.js";
import { failure, spinner } from "../common/controls.js";

/** A view that is loaded when it is first shown. */
export class Lazy {
  constructor({ load, properties }) {
    this.element = document.createElement("div");
    this.element.className = "lazy";
    this.load = load;
    this.properties = properties;
    this.#begin();
  }

  update({ properties }) {
    this.properties = properties;
    this.#render();
  }

  destroy() {
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
    this.#render();
  }

  #render() {
    if (this.error) patch(this.element, failure(this.error, () => location.reload()));
    else patch(this.element, this.view ? h(this.view, this.properties) : spinner());
  }
}
