import { h } from "../../dom/element.js";
import { store } from "../../store/store.js";
import { icon } from "../common/icons.js";
import { soundName } from "./names.js";

/** The sound that somebody plays in the call of this page, at their tile. */
export function soundMark(voice) {
  const sound = store.state.call?.channelID === voice.channel_id && store.state.sounding.get(voice.user_id);
  if (!sound) return null;
  return h(
    "span",
    { key: "sound", class: "sound-mark", dir: "auto" },
    sound.emoji ? h("span", { "aria-hidden": "true" }, sound.emoji) : icon("soundboard", { size: 16 }),
    soundName(sound),
  );
}
