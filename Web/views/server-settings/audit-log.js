import { h } from "../../dom/element.js";
import { nameOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { formatTime } from "../../texts/time.js";
import { empty } from "../common/controls.js";
import { PagedSection } from "../settings/pages.js";

/** Who changed what, and why. */
export class AuditLogSection extends PagedSection {
  cursor = "before";
  listClass = "audit";
  events = { GUILD_AUDIT_LOG_ENTRY_CREATE: (entry) => this.keep(entry) };

  get path() {
    return `/servers/${this.properties.serverID}/audit-logs`;
  }

  topics() {
    return ["users", `members:${this.properties.serverID}`];
  }

  none() {
    return empty("note", t("audit.none"), null);
  }

  entry(entry) {
    return h("li", { key: entry.id }, this.#details(entry));
  }

  #details(entry) {
    const { serverID } = this.properties;
    const changes = Object.entries(entry.changes ?? {});
    return h(
      "details",
      null,
      h(
        "summary",
        null,
        h("strong", { dir: "auto" }, nameOf(store.state, entry.user_id, serverID)),
        " ",
        entry.action.replaceAll(/[._]/g, " "),
        " ",
        h("bdi", null, this.#target(entry)),
        h("span", { class: "soft" }, ` · ${formatTime(entry.created_at * 1000, "f")}`),
      ),
      entry.reason && h("p", { dir: "auto" }, t("reason"), ": ", entry.reason),
      h(
        "dl",
        { class: "changes" },
        changes.map(([name, value]) => h("div", { key: name }, h("dt", null, name), h("dd", null, changeText(value)))),
      ),
    );
  }

  #target({ target_type, target_id }) {
    const { state } = store;
    if (!target_id) return "";
    if (state.channels.has(target_id)) return `#${state.channels.get(target_id).name}`;
    const role = state.servers.get(this.properties.serverID)?.roles.get(target_id);
    if (role) return `@${role.name}`;
    return state.users.has(target_id) ? nameOf(state, target_id) : `${target_type ?? ""} ${target_id}`;
  }
}

const plain = (
  value,
) => (value === null || value === undefined ? "—" : typeof value === "object" ? JSON.stringify(value) : String(value));

const changeText = (
  value,
) => (value?.hidden === true
  ? t("audit.hidden")
  : value && typeof value === "object" && ("before" in value || "after" in value)
  ? `${plain(value.before)} → ${plain(value.after)}`
  : plain(value));
