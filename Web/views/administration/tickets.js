// What users have told the administrators.

import { h } from "../../dom/element.js";
import { t } from "../../texts/text.js";
import { formatTime } from "../../texts/time.js";
import { select } from "../common/controls.js";
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
      ),
    );
  }
}
