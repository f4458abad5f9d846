import { h } from "../../dom/element.js";
import { customEmoji } from "../../markdown/render.js";
import { toggleReaction } from "../../server/messages.js";
import { inChannel } from "../../store/permissions.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { pickEmoji, showReactors } from "../app/on-demand.js";
import { iconButton } from "../common/controls.js";
import { attempt } from "../common/dialog.js";

const CUSTOM = /^([a-z0-9_]{2,32}):(\d+)$/;

/** An emoji of a reaction: one of Unicode, or `name:id`. */
export function reactionEmoji(emoji) {
  const custom = CUSTOM.exec(emoji);
  return custom ? customEmoji({ name: custom[1], id: custom[2] }) : h("span", { class: "unicode-emoji" }, emoji);
}

export const emojiName = (emoji) => CUSTOM.exec(emoji)?.[1] ?? emoji;

export function renderReactions(message, context) {
  if (message.reactions.length === 0) return null;
  const rights = inChannel(store.state, context.channel);
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
        reactionEmoji(reaction.emoji),
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
