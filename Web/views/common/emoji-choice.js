import { h } from "../../dom/element.js";
import { reactionEmoji } from "../../markdown/custom-emoji.js";
import { store } from "../../store/store.js";
import { icon } from "./icons.js";
import { onDemand } from "./on-demand.js";

/**
 * A button that shows an emoji and takes it away again, or picks one where there is none.
 * @param {string|null} emoji as in reactions.
 * @param {object} options the labels `choose` and `remove`; `onpick(emoji|null)`; what the picker takes besides.
 */
export function emojiChoice(emoji, { choose, remove, onpick, className = "", ...picker }) {
  const label = emoji ? remove : choose;
  const pick = (event) =>
    onDemand.pickEmoji(event.currentTarget, { ...picker, onpick: (chosen) => onpick(chosen.reaction) });
  return h(
    "button",
    {
      type: "button",
      class: `icon-button ${className}`,
      "aria-label": label,
      title: label,
      onclick: (event) => emoji ? onpick(null) : pick(event),
    },
    emoji ? reactionEmoji(emoji, { state: store.state }) : icon("emoji"),
  );
}
