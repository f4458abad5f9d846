// What is changed first and saved together. As long as something is not saved, a bar says so, and nothing leads away from
// it but saving and taking back.

import { h } from "../../dom/element.js";
import { t } from "../../texts/text.js";
import { button } from "../common/controls.js";
import { insist, unsavedBar } from "../common/dialog.js";
import { forms } from "./unsaved.js";
import { Section } from "./window.js";

const FORM = "settings-form";

/**
 * A section with a form. Subclasses give `values()`, what is saved by name; `fields(draft)`, the description of the form;
 * `save(draft, changes)`; and where something stands around the form, `above()` and `below()`.
 */
export class FormSection extends Section {
  /** What was changed and is not saved, by name. */
  changes = {};

  constructor(properties) {
    super(properties);
    forms.add(this);
  }

  destroy() {
    forms.delete(this);
    super.destroy();
  }

  get draft() {
    return { ...this.values(), ...this.changes };
  }

  get isChanged() {
    const saved = this.isLoaded ? this.values() : {};
    return Object.entries(this.changes).some(([name, value]) => !isSame(value, saved[name]));
  }

  change(values) {
    Object.assign(this.changes, values);
    this.render();
  }

  /** Goes to what has just been added. */
  goTo(selector) {
    this.element.querySelector(selector)?.focus();
  }

  /** What a text field of the form has: its value, and what hears of another one. */
  text(name) {
    return { value: this.draft[name] ?? "", oninput: (event) => this.change({ [name]: event.target.value }) };
  }

  reset() {
    this.changes = {};
    this.error = null;
    this.render();
  }

  insist() {
    insist(this.element.querySelector(".unsaved"));
  }

  describe() {
    return [this.above?.(), this.form(), this.below?.(), this.bar()];
  }

  form() {
    return h("form", { id: FORM, key: "form", onsubmit: (event) => this.#submit(event) }, this.fields(this.draft));
  }

  bar() {
    return this.isChanged && unsavedBar(t("unsaved"), [
      button(t("unsaved.reset"), () => this.reset(), { disabled: this.isBusy }),
      h("button", { class: "button primary", form: FORM, disabled: this.isBusy }, t("save")),
    ]);
  }

  #submit(event) {
    event.preventDefault();
    if (!this.isChanged || this.isBusy) return;
    const sent = { ...this.changes };
    this.attempt(async () => {
      await this.save(this.draft, sent);
      // What was written meanwhile is not saved yet.
      for (const [name, value] of Object.entries(sent)) if (this.changes[name] === value) delete this.changes[name];
    }, t("saved"));
  }
}

/** An empty field and a value that was never set are the same. */
function isSame(a, b) {
  if (a instanceof File) return false;
  return JSON.stringify(a ?? "") === JSON.stringify(b ?? "");
}
