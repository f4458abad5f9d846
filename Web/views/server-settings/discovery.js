import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { t } from "../../texts/text.js";
import { formatTime } from "../../texts/time.js";
import { button, field, select, toggle } from "../common/controls.js";
import { FormSection } from "../settings/form.js";

/** How a server stands in the directory. */
export class DiscoverySection extends FormSection {
  get path() {
    return `/servers/${this.properties.serverID}/discovery`;
  }

  async load() {
    const [listing, categories] = await Promise.all([api.get(this.path), api.get("/discovery/categories")]);
    Object.assign(this.state, { listing, categories });
  }

  values() {
    const { enabled, summary, tags, category, language } = this.state.listing;
    return { enabled, summary, tags: tags.join(" "), category: category ?? "community", language };
  }

  above() {
    const { status, reason, bumped_at, enabled } = this.state.listing;
    return [
      h("p", { class: "soft" }, t("discovery.about")),
      status && enabled && h(
        "p",
        { class: status === "listed" ? "soft" : "notice-line", role: "status" },
        t(`discovery.${status}`),
        reason && ` ${t("measure.reason", { reason })}`,
      ),
      status === "listed" && enabled && h(
        "p",
        { class: "row" },
        button(t("discovery.bump"), () => this.#bump(), { disabled: this.isBusy }),
        bumped_at && h("span", { class: "soft" }, t("discovery.bumped", { time: formatTime(bumped_at * 1000, "f") })),
      ),
    ];
  }

  fields(draft) {
    return [
      toggle(t("discovery.enabled"), {
        id: "discovery-enabled",
        checked: draft.enabled,
        onchange: (enabled) => this.change({ enabled }),
      }),
      field(t("discovery.summary"), {
        id: "discovery-summary",
        type: "textarea",
        ...this.text("summary"),
        minlength: 10,
        maxlength: 300,
        required: true,
      }),
      select(t("discovery.category"), {
        id: "discovery-category",
        value: draft.category,
        options: this.state.categories.map(({ name }) => [name, t(`category.${name}`)]),
        onchange: (category) => this.change({ category }),
      }),
      field(t("discovery.tags"), {
        id: "discovery-tags",
        ...this.text("tags"),
        hint: t("discovery.tags-hint"),
        pattern: "( *[a-z0-9\\-]{2,20} *){0,10}",
        autocomplete: "off",
      }),
      field(t("discovery.language"), {
        id: "discovery-language",
        ...this.text("language"),
        hint: t("discovery.language-hint"),
        maxlength: 35,
        autocomplete: "off",
      }),
    ];
  }

  async save({ enabled, summary, tags, category, language }) {
    this.state.listing = await api.put(this.path, {
      enabled,
      summary: summary.trim(),
      tags: tags.split(/[\s,]+/).filter(Boolean),
      category,
      language: language?.trim() || null,
    });
  }

  #bump() {
    return this.attempt(async () => {
      const { bumped_at } = await api.post(`/servers/${this.properties.serverID}/bump`);
      this.state.listing.bumped_at = bumped_at;
    }, t("discovery.bump-done"));
  }
}
