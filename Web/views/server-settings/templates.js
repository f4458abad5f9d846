import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { t } from "../../texts/text.js";
import { button, empty, field } from "../common/controls.js";
import { copyText } from "../common/copy.js";
import { confirm } from "../common/dialog.js";
import { Section } from "../settings/window.js";

const MOST = 5;

/** Patterns of the server, to make others after it. */
export class TemplatesSection extends Section {
  get path() {
    return `/servers/${this.properties.serverID}/templates`;
  }

  async load() {
    this.state.templates = await api.get(this.path);
  }

  describe() {
    const { templates } = this.state;
    return [
      h("p", { class: "soft" }, t("templates.about")),
      templates.length < MOST && this.#form(),
      templates.length === 0
        ? empty("copy", t("templates.none"), null)
        : h("ul", { class: "people templates" }, templates.map((template) => this.#entry(template))),
    ];
  }

  #form() {
    return h(
      "form",
      {
        key: "form",
        onsubmit: (event) => {
          event.preventDefault();
          const form = event.target;
          const name = form.querySelector("#template-name").value.trim();
          const description = form.querySelector("#template-description").value.trim() || null;
          this.attempt(async () => {
            this.state.templates = [...this.state.templates, await api.post(this.path, { name, description })];
            form.reset();
          });
        },
      },
      field(t("template.name"), { id: "template-name", maxlength: 100, required: true, autocomplete: "off" }),
      field(t("template.description"), { id: "template-description", maxlength: 120, autocomplete: "off" }),
      h("button", { class: "button primary", disabled: this.isBusy }, t("template.make")),
    );
  }

  #entry(template) {
    const { code, name, description, usage_count, is_dirty } = template;
    const link = `${location.origin}/templates/${code}`;
    return h(
      "li",
      { key: code },
      h(
        "span",
        { class: "grow two-lines" },
        h("strong", { dir: "auto" }, name),
        description && h("span", { dir: "auto" }, description),
        h("a", { href: `/templates/${code}`, onclick: () => this.properties.window.close() }, link),
        h(
          "span",
          { class: "soft" },
          t("template.used", { count: usage_count }),
          is_dirty && ` · ${t("template.dirty")}`,
        ),
      ),
      button(t("copy"), () => copyText(link), { "aria-label": t("template.copy", { name }) }),
      is_dirty && button(t("template.renew"), () => this.#renew(code), {
        disabled: this.isBusy,
        "aria-label": t("template.renew-of", { name }),
      }),
      button(t("delete"), () => this.#delete(template), { kind: "danger", "aria-label": t("delete-of", { name }) }),
    );
  }

  #renew(code) {
    return this.attempt(async () => {
      const renewed = await api.put(`${this.path}/${code}`, {});
      this.state.templates = this.state.templates.map((other) => (other.code === code ? renewed : other));
    }, t("done"));
  }

  async #delete({ code, name }) {
    if (!(await confirm(t("delete"), t("template.delete-text", { name }), { action: t("delete") }))) return;
    await this.attempt(async () => {
      await api.delete(`${this.path}/${code}`);
      this.state.templates = this.state.templates.filter((other) => other.code !== code);
    });
  }
}
