// What users have told the administrators.

import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { formatTime } from "../../texts/time.js";
import { button, select } from "../common/controls.js";
import { ask } from "../common/dialog.js";
import { OperatorList } from "./pages.js";

const STATUSES = ["open", "in_progress", "resolved", "closed"];

export class TicketsSection extends OperatorList {
  path = "/admin/tickets";
  cursor = "before";

  filter() {
    return { status: this.state.status ?? "open" };
  }

  head() {
    return select(t("admin.status"), {
      id: "ticket-status",
      value: this.state.status ?? "open",
      options: STATUSES.map((name) => [name, t(`admin.ticket.${name}`)]),
      onchange: (status) => {
        this.state.status = status;
        this.find();
      },
    });
  }

  entry(ticket) {
    return h(
      "li",
      { key: ticket.id, class: "report" },
      h(
        "div",
        { class: "grow" },
        h(
          "p",
          null,
          h("strong", { dir: "auto" }, ticket.username),
          ticket.category && h("span", { class: "tag" }, t(`admin.ticket.category.${ticket.category}`)),
          ticket.rating && h("span", { class: "tag" }, t("admin.ticket.rating", { count: ticket.rating })),
          h("span", { class: "soft" }, ` ${formatTime(ticket.created_at * 1000, "f")}`),
        ),
        h("p", { dir: "auto", class: "ticket-text" }, ticket.content),
        ticket.notes.map((note) =>
          h(
            "p",
            { key: note.id, class: "ticket-text" },
            h("strong", { dir: "auto" }, note.admin_username ?? ticket.username, ": "),
            h("span", { dir: "auto" }, note.content),
            !note.public && [" ", h("span", { class: "tag" }, t("admin.ticket.private"))],
          )
        ),
        h(
          "div",
          { class: "row" },
          select(t("admin.ticket.state"), {
            id: `status-${ticket.id}`,
            value: ticket.status,
            options: STATUSES.map((name) => [name, t(`admin.ticket.${name}`)]),
            onchange: (status) => this.#change(ticket, "/status", { status }),
          }),
          button(t("admin.ticket.answer"), () => this.#note(ticket, true)),
          button(t("admin.ticket.note"), () => this.#note(ticket, false)),
          ticket.assigned_to !== store.state.me.id &&
            button(t("admin.ticket.take"), () => this.#change(ticket, "", { assigned_to: store.state.me.id })),
        ),
      ),
    );
  }

  #change(ticket, path, change) {
    return this.attempt(async () => {
      const changed = await api.patch(`/admin/tickets/${ticket.id}${path}`, change);
      if (changed.status === this.filter().status) this.keep(changed);
      else this.drop(ticket.id);
    });
  }

  async #note(ticket, isPublic) {
    const kind = isPublic ? "answer" : "note";
    const content = await ask(t(`admin.ticket.${kind}`), t(`admin.ticket.${kind}-label`, { name: ticket.username }), {
      maxlength: 2000,
      action: t(`admin.ticket.${kind}-save`),
      type: "textarea",
    });
    if (!content?.trim()) return;
    await this.attempt(async () => {
      await api.post(`/admin/tickets/${ticket.id}/notes`, { content: content.trim(), public: isPublic });
      this.keep(await api.get(`/admin/tickets/${ticket.id}`));
    }, t("done"));
  }
}
