// Being reminded of a message later, and what else one is to be reminded of.

import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { t } from "../../texts/text.js";
import { fieldMoment, formatTime } from "../../texts/time.js";
import { button, field, spinner } from "../common/controls.js";
import { Dialog, notify } from "../common/dialog.js";

const PATH = "/users/@me/reminders";
const FIRST_MS = 3_600_000;

export function remindOf(message) {
  const dialog = new Dialog(t("remind"), ({ state, isBusy }) => [
    h(
      "form",
      { onsubmit: submit },
      field(t("remind.time"), {
        id: "remind-time",
        type: "datetime-local",
        required: true,
        autofocus: true,
        value: fieldMoment(Date.now() + FIRST_MS),
      }),
      field(t("remind.note"), { id: "remind-note", maxlength: 500, hint: t("remind.note-hint") }),
      h("footer", null, h("button", { class: "button primary", disabled: isBusy }, t("remind.action"))),
    ),
    h("h3", null, t("remind.waiting")),
    state.items ? list(state.items) : spinner(),
    state.items?.length === 0 && h("p", { class: "soft" }, t("remind.none")),
  ]);
  dialog.attempt(load);

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
            h("span", { class: "soft", dir: "auto" }, item.note ?? t("remind.of-message")),
          ),
          button(t("delete"), () => drop(item), { kind: "danger" }),
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
    const [time, note] = ["#remind-time", "#remind-note"].map((id) => dialog.element.querySelector(id).value);
    dialog.attempt(async () => {
      await api.post(PATH, {
        message_id: message.id,
        note: note.trim() || null,
        remind_at: Math.floor(new Date(time).getTime() / 1000),
      });
      dialog.close();
      notify(t("remind.kept"));
    });
  }
}
