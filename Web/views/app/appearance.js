// How the page looks, as the person has set it.

import { followStillness, watchPictures } from "../../dom/stillness.js";
import { local } from "../../kernel/local.js";
import { readSetting } from "../../store/settings.js";
import { store } from "../../store/store.js";

const KEY = "aviary.appearance";

/** Follows the settings; the last ones are kept so that the first frame looks right already. */
export function useAppearance() {
  watchPictures();
  let kept = {};
  try {
    kept = JSON.parse(local.get(KEY)) ?? {};
  } catch {
    // Never set.
  }
  show({ ...readSetting(store.state, "client.appearance"), ...kept });
  store.watch(["settings"], () => {
    const appearance = readSetting(store.state, "client.appearance");
    local.set(KEY, JSON.stringify(appearance));
    show(appearance);
  });
}

let shown = null;

function show({ theme, density, textSize, motion, direction }) {
  const root = document.documentElement;
  const wish = [theme, density, textSize, motion, direction].join(" ");
  // Whatever is set here, also to what it was, has the browser go through the whole page again.
  if (wish === shown) return;
  shown = wish;
  root.dataset.theme = theme;
  root.dataset.density = density;
  root.dataset.motion = motion;
  root.dir = direction === "auto" ? "ltr" : direction;
  root.style.setProperty("--text-size", `${textSize / 16}rem`);
  followStillness();
}
