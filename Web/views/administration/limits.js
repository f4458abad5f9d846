// What is kept out, and what the tiers allow.

import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { language, t } from "../../texts/text.js";
import { fileSize, formatTime } from "../../texts/time.js";
import { button, field } from "../common/controls.js";
import { Dialog } from "../common/dialog.js";
import { Section } from "../settings/window.js";

const LISTS = ["blocked-ips", "banned-usernames", "blocked-hashes"];

export class LimitsSection extends Section {
  async load() {
    const [tiers, ...lists] = await Promise.all([
      api.get("/admin/tiers"),
      ...LISTS.map((name) => api.get(`/admin/${name}`)),
    ]);
    Object.assign(this.state, { tiers, lists: Object.fromEntries(LISTS.map((name, index) => [name, lists[index]])) });
  }

  describe() {
    return [
      LISTS.map((name) => this.#list(name, this.state.lists[name])),
      h("h2", null, t("admin.tiers")),
      this.#tiers(),
    ];
  }

  #list(name, items) {
    return h(
      "section",
      { key: name },
      h("h2", null, t(`admin.${name}`)),
      h(
        "ul",
        { class: "people" },
        items.map((item) =>
          h(
            "li",
            { key: item.value },
            h(
              "span",
              { class: "grow two-lines" },
              h("code", null, item.value),
              h(
                "span",
                { class: "soft" },
                [
                  item.reason,
                  formatTime(item.created_at * 1000, "d"),
                  item.expires_at && t("until", { time: formatTime(item.expires_at * 1000, "f") }),
                ].filter(Boolean).join(" · "),
              ),
            ),
            button(t("delete"), () => this.#remove(name, item), { "aria-label": t("delete-of", { name: item.value }) }),
          )
        ),
      ),
      button(t("admin.add"), () => this.#add(name), { "aria-label": `${t("admin.add")}: ${t(`admin.${name}`)}` }),
    );
  }

  #add(name) {
    const dialog = new Dialog(t(`admin.${name}`), ({ isBusy }) =>
      h(
        "form",
        { onsubmit: (event) => submit(event) },
        field(t(`admin.value.${name}`), { id: "block-value", required: true, autofocus: true, autocomplete: "off" }),
        field(t("reason"), { id: "block-reason", maxlength: 512 }),
        field(t("admin.until"), { id: "block-end", type: "datetime-local" }),
        h("footer", null, h("button", { class: "button primary", disabled: isBusy }, t("save"))),
      ));
    const submit = (event) => {
      event.preventDefault();
      const [value, reason, end] = ["value", "reason", "end"].map((id) =>
        event.target.querySelector(`#block-${id}`).value.trim()
      );
      dialog.attempt(async () => {
        await api.post(`/admin/${name}`, {
          value,
          reason: reason || null,
          expires_at: end ? Math.floor(new Date(end).getTime() / 1000) : null,
        });
        dialog.close();
        await this.reload();
      });
    };
  }

  #remove(name, item) {
    this.attempt(async () => {
      await api.send("DELETE", `/admin/${name}`, { query: { value: item.value } });
      await this.load();
    });
  }

  #tiers() {
    const { tiers } = this.state;
    const rows = Object.keys(tiers[0]?.limits ?? {});
    const show = (
      name,
      value,
    ) => (value === null
      ? "∞"
      : name === "max_file_size"
      ? fileSize(value)
      : new Intl.NumberFormat(language).format(value));
    return h(
      "div",
      { class: "table-scroll", tabindex: "0", role: "region", "aria-label": t("admin.tiers") },
      h(
        "table",
        null,
        h(
          "thead",
          null,
          h(
            "tr",
            null,
            h("th", { scope: "col" }, t("admin.tier")),
            tiers.map((tier) => h("th", { key: tier.name, scope: "col" }, tier.name)),
          ),
        ),
        h(
          "tbody",
          null,
          h(
            "tr",
            null,
            h("th", { scope: "row" }, t("admin.rate")),
            tiers.map((tier) => h("td", { key: tier.name }, `×${tier.rate_multiplier}`)),
          ),
          rows.map((name) =>
            h(
              "tr",
              { key: name },
              h("th", { scope: "row" }, t(`admin.limit.${name}`)),
              tiers.map((tier) => h("td", { key: tier.name }, show(name, tier.limits[name]))),
            )
          ),
        ),
      ),
    );
  }
}
