import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { t } from "../../texts/text.js";
import { relativeTime } from "../../texts/time.js";
import { button } from "../common/controls.js";
import { confirm } from "../common/dialog.js";
import { Section } from "./window.js";

/** Where one is logged in. */
export class SessionsSection extends Section {
  async load() {
    this.state.sessions = await api.get("/auth/sessions");
  }

  describe() {
    const { sessions } = this.state;
    return [
      h("p", { class: "soft" }, t("sessions.about")),
      h(
        "ul",
        { class: "people" },
        sessions.map((item) =>
          h(
            "li",
            { key: item.id },
            h(
              "span",
              { class: "grow two-lines" },
              h(
                "strong",
                null,
                deviceName(item.user_agent),
                item.current && h("span", { class: "tag" }, t("sessions.this")),
              ),
              h(
                "span",
                { class: "soft" },
                `${item.ip_address} · ${t("sessions.used", { time: relativeTime(item.last_activity * 1000) })}`,
              ),
            ),
            !item.current && button(t("sessions.end"), () => this.#end(item), { kind: "danger" }),
          )
        ),
      ),
      sessions.length > 1 && button(t("sessions.end-others"), () => this.#endOthers(), { kind: "danger" }),
    ];
  }

  #end(item) {
    this.attempt(async () => {
      await api.delete(`/auth/sessions/${item.id}`);
      this.state.sessions = this.state.sessions.filter((other) => other !== item);
    });
  }

  async #endOthers() {
    if (
      !(await confirm(t("sessions.end-others"), t("sessions.end-others-text"), { action: t("sessions.end-others") }))
    ) return;
    await this.attempt(async () => {
      await api.post("/auth/sessions/revoke-all", { except_current: true });
      await this.load();
    });
  }
}

const BROWSERS = [["Edg/", "Edge"], ["OPR/", "Opera"], ["Firefox/", "Firefox"], ["Chrome/", "Chrome"], [
  "Safari/",
  "Safari",
], ["curl/", "curl"]];
const SYSTEMS = [["Android", "Android"], ["iPhone", "iPhone"], ["iPad", "iPad"], ["Windows", "Windows"], [
  "Mac OS",
  "macOS",
], ["Linux", "Linux"]];

/** A browser and a system, as far as its own words tell. */
export function deviceName(text) {
  const find = (list) => list.find(([sign]) => text?.includes(sign))?.[1];
  return [find(BROWSERS), find(SYSTEMS)].filter(Boolean).join(", ") || text || t("sessions.unknown");
}
