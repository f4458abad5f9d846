import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { t } from "../../texts/text.js";
import { field, select } from "../common/controls.js";
import { Dialog, notify } from "../common/dialog.js";

const CATEGORIES = ["spam", "harassment", "hate", "violence", "sexual", "self_harm", "illegal", "other"];

/** Tells those who run this server of a message or a person. */
export function report({ message = null, userID = null }) {
  const dialog = new Dialog(t("report"), ({ state, isBusy }) =>
    h(
      "form",
      { onsubmit: submit },
      h("p", null, t("report.text")),
      select(t("report.category"), {
        id: "report-category",
        value: state.category ?? "spam",
        options: CATEGORIES.map((name) => [name, t(`report.${name}`)]),
        onchange: (category) => dialog.set({ category }),
      }),
      field(t("report.reason"), { id: "report-reason", type: "textarea", maxlength: 512, required: true }),
      h("footer", null, h("button", { class: "button danger", disabled: isBusy }, t("report.send"))),
    ));
  function submit(event) {
    event.preventDefault();
    const reason = event.target.querySelector("#report-reason").value.trim();
    const body = { reason, category: dialog.state.category ?? "spam" };
    dialog.attempt(async () => {
      if (message) await api.post("/reports/messages", { ...body, message_id: message.id });
      else await api.post("/reports/users", { ...body, user_id: userID });
      dialog.close();
      notify(t("report.thanks"));
    });
  }
}
