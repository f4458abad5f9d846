import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { t } from "../../texts/text.js";
import { avatar, button, select } from "../common/controls.js";
import { ask } from "../common/dialog.js";
import { Section } from "../settings/window.js";

const PAGE = 50;
const STATES = ["pending", "listed", "rejected", "hidden"];

/** Which servers stand in the directory. */
export class DiscoverySection extends Section {
  async load() {
    await this.#load([]);
  }

  async #load(before) {
    this.state.status ??= "";
    const page = await api.get("/admin/discovery", {
      status: this.state.status || null,
      limit: PAGE,
      after: before.at(-1)?.server_id ?? null,
    });
    this.state.items = [...before, ...page];
    this.state.hasMore = page.length === PAGE;
  }

  describe() {
    const { items, hasMore, status } = this.state;
    return [
      h("p", { class: "soft" }, t("admin.discovery-about")),
      select(t("admin.status"), {
        id: "discovery-status",
        value: status,
        options: [["", t("directory.all")], ...STATES.map((name) => [name, t(`discovery.state-${name}`)])],
        onchange: (chosen) => {
          this.state.status = chosen;
          this.attempt(() => this.#load([]));
        },
      }),
      items.length === 0
        ? h("p", { class: "soft" }, t("admin.none"))
        : h("ul", { class: "people" }, items.map((item) => this.#entry(item))),
      hasMore && button(t("more"), () => this.attempt(() => this.#load(items)), { kind: "wide" }),
    ];
  }

  #entry(item) {
    const { server_id, name, summary, tags, category, language, member_count, status, reason, enabled } = item;
    const act = (label, next, kind = "") =>
      status !== next && button(label, () => this.#decide(item, next), {
        kind,
        disabled: this.isBusy,
        "aria-label": `${label}: ${name}`,
      });
    return h(
      "li",
      { key: server_id, class: "report" },
      avatar({ url: item.icon_url, name, id: server_id }, { size: 40, className: "square" }),
      h(
        "div",
        { class: "grow" },
        h("strong", { dir: "auto" }, name),
        " ",
        h("span", { class: "tag" }, enabled ? t(`discovery.state-${status}`) : t("discovery.state-off")),
        h("blockquote", { dir: "auto" }, summary),
        h(
          "p",
          { class: "soft" },
          [
            t(`category.${category}`),
            ...tags,
            language,
            t("members.count", { count: member_count }),
            reason && t("measure.reason", { reason }),
          ].filter(Boolean).join(" · "),
        ),
        h(
          "div",
          { class: "row" },
          act(t("discovery.list"), "listed", "primary"),
          act(t("discovery.reject"), "rejected"),
          act(t("discovery.hide"), "hidden", "danger"),
        ),
      ),
    );
  }

  async #decide({ server_id, name }, status) {
    const reason = status === "listed"
      ? ""
      : await ask(name, t("reason"), { action: t("confirm"), required: false, hint: t("discovery.reason-hint") });
    if (reason === null) return;
    await this.attempt(async () => {
      const changed = await api.put(`/admin/discovery/${server_id}`, { status, reason: reason.trim() || null });
      this.state.items = this.state.items.map((item) => (item.server_id === server_id ? changed : item))
        .filter((item) => !this.state.status || item.status === this.state.status);
    }, t("done"));
  }
}
