import { h } from "../../dom/element.js";
import { customEmoji } from "../../markdown/render.js";
import { api } from "../../server/api.js";
import { toggleReaction } from "../../server/messages.js";
import { inChannel } from "../../store/permissions.js";
import { avatarOf, nameOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { avatar, button, iconButton, spinner } from "../common/controls.js";
import { attempt, Dialog } from "../common/dialog.js";
import { pickEmoji } from "../composer/emoji-picker.js";

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
          key: reaction.emoji, type: "button", class: `reaction${reaction.me ? " own" : ""}`, "aria-pressed": String(reaction.me === true),
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
      ),
    ),
    rights.has("messages.add_reactions") && context.list && iconButton("react", t("react"), (event) => react(message, event.currentTarget), { className: "small" }),
  );
}

export const react = (message, anchor) => pickEmoji(anchor, { serverID: message.server_id, onpick: (emoji) => attempt(() => toggleReaction(message, emoji.reaction)) });

/** Who reacted with what. */
export function showReactors(message, first = message.reactions[0]?.emoji) {
  const dialog = new Dialog(t("reactions"), ({ state }) => [
    h("div", { class: "choice wrap", role: "group", "aria-label": t("reactions") }, message.reactions.map((item) => h("button", { key: item.emoji, type: "button", class: "reaction", "aria-pressed": String(state.emoji === item.emoji), onclick: () => load(item.emoji) }, reactionEmoji(item.emoji), String(item.count)))),
    state.people ? h("ul", { class: "people" }, state.people.map((person) => h("li", { key: person.user_id }, avatar(avatarOf(store.state, person.user_id), { size: 32 }), h("span", { class: "grow", dir: "auto" }, nameOf(store.state, person.user_id, message.server_id, person.username))))) : spinner(),
    state.hasMore && button(t("more"), () => load(state.emoji, state.people)),
  ]);
  const load = (emoji, before = []) => {
    dialog.set({ emoji, people: before.length > 0 ? before : null });
    dialog.attempt(async () => {
      const page = await api.get(`/channels/${message.channel_id}/messages/${message.id}/reactions/${encodeURIComponent(emoji)}`, { limit: 100, after: before.at(-1)?.user_id });
      Object.assign(dialog.state, { people: [...before, ...page], hasMore: page.length === 100 });
    });
  };
  if (first) load(first);
}
