// A window of settings: sections on one side, the open one beside them.

import { h, make, patch } from "../../dom/element.js";
import { store } from "../../store/store.js";
import { explain, t } from "../../texts/text.js";
import { iconButton, failure, spinner } from "../common/controls.js";
import { notify } from "../common/dialog.js";

export class SettingsWindow {
  /** @param {Array} sections `{name, label, Section, properties}`; false ones are left out. */
  constructor(title, sections, chosen) {
    this.title = title;
    this.sections = sections.filter(Boolean);
    this.chosen = this.sections.find((section) => section.name === chosen) ?? this.sections[0];
    this.element = make(h("dialog", { class: "settings-window", "aria-label": title }));
    document.body.append(this.element);
    this.element.addEventListener("close", () => {
      patch(this.element, []);
      this.element.remove();
    });
    this.render();
    this.element.showModal();
    this.element.querySelector("[aria-current]")?.focus();
  }

  render() {
    const { name, label, Section, properties = {} } = this.chosen;
    patch(this.element, [
      h(
        "nav",
        { key: "nav", "aria-label": this.title },
        h("h2", null, this.title),
        h("ul", null, this.sections.map((section) => h("li", { key: section.name }, h("button", { type: "button", class: "settings-link", "aria-current": section.name === name ? "page" : null, onclick: () => this.open(section.name) }, section.label)))),
      ),
      h("div", { key: "content", class: "settings-content" }, h("header", null, h("h1", null, label), iconButton("close", t("close"), () => this.element.close())), h(Section, { key: name, window: this, ...properties })),
    ]);
  }

  open(name) {
    this.chosen = this.sections.find((section) => section.name === name) ?? this.chosen;
    this.render();
    this.element.querySelector(".settings-content").scrollTop = 0;
  }

  close() {
    this.element.close();
  }
}

/** A section: it loads what it shows, describes itself, and says what went wrong. */
export class Section {
  constructor(properties) {
    this.properties = properties;
    this.element = document.createElement("div");
    this.element.className = "settings-section";
    this.state = {};
    this.isBusy = false;
    this.error = null;
    this.isLoaded = !this.load;
    this.stop = store.watch(this.topics?.() ?? [], () => this.render());
    queueMicrotask(() => (this.load ? this.reload() : this.render()));
  }

  update(properties) {
    this.properties = properties;
    if (this.isLoaded) this.render();
  }

  destroy() {
    this.isOver = true;
    this.stop();
    patch(this.element, []);
  }

  async reload() {
    this.error = null;
    try {
      await this.load();
      this.isLoaded = true;
    } catch (error) {
      this.error = error;
    }
    this.render();
  }

  set(change) {
    Object.assign(this.state, change);
    this.render();
  }

  render() {
    if (this.isOver) return;
    if (!this.isLoaded) return patch(this.element, this.error ? failure(this.error, () => this.reload()) : spinner());
    patch(this.element, [h("div", { key: "content" }, this.describe()), this.error && h("p", { key: "error", class: "error", role: "alert" }, explain(this.error))]);
  }

  #last = Promise.resolve();

  /** Does something after what is being done; what went wrong stands below the section. Whether it went well. */
  attempt(work, done = null) {
    const attempt = this.#last.then(() => this.#attempt(work, done));
    this.#last = attempt;
    return attempt;
  }

  async #attempt(work, done) {
    this.isBusy = true;
    this.error = null;
    this.render();
    let isGood = true;
    try {
      await work();
      if (done) notify(done);
    } catch (error) {
      if (error.name !== "NotAllowedError") this.error = error;
      isGood = false;
    }
    this.isBusy = false;
    this.render();
    return isGood;
  }
}
