// Being reminded of a message later, and what else one is to be reminded of.

import { h } from "../../dom/element.js";
import { addressOf, navigate } from "../../kernel/router.js";
import { api } from "../../server/api.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { fieldMoment, formatTime } from "../../texts/time.js";
import { button, field, spinner } from "../common/controls.js";
import { Dialog, notify } from "../common/dialog.js";
import { snippet, wordless } from "../common/message-text.js";
import { readyTimes } from "./remind-times.js";

const FIRST = "hour";
const PATH = "/users/@me/reminders";

export function remindOf(message) {
  const dialog = new Dialog(t("remind"), ({ state, isBusy }) =>
    state.moment_ms && [
      h(
        "form",
        { onsubmit: submit },
        h(
          "div",
          { class: "choice", role: "group", "aria-label": t("remind.ready") },
          readyTimes().map(([name, moment_ms]) =>
            button(readyName(name, moment_ms), () => choose(name), {
              key: name,
              autofocus: name === FIRST,
              "aria-pressed": String(name === state.ready),
            })
          ),
        ),
        field(t("remind.time"), {
          id: "remind-time",
          type: "datetime-local",
          required: true,
          value: fieldMoment(state.moment_ms),
          onchange: ({ target }) =>
            target.value && dialog.set({ ready: null, moment_ms: new Date(target.value).getTime() }),
        }),
        field(t("remind.note"), { id: "remind-note", maxlength: 500, hint: t("remind.note-hint") }),
        h("footer", null, h("button", { class: "button primary", disabled: isBusy }, t("remind.action"))),
      ),
      h("h3", null, t("remind.waiting")),
      state.items ? list(state.items) : spinner(),
      state.items?.length === 0 && h("p", { class: "soft" }, t("remind.none")),
    ]);
  choose(FIRST);
  dialog.element.querySelector("[autofocus]").focus();
  dialog.attempt(load);

  /** A while is counted from the press. */
  function choose(ready) {
    dialog.set({ ready, moment_ms: Object.fromEntries(readyTimes())[ready] });
  }

  async function load() {
    dialog.state.items = await api.get(PATH);
  }

  function list(items) {
    return h(
      "ul",
      { class: "people" },
      items.map((item) =>
        h(
          "li",
          { key: item.id },
          h(
            "span",
            { class: "grow two-lines" },
            h("strong", null, formatTime(item.remind_at * 1000, "f")),
            whatOf(item, () => dialog.close()),
          ),
          button(t("delete"), () => drop(item), {
            kind: "danger",
            "aria-label": t("delete-of", { name: formatTime(item.remind_at * 1000, "f") }),
          }),
        )
      ),
    );
  }

  const drop = (item) =>
    dialog.attempt(async () => {
      await api.delete(`${PATH}/${item.id}`);
      await load();
    });

  function submit(event) {
    event.preventDefault();
    const note = dialog.element.querySelector("#remind-note").value;
    dialog.attempt(async () => {
      await api.post(PATH, {
        message_id: message.id,
        note: note.trim() || null,
        remind_at: Math.floor(dialog.state.moment_ms / 1000),
      });
      dialog.close();
      notify(t("remind.kept"));
    });
  }
}

const readyName = (name, moment_ms) => t(`remind.ready.${name}`, { time: formatTime(moment_ms, "t") });

/** One's own words, or what the message says where it is loaded; it leads there. */
function whatOf({ channel_id, message_id, note }, close) {
  const { channels, messages } = store.state;
  const channel = channels.get(channel_id);
  const message = messages.get(channel_id)?.items.find(({ id }) => id === message_id);
  const said = message && (message.content ? snippet(message.content) : wordless(message));
  const text = note ?? said ?? t("remind.of-message");
  if (!channel) return h("span", { class: "soft", dir: "auto" }, text);
  const go = () => {
    close();
    navigate(addressOf(channel, message_id));
  };
  return h("button", { type: "button", class: "plain link", dir: "auto", onclick: go }, text);
}
