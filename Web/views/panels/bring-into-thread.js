import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { avatarOf, nameOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { avatar, button, field } from "../common/controls.js";
import { Dialog } from "../common/dialog.js";

const FOUND = 20;
/** Letters that come so close together are one question. */
const PAUSE_MS = 250;

/** Looks for members of the server and brings them into a thread, one after the other. */
export function bringIntoThread(thread) {
  let timer = null;
  let asked = 0;
  const dialog = new Dialog(t("thread.bring"), ({ state, isBusy }) => [
    field(t("search"), {
      id: "bring-name",
      type: "search",
      autofocus: true,
      value: state.name ?? "",
      oninput: (event) => {
        state.name = event.target.value;
        clearTimeout(timer);
        timer = setTimeout(look, PAUSE_MS);
      },
    }),
    h(
      "ul",
      { class: "people", "aria-live": "polite" },
      (state.found ?? []).map(({ user_id, username }) => {
        const name = nameOf(store.state, user_id, thread.server_id, username);
        return h(
          "li",
          { key: user_id },
          avatar(avatarOf(store.state, user_id), { size: 32 }),
          h("span", { class: "grow", dir: "auto" }, name),
          state.brought?.has(user_id)
            ? h("span", { class: "soft" }, t("thread.brought"))
            : button(t("add"), () => bring(user_id), {
              disabled: isBusy,
              "aria-label": t("thread.bring-name", { name }),
            }),
        );
      }),
    ),
    state.found?.length === 0 && h("p", { class: "soft" }, t("nobody-found")),
  ], { onclose: () => clearTimeout(timer) });

  async function look() {
    const question = ++asked;
    const members = await api.get(`/servers/${thread.server_id}/members`, {
      query: dialog.state.name?.trim() || null,
      limit: FOUND,
    });
    if (question === asked) dialog.set({ found: members.filter((member) => member.user_id !== store.state.me.id) });
  }

  const bring = (userID) =>
    dialog.attempt(async () => {
      await api.put(`/threads/${thread.id}/members/${userID}`);
      dialog.state.brought = new Set([...(dialog.state.brought ?? []), userID]);
    });

  dialog.attempt(look);
}
