import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { field, iconButton, toggle } from "../common/controls.js";
import { LoadedView } from "../common/loaded-view.js";

const MOST = 50;

/** The words that one wants to hear of. What is changed counts at once. */
export class Keywords extends LoadedView {
  get className() {
    return "keywords";
  }

  topics() {
    return ["servers"];
  }

  async load() {
    this.state.alerts = await api.get("/users/@me/keyword-alerts");
  }

  describe() {
    const { keywords, server_ids } = this.state.alerts;
    return [
      h("h2", { key: "title" }, t("keywords")),
      h("p", { key: "hint", class: "hint" }, t("keywords.text")),
      h(
        "form",
        { key: "form", class: "row keyword-form", onsubmit: (event) => this.#add(event) },
        field(t("keywords.new"), {
          id: "keyword-new",
          value: this.state.word ?? "",
          minlength: 2,
          maxlength: 50,
          disabled: keywords.length >= MOST,
          oninput: (event) => (this.state.word = event.target.value),
        }),
        h("button", { class: "button", disabled: this.isBusy || keywords.length >= MOST }, t("add")),
      ),
      keywords.length > 0
        ? h(
          "ul",
          { key: "list", class: "keyword-list", "aria-label": t("keywords") },
          keywords.map((word) =>
            h(
              "li",
              { key: word },
              h("span", { dir: "auto" }, word),
              iconButton("close", t("keywords.remove", { word }), () => this.#remove(word), { className: "small" }),
            )
          ),
        )
        : h("p", { key: "none", class: "soft" }, t("keywords.none")),
      store.state.servers.size > 0 && toggle(t("keywords.everywhere"), {
        key: "everywhere",
        id: "keywords-everywhere",
        checked: server_ids === null,
        onchange: (isEverywhere) =>
          this.#save({ server_ids: isEverywhere ? null : [...store.state.servers.keys()].slice(0, 100) }),
      }),
      server_ids !== null && h(
        "div",
        { key: "servers", role: "group", "aria-label": t("keywords.where") },
        [...store.state.servers.values()].map((server) =>
          toggle(server.name, {
            id: `keywords-${server.id}`,
            checked: server_ids.includes(server.id),
            onchange: (isIn) =>
              this.#save({
                server_ids: isIn ? [...server_ids, server.id] : server_ids.filter((id) => id !== server.id),
              }),
          })
        ),
      ),
    ];
  }

  async #add(event) {
    event.preventDefault();
    const word = (this.state.word ?? "").trim();
    const { keywords } = this.state.alerts;
    if (!word || keywords.includes(word)) return;
    if (await this.#save({ keywords: [...keywords, word] })) this.set({ word: "" });
    this.element.querySelector("#keyword-new")?.focus();
  }

  #remove(word) {
    this.#save({ keywords: this.state.alerts.keywords.filter((item) => item !== word) });
  }

  #save(change) {
    return this.attempt(async () => {
      const { server_ids, ...alerts } = { ...this.state.alerts, ...change };
      // All servers are said by naming none.
      this.state.alerts = await api.put("/users/@me/keyword-alerts", server_ids ? { ...alerts, server_ids } : alerts);
    });
  }
}
