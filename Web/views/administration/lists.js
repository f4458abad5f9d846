// Jobs, and the log of what administrators did.

import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { nameOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { fileSize, formatTime } from "../../texts/time.js";
import { Section } from "../settings/window.js";
import { OperatorList } from "./pages.js";

const LOOK_AGAIN_MS = 3000;

export class JobsSection extends Section {
  async load() {
    this.state.jobs = await api.get("/admin/jobs", { limit: 100 });
    this.later(LOOK_AGAIN_MS, () => this.reload());
  }

  describe() {
    const { jobs } = this.state;
    if (jobs.length === 0) return h("p", { class: "soft" }, t("admin.none"));
    return h(
      "ul",
      { class: "people" },
      jobs.map((job) =>
        h(
          "li",
          { key: job.id },
          h(
            "span",
            { class: "grow two-lines" },
            h("strong", null, t(`admin.job.${job.type}`), h("span", { class: "tag" }, t(`admin.job.${job.status}`))),
            h(
              "span",
              { class: "soft" },
              [formatTime(job.created_at * 1000, "f"), job.size > 0 && fileSize(job.size), job.error].filter(Boolean)
                .join(" · "),
            ),
          ),
          job.status === "running" &&
            h("progress", { max: 100, value: job.progress, "aria-label": t("admin.progress") }),
        )
      ),
    );
  }
}

export class LogSection extends OperatorList {
  path = "/admin/audit-logs";
  cursor = "before";

  entry(item) {
    return h(
      "li",
      { key: item.id },
      h(
        "details",
        { class: "grow" },
        h(
          "summary",
          null,
          h("strong", { dir: "auto" }, nameOf(store.state, item.admin_id)),
          " ",
          item.action.replaceAll(/[._]/g, " "),
          " ",
          h("code", null, item.target_id ?? ""),
          h("span", { class: "soft" }, ` · ${formatTime(item.created_at * 1000, "f")}`),
        ),
        item.reason && h("p", null, t("reason"), ": ", item.reason),
        h("pre", { class: "changes", tabindex: "0" }, JSON.stringify(item.changes, null, 2)),
      ),
    );
  }
}
