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
    const stream = this.#isSeen ? this.#stream : null;
    if (this.element.srcObject === stream) return;
    this.element.srcObject = stream;
    if (stream) this.element.play().catch(() => {});
  }
}

/** Shows pictures in a window above all others, which stays while one walks through channels; or takes them back. */
export async function putAbove(stream) {
  if (document.pictureInPictureElement) return await document.exitPictureInPicture();
  const video = document.createElement("video");
  Object.assign(video, { muted: true, srcObject: stream });
  video.addEventListener("leavepictureinpicture", () => (video.srcObject = null));
  for (const track of stream.getVideoTracks()) {
    track.addEventListener("ended", () => video.srcObject && document.exitPictureInPicture().catch(() => {}));
  }
  await video.play();
  await video.requestPictureInPicture();
}
