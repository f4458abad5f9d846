// Where less movement is wanted, pictures that move show their first frame: in texts, lists and cards alike. One that was
// opened by itself plays, since that was asked for.

const QUERY = matchMedia("(prefers-reduced-motion: reduce)");

/** Where a picture may move nevertheless: what has a stop of its own, and what was opened to be looked at. */
const FREE = ".still-picture, .viewer";

/** Whether less movement is wanted, by the system or by the client's own setting. */
export const wantsStillness = () => document.documentElement.dataset.motion === "reduced" || QUERY.matches;

/** Looks at each picture that comes, from now on. */
export function watchPictures() {
  document.addEventListener("load", ({ target }) => wantsStillness() && hold(target), true);
  QUERY.addEventListener("change", followStillness);
}

/** To be called when something else is wanted than before. */
export function followStillness() {
  const isStill = wantsStillness();
  for (const picture of document.images) {
    if (isStill) hold(picture);
    else release(picture);
  }
}

/** Puts the first frame in the place of a picture. */
function hold(picture) {
  const isOurs = picture instanceof HTMLImageElement && !/^(blob|data):/.test(picture.src);
  if (!isOurs || !picture.complete || picture.naturalWidth === 0 || picture.closest(FREE)) return;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [picture.naturalWidth, picture.naturalHeight];
  canvas.getContext("2d").drawImage(picture, 0, 0);
  const moving = picture.src;
  try {
    canvas.toBlob((frame) => {
      // Meanwhile it may have become another picture.
      if (!frame || picture.src !== moving || !wantsStillness()) return;
      const url = URL.createObjectURL(frame);
      picture.addEventListener("load", () => URL.revokeObjectURL(url), { once: true });
      picture.dataset.moving = moving;
      picture.src = url;
    });
  } catch {
    // A file server of its own does not give its pictures to pages.
  }
}

function release(picture) {
  if (!picture.dataset.moving) return;
  if (picture.src.startsWith("blob:")) picture.src = picture.dataset.moving;
  delete picture.dataset.moving;
}
