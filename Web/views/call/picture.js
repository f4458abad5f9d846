import { Island } from "../common/island.js";

/** Pictures that move. One that nobody sees is not drawn. */
export class MovingPicture extends Island {
  #stream = null;
  #isSeen = false;

  constructor(properties) {
    super("video", "");
    Object.assign(this.element, { muted: true, autoplay: true, playsInline: true });
    const observer = new IntersectionObserver(([entry]) => {
      this.#isSeen = entry.isIntersecting;
      this.#show();
    });
    observer.observe(this.element);
    this.atEnd(() => observer.disconnect());
    this.atEnd(() => (this.element.srcObject = null));
    this.update(properties);
  }

  update({ stream, label, isMirrored = false }) {
    this.#stream = stream;
    this.element.className = isMirrored ? "mirrored" : "";
    this.element.setAttribute("aria-label", label);
    this.#show();
  }

  #show() {
    // Beside the page (picture in picture) it is seen wherever one scrolls.
    const stream = this.#isSeen || document.pictureInPictureElement === this.element ? this.#stream : null;
    if (this.element.srcObject === stream) return;
    this.element.srcObject = stream;
    if (stream) this.element.play().catch(() => {});
  }
}
