import { h } from "../../dom/element.js";
import { api, fetchFile } from "../../server/api.js";
import { t } from "../../texts/text.js";
import { fileSize, formatTime } from "../../texts/time.js";
import { button } from "../common/controls.js";
import { withProof } from "./reauthenticate.js";
import { Section } from "./window.js";

const LOOK_AGAIN_MS = 2000;

/** Everything that the server holds on one, as a file. */
export class DataSection extends Section {
  async load() {
    this.state.jobs = await api.get("/users/@me/data-export");
    const isGoingOn = this.state.jobs.some((job) => ["pending", "running"].includes(job.status));
    if (isGoingOn) this.later(LOOK_AGAIN_MS, () => this.reload());
  }

  describe() {
    return [
      h("p", { class: "soft" }, t("data.about")),
      button(t("data.make"), () =>
        this.attempt(async () => {
          if (await withProof(() => api.post("/users/@me/data-export"))) await this.load();
        }), { kind: "primary" }),
      h(
        "ul",
        { class: "people" },
        this.state.jobs.map((job) =>
          h(
            "li",
            { key: job.id },
            h(
              "span",
              { class: "grow two-lines" },
              h("strong", null, formatTime(job.created_at * 1000, "f")),
              h(
                "span",
                { class: "soft" },
                job.size > 0 ? fileSize(job.size) : t("data.working", { share: job.progress }),
              ),
            ),
            job.size > 0 && button(t("download"), () => this.attempt(() => download(job))),
          )
        ),
      ),
    ];
  }
}

async function download(job) {
  const url = URL.createObjectURL(await fetchFile(`/users/@me/data-export/${job.id}/download`));
  const link = document.createElement("a");
  link.href = url;
  link.download = "aviary-export.zip";
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
