import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { t } from "../../texts/text.js";
import { button, field, iconButton, toggle } from "../common/controls.js";
import { FormSection } from "../settings/form.js";

const MOST = 16;

/** What everybody in the server keeps to, and agrees to when they come. */
export class RulesSection extends FormSection {
  get path() {
    return `/servers/${this.properties.serverID}/rules`;
  }

  async load() {
    this.state.rules = await api.get(this.path);
  }

  values() {
    const { enabled, rules } = this.state.rules;
    return { enabled, rules, reaccept: false };
  }

  fields(draft) {
    const { rules } = draft;
    return [
      h("p", { class: "soft" }, t("rules.about")),
      toggle(t("rules.enabled"), {
        id: "rules-enabled",
        checked: draft.enabled,
        onchange: (enabled) => this.change({ enabled }),
      }),
      h(
        "ol",
        { class: "editable" },
        rules.map((rule, index) =>
          h(
            "li",
            { key: index },
            field(t("rules.one", { number: index + 1 }), {
              id: `rule-${index}`,
              type: "textarea",
              rows: 2,
              value: rule,
              maxlength: 300,
              required: true,
              oninput: (event) => this.change({ rules: rules.with(index, event.target.value) }),
            }),
            iconButton("trash", t("rules.remove", { number: index + 1 }), () =>
              this.change({
                rules: rules.filter((_, at) => at !== index),
              })),
          )
        ),
      ),
      button(t("rules.add"), () => this.#add(rules), { disabled: rules.length >= MOST }),
      toggle(t("rules.reaccept"), {
        id: "rules-reaccept",
        checked: draft.reaccept,
        hint: t("rules.reaccept-hint"),
        onchange: (reaccept) => this.change({ reaccept }),
      }),
    ];
  }

  #add(rules) {
    this.change({ rules: [...rules, ""] });
    this.goTo(`#rule-${rules.length}`);
  }

  async save({ enabled, rules, reaccept }) {
    this.state.rules = await api.put(this.path, { enabled, rules: rules.map((rule) => rule.trim()), reaccept });
    delete this.changes.reaccept;
  }
}
