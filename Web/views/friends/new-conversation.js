import { h } from "../../dom/element.js";
import { addressOf, navigate } from "../../kernel/router.js";
import { api } from "../../server/api.js";
import { avatarOf, nameOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { avatar } from "../common/controls.js";
import { Dialog } from "../common/dialog.js";

/** A conversation with a friend, or a group with several. */
export function newConversation() {
  choosePeople(t("conversation.new"), t("conversation.begin"), () => true, async (ids) => {
    const channel = await api.post(
      "/users/@me/channels",
      ids.length === 1 ? { recipient_id: ids[0] } : { recipient_ids: ids },
    );
    store.apply("CHANNEL_CREATE", channel);
    navigate(addressOf(channel));
  });
}

/** Brings friends into a group. */
export function addToGroup(channel) {
  const there = new Set((channel.recipients ?? []).map((user) => user.id));
  choosePeople(t("group.add"), t("group.add-action"), (id) => !there.has(id), async (ids) => {
    for (const id of ids) store.apply("CHANNEL_UPDATE", await api.put(`/channels/${channel.id}/recipients/${id}`));
  });
}

function choosePeople(title, action, fits, work) {
  const dialog = new Dialog(title, ({ state, isBusy }) => {
    const chosen = state.chosen ?? new Set();
    const friends = [...store.state.relationships.values()].filter((item) =>
      item.status === "friend" && fits(item.user_id)
    );
    return h(
      "form",
      { onsubmit: submit },
      friends.length === 0 && h("p", { class: "soft" }, t("friends.nobody")),
      h(
        "ul",
        { class: "people" },
        friends.map(({ user_id }) =>
          h(
            "li",
            { key: user_id },
            h(
              "label",
              { class: "choice-row" },
              h("input", {
                type: "checkbox",
                checked: chosen.has(user_id),
                onchange: (event) => {
                  chosen[event.target.checked ? "add" : "delete"](user_id);
                  dialog.set({ chosen });
                },
              }),
              avatar(avatarOf(store.state, user_id), { size: 32 }),
              h("span", { dir: "auto" }, nameOf(store.state, user_id)),
            ),
          )
        ),
      ),
      h("footer", null, h("button", { class: "button primary", disabled: isBusy || chosen.size === 0 }, action)),
    );
  });
  function submit(event) {
    event.preventDefault();
    dialog.attempt(async () => {
      await work([...dialog.state.chosen]);
      dialog.close();
    });
  }
}
