import { h } from "../../dom/element.js";
import { addressOf, navigate } from "../../kernel/router.js";
import { api } from "../../server/api.js";
import { mayStartPrivateThread, mayStartThread } from "../../store/permissions.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { field, toggle } from "../common/controls.js";
import { Dialog } from "../common/dialog.js";

/** A thread without a message that it comes from, be it for those who are brought into it; in a forum, a post. */
export function startThread(channel) {
  const mayBePrivate = mayStartPrivateThread(store.state, channel);
  const mustBePrivate = !mayStartThread(store.state, channel);
  const title = t(channel.channel_type === "forum" ? "forum.post" : "thread.start");
  const dialog = new Dialog(title, ({ state, isBusy }) => {
    const isPrivate = mustBePrivate || (state.isPrivate ?? false);
    return h(
      "form",
      { onsubmit: submit },
      field(t("name"), {
        id: "thread-name",
        value: state.name ?? "",
        maxlength: 100,
        required: true,
        autofocus: true,
        oninput: (event) => (state.name = event.target.value),
      }),
      mayBePrivate && toggle(t("thread.private"), {
        id: "thread-private",
        checked: isPrivate,
        disabled: mustBePrivate,
        hint: t("thread.private-text"),
        onchange: (isPrivate) => dialog.set({ isPrivate }),
      }),
      isPrivate && toggle(t("thread.invitable"), {
        id: "thread-invitable",
        checked: state.isInvitable ?? true,
        hint: t("thread.invitable-text"),
        onchange: (isInvitable) => dialog.set({ isInvitable }),
      }),
      h("footer", null, h("button", { class: "button primary", disabled: isBusy }, t("make"))),
    );
  });

  function submit(event) {
    event.preventDefault();
    const { name, isPrivate = mustBePrivate, isInvitable = true } = dialog.state;
    if (!name?.trim()) return;
    dialog.attempt(async () => {
      const thread = await api.post(`/channels/${channel.id}/threads`, {
        name: name.trim(),
        ...(isPrivate ? { thread_type: "private", invitable: isInvitable } : {}),
      });
      store.apply("THREAD_CREATE", thread);
      dialog.close();
      navigate(addressOf(thread));
    });
  }
}
