// A window of settings: sections on one side, the open one beside them.

import { h, make, patch } from "../../dom/element.js";
import { t } from "../../texts/text.js";
import { iconButton } from "../common/controls.js";
import { notify, openModal } from "../common/dialog.js";
import { Island } from "../common/island.js";
import { LoadedView } from "../common/loaded-view.js";
import { mayLeave } from "./unsaved.js";

export class SettingsWindow extends Island {
  /**
   * @param {() => {title: string, sections: Array}|null} describe the sections that one has a right to, `{name, label,
   *   Section, properties}`, false ones are left out; null where what they are of is not there any more.
   * @param {string[]} topics on which it is asked again.
   */
  constructor(describe, chosen, topics = []) {
    super(make(h("dialog", { class: "settings-window" })));
    this.describe = describe;
    this.#take(describe(), chosen);
    this.element.addEventListener("close", () => {
      this.destroy();
      this.element.remove();
    });
    this.watch(topics, () => this.#follow());
    this.render();
    this.close = openModal(this.element, () => this.leave());
    this.element.querySelector("[aria-current]")?.focus();
  }

  render() {
    const { name, label, Section, properties = {} } = this.chosen;
    patch(this.element, [
      h(
        "nav",
        { key: "nav", "aria-label": this.title },
        h("h2", null, this.title),
        h(
          "ul",
          null,
          this.sections.map((section) =>
            h(
              "li",
              { key: section.name },
              h("button", {
                type: "button",
                class: "settings-link",
                "aria-current": section.name === name ? "page" : null,
                onclick: () => this.open(section.name),
              }, section.label),
            )
          ),
        ),
      ),
      h(
        "div",
        { key: "content", class: "settings-content" },
        h("header", null, h("h1", null, label), iconButton("close", t("close"), () => this.leave())),
        Section.isAtOnce && h("p", { key: `${name}-at-once`, class: "soft" }, t("settings.at-once")),
        h(Section, { key: name, window: this, ...properties }),
      ),
    ]);
  }

  /** @param {string|null} field what the section is gone to for, once it is there. */
  open(name, field = null) {
    if (name === this.chosen.name || !mayLeave(this.element)) return;
    this.chosen = this.sections.find((section) => section.name === name) ?? this.chosen;
    this.goal = field;
    this.render();
    this.element.querySelector(".settings-content").scrollTop = 0;
    if (field) this.element.querySelector("[aria-current]").focus();
  }

  /** A section has come, or has changed. */
  reached(section) {
    const goal = this.goal && section.querySelector(this.goal);
    if (!goal) return;
    this.goal = null;
    goal.focus();
    goal.scrollIntoView({ block: "center" });
  }

  #take({ title, sections }, chosen) {
    this.title = title;
    this.sections = sections.filter(Boolean);
    this.chosen = this.sections.find((section) => section.name === chosen) ?? this.sections[0];
    this.element.setAttribute("aria-label", title);
  }

  /** Names change, and so does what one has a right to; a section goes with the right to it. */
  #follow() {
    const now = this.describe();
    if (!now) return this.#end("settings.gone");
    const before = this.#outline;
    this.#take(now, this.chosen.name);
    if (!this.chosen) return this.#end("settings.not-allowed");
    if (this.#outline !== before) this.render();
  }

  get #outline() {
    return JSON.stringify([this.title, this.sections.map((section) => section.name)]);
  }

  #end(text) {
    this.close();
    notify(t(text, { name: this.title }));
  }

  /** Closes the window, unless something in it is not saved. */
  leave() {
    if (mayLeave(this.element)) this.close();
  }
}

/** A section of such a window. */
export class Section extends LoadedView {
  /** Whether each change is saved as it is made, without a form. */
  static isAtOnce = false;

  get className() {
    return "settings-section";
  }

  render() {
    super.render();
    if (this.isLoaded) this.properties.window?.reached(this.element);
  }

  /** A section of a server hears of that one alone. */
  concerns(data) {
    const { serverID } = this.properties;
    return !serverID || (data.server_id ?? data.id) === serverID;
  }
}
