import { h } from "../../dom/element.js";
import { reactionEmoji } from "../../markdown/custom-emoji.js";
import { api } from "../../server/api.js";
import { avatarOf, nameOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { onDemand } from "../common/on-demand.js";
import { avatar, button, spinner } from "../common/controls.js";
import { Dialog } from "../common/dialog.js";

/** Who reacted with what. */
export function showReactors(message, first = message.reactions[0]?.emoji) {
  const dialog = new Dialog(t("reactions"), ({ state }) => [
    h(
      "div",
      { class: "choice wrap", role: "group", "aria-label": t("reactions") },
      message.reactions.map((item) =>
        h(
          "button",
          {
            key: item.emoji,
            type: "button",
            class: "reaction",
            "aria-pressed": String(state.emoji === item.emoji),
            onclick: () => load(item.emoji),
          },
          reactionEmoji(item.emoji, { state: store.state }),
          String(item.count),
        )
      ),
    ),
    state.people
      ? h(
        "ul",
        { class: "people" },
        state.people.map((person) =>
          h(
            "li",
            { key: person.user_id },
            h(
              "button",
              {
                type: "button",
                class: "plain person",
                dataset: { user: person.user_id },
                onclick: (event) =>
                  onDemand.showProfile(person.user_id, event.currentTarget, message.server_id ?? null),
              },
              avatar(avatarOf(store.state, person.user_id), { size: 32 }),
              h(
                "span",
                { class: "grow", dir: "auto" },
                nameOf(store.state, person.user_id, message.server_id, person.username),
              ),
            ),
          )
        ),
      )
      : spinner(),
    state.hasMore && button(t("more"), () => load(state.emoji, state.people)),
  ]);
  const load = (emoji, before = []) => {
    dialog.set({ emoji, people: before.length > 0 ? before : null });
    dialog.attempt(async () => {
      const page = await api.get(
        `/channels/${message.channel_id}/messages/${message.id}/reactions/${encodeURIComponent(emoji)}`,
        { limit: 100, after: before.at(-1)?.user_id },
      );
      Object.assign(dialog.state, { people: [...before, ...page], hasMore: page.length === 100 });
    });
  };
  if (first) load(first);
}
