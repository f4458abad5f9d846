import { h } from "../../dom/element.js";
import { emojiName, reactionEmoji } from "../../markdown/custom-emoji.js";
import { toggleReaction } from "../../server/messages.js";
import { inChannel } from "../../store/permissions.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { onDemand } from "../common/on-demand.js";
import { iconButton } from "../common/controls.js";
import { attempt } from "../common/dialog.js";

export function renderReactions(message, context) {
  if (message.reactions.length === 0) return null;
  const rights = inChannel(store.state, context.channel);
  const shown = { state: store.state };
  return h(
    "div",
    { class: "reactions" },
    message.reactions.map((reaction) =>
      h(
        "button",
        {
          key: reaction.emoji,
          type: "button",
          class: `reaction${reaction.me ? " own" : ""}`,
          "aria-pressed": String(reaction.me === true),
          "aria-label": t("reaction.label", { emoji: emojiName(reaction.emoji), count: reaction.count }),
          onclick: () => attempt(() => toggleReaction(message, reaction.emoji)),
          oncontextmenu: (event) => {
            event.preventDefault();
            event.stopPropagation();
            onDemand.showReactors(message, reaction.emoji);
          },
        },
        reactionEmoji(reaction.emoji, shown),
        h("span", { "aria-hidden": "true" }, reaction.count),
      )
    ),
    rights.has("messages.add_reactions") && context.list &&
      iconButton("react", t("react"), (event) => react(message, event.currentTarget), { className: "small" }),
  );
}

export const react = (message, anchor) =>
  onDemand.pickEmoji(anchor, {
    serverID: message.server_id,
    onpick: (emoji) => attempt(() => toggleReaction(message, emoji.reaction)),
  });
