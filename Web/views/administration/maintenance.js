import { h } from "../../dom/element.js";
import { perTab } from "../../kernel/local.js";
import { api } from "../../server/api.js";
import { t } from "../../texts/text.js";
import { formatTime } from "../../texts/time.js";
import { button, field } from "../common/controls.js";
import { confirm } from "../common/dialog.js";
import { Section } from "../settings/window.js";
import { serverNow } from "../../kernel/clock.js";

const KEPT = "aviary.maintenance";

/** Closing the server for a while: people are told, and come back by themselves. */
export class MaintenanceSection extends Section {
  async load() {
    this.state.maintenance = await api.get("/admin/maintenance");
  }

  describe() {
    const { maintenance } = this.state;
    if (maintenance.enabled) {
      return [
        h(
          "p",
          { class: "notice-line" },
          t(maintenance.begins_at * 1000 > serverNow() ? "admin.maintenance-planned" : "admin.maintenance-on", {
            time: formatTime(maintenance.begins_at * 1000, "f"),
          }),
        ),
        maintenance.message && h("p", { dir: "auto" }, maintenance.message),
        button(
          t("admin.maintenance-end"),
          () => this.attempt(async () => (this.state.maintenance = await api.delete("/admin/maintenance")), t("done")),
          { kind: "primary" },
        ),
      ];
    }
    const { message = "", delay = "60", length = "15" } = begun();
    return h(
      "form",
      { onsubmit: (event) => this.#begin(event), oninput: (event) => keep(event.currentTarget) },
      h("p", { class: "soft" }, t("admin.maintenance-text")),
      field(t("admin.maintenance-message"), { id: "maintenance-message", value: message, maxlength: 512 }),
      field(t("admin.maintenance-delay"), { id: "maintenance-delay", type: "number", min: 0, max: 3600, value: delay }),
      field(t("admin.maintenance-length"), {
        id: "maintenance-length",
        type: "number",
        min: 1,
        max: 1440,
        value: length,
      }),
      h("button", { class: "button danger", disabled: this.isBusy }, t("admin.maintenance-begin")),
    );
  }

  async #begin(event) {
    event.preventDefault();
    const { message, delay, length } = keep(event.currentTarget);
    if (
      !(await confirm(t("admin.maintenance-begin"), t("admin.maintenance-sure"), {
        action: t("admin.maintenance-begin"),
      }))
    ) return;
    await this.attempt(async () => {
      this.state.maintenance = await api.post("/admin/maintenance", {
        message: message.trim() || null,
        closing_in_seconds: Number(delay),
        estimated_downtime_seconds: Number(length) * 60,
      });
      perTab.remove(KEPT);
    });
  }
}

/** What was written and not begun yet, also before one looked at another page. */
const begun = () => JSON.parse(perTab.get(KEPT) ?? "{}");

function keep(form) {
  const values = Object.fromEntries(
    ["message", "delay", "length"].map((name) => [name, form.querySelector(`#maintenance-${name}`).value]),
  );
  perTab.set(KEPT, JSON.stringify(values));
  return values;
}
