import { h, make } from "../../dom/element.js";
import { wantsStillness } from "../../dom/stillness.js";
import { t } from "../../texts/text.js";
import { Island } from "./island.js";

/**
 * A picture that may move. A press stops it, and another one lets it go on; where less movement is wanted it stands still
 * from the beginning.
 */
export class StillPicture extends Island {
  constructor(properties) {
    super("button", `plain still-picture ${properties.className ?? ""}`);
    this.element.type = "button";
    this.isStill = wantsStillness();
    this.picture = make(h("img", { alt: "", loading: "lazy", decoding: "async", draggable: "false" }));
    this.canvas = document.createElement("canvas");
    this.canvas.hidden = true;
    this.element.append(this.picture, this.canvas);
    this.element.onclick = () => this.toggle();
    this.picture.onload = () => this.#show();
    this.update(properties);
  }

  update({ url, name }) {
    this.name = name;
    if (this.url !== url) this.picture.src = this.url = url;
    this.#show();
  }

  toggle() {
    this.isStill = !this.isStill;
    this.#show();
  }

  /** Its first frame is drawn once, and stands in its place. */
  #show() {
    const { picture, canvas } = this;
    if (this.isStill && picture.complete && picture.naturalWidth > 0) {
      [canvas.width, canvas.height] = [picture.naturalWidth, picture.naturalHeight];
      canvas.getContext("2d").drawImage(picture, 0, 0);
    }
    const isDrawn = this.isStill && canvas.width > 0 && picture.naturalWidth > 0;
    canvas.hidden = !isDrawn;
    picture.hidden = isDrawn;
    this.element.setAttribute("aria-label", t(this.isStill ? "picture.still" : "picture.moving", { name: this.name }));
    this.element.title = this.name;
  }
}
