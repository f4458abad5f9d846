import { h } from "../../dom/element.js";
import { api, fetchFile } from "../../server/api.js";
import { t } from "../../texts/text.js";
import { button, select } from "../common/controls.js";
import { Section } from "../settings/window.js";

const LOOK_AGAIN_MS = 1500;

/** The channel's messages as a file. */
export class ExportSection extends Section {
  describe() {
    const { format = "html", job } = this.state;
    return [
      h("p", { class: "soft" }, t("export.about")),
      select(t("export.format"), {
        id: "export-format",
        value: format,
        options: ["html", "txt", "csv", "json"].map((name) => [name, name.toUpperCase()]),
        onchange: (value) => this.set({ format: value }),
      }),
      button(t("export.make"), () => this.attempt(() => this.#make(format)), {
        kind: "primary",
        disabled: this.isBusy,
      }),
      job && h("p", { role: "status" }, job.size > 0 ? t("export.ready") : t("data.working", { share: job.progress })),
      job?.size > 0 && button(t("download"), () => this.attempt(() => this.#download(job))),
    ];
  }

  get path() {
    return `/channels/${this.properties.channelID}/messages/export`;
  }

  async #make(format) {
    this.state.job = await api.post(this.path, { format });
    this.state.made = format;
    this.#watch();
  }

  #watch() {
    setTimeout(async () => {
      const { job } = this.state;
      if (this.isOver || job.size > 0 || job.status === "failed") return;
      await this.attempt(async () => (this.state.job = await api.get(`${this.path}/${job.id}`)));
      this.#watch();
    }, LOOK_AGAIN_MS);
  }

  async #download(job) {
    const url = URL.createObjectURL(await fetchFile(`${this.path}/${job.id}/download`));
    const link = document.createElement("a");
    link.href = url;
    link.download = `transcript.${this.state.made}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }
}
