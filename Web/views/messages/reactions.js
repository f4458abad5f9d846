import { h } from "../../dom/element.js";
import { writtenEmoji } from "../../markdown/custom-emoji.js";
import { toggleReaction } from "../../server/messages.js";
import { inChannel } from "../../store/permissions.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { pickEmoji, showReactors } from "../app/on-demand.js";
import { iconButton } from "../common/controls.js";
import { attempt } from "../common/dialog.js";

const CUSTOM = /^([a-z0-9_]{2,32}):(\d+)$/;

/** An emoji of a reaction: one of Unicode, or `name:id`. `context` is that of `writtenEmoji`. */
export function reactionEmoji(emoji, context = { state: store.state }) {
  const custom = CUSTOM.exec(emoji);
  return custom
    ? writtenEmoji({ name: custom[1], id: custom[2] }, context)
    : h("span", { class: "unicode-emoji" }, emoji);
}

export const emojiName = (emoji) => CUSTOM.exec(emoji)?.[1] ?? emoji;

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
            showReactors(message, reaction.emoji);
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
  pickEmoji(anchor, {
    serverID: message.server_id,
    onpick: (emoji) => attempt(() => toggleReaction(message, emoji.reaction)),
  });
