// What people have reported.

import { h } from "../../dom/element.js";
import { renderMarkdown } from "../../markdown/render.js";
import { api } from "../../server/api.js";
import { nameOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { formatTime } from "../../texts/time.js";
import { button, select } from "../common/controls.js";
import { ask } from "../common/dialog.js";
import { OperatorList } from "./pages.js";

const STATUSES = ["open", "resolved", "dismissed"];

export class ReportsSection extends OperatorList {
  path = "/admin/reports";
  cursor = "before";

  async learn(reports) {
    const people = new Set(reports.flatMap((report) => [report.reporter_id, report.user_id]));
    const unknown = [...people].filter((id) => !store.state.users.has(id));
    const asked = store.state.told;
    const users = await Promise.all(unknown.map((id) => api.get(`/users/${id}`).catch(() => null)));
    store.apply("USERS", { users: users.filter(Boolean), asked });
  }

  filter() {
    return { status: this.state.status ?? "open" };
  }

  head() {
    return select(t("admin.status"), {
      id: "report-status",
      value: this.state.status ?? "open",
      options: STATUSES.map((name) => [name, t(`admin.report.${name}`)]),
      onchange: (status) => {
        this.state.status = status;
        this.find();
      },
    });
  }

  entry(report) {
    const name = (id) => h("strong", { dir: "auto" }, nameOf(store.state, id));
    return h(
      "li",
      { key: report.id, class: "report" },
      h(
        "div",
        { class: "grow" },
        h(
          "p",
          null,
          name(report.reporter_id),
          " → ",
          name(report.user_id),
          h("span", { class: "tag" }, t(`report.${report.category}`)),
          h("span", { class: "soft" }, ` ${formatTime(report.created_at * 1000, "f")}`),
        ),
        h("p", { dir: "auto" }, report.reason),
        report.details && h("p", { class: "soft", dir: "auto" }, report.details),
        report.content &&
          h("blockquote", null, renderMarkdown(report.content, { state: store.state, serverID: report.server_id })),
        report.note && h("p", { class: "soft", dir: "auto" }, t("admin.note"), ": ", report.note),
      ),
      STATUSES.filter((status) => status !== report.status).map((status) =>
        button(t(`admin.make.${status}`), () => this.#change(report, status), { key: status })
      ),
    );
  }

  async #change(report, status) {
    const note = status === "open"
      ? ""
      : await ask(t(`admin.make.${status}`), t("admin.note"), { required: false, maxlength: 1000 });
    if (note === null) return;
    await this.attempt(async () => {
      await api.patch(`/admin/reports/${report.id}`, { status, note: note.trim() || null });
      this.drop(report.id);
    }, t("done"));
  }
}
