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
   * @param {Array} sections `{name, label, Section, properties}`; false ones are left out.
   * @param {{topics: string[], isThere: () => boolean}|null} subject what the settings are of: they end with it.
   */
  constructor(title, sections, chosen, subject = null) {
    super(make(h("dialog", { class: "settings-window", "aria-label": title })));
    this.title = title;
    this.sections = sections.filter(Boolean);
    this.chosen = this.sections.find((section) => section.name === chosen) ?? this.sections[0];
    this.element.addEventListener("close", () => {
      this.destroy();
      this.element.remove();
    });
    if (subject) this.watch(subject.topics, () => subject.isThere() || this.#end());
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

  open(name) {
    if (name === this.chosen.name || !mayLeave(this.element)) return;
    this.chosen = this.sections.find((section) => section.name === name) ?? this.chosen;
    this.render();
    this.element.querySelector(".settings-content").scrollTop = 0;
  }

  #end() {
    this.close();
    notify(t("settings.gone", { name: this.title }));
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

  /** A section of a server hears of that one alone. */
  concerns(data) {
    const { serverID } = this.properties;
    return !serverID || (data.server_id ?? data.id) === serverID;
  }
}
