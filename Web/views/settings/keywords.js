import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { channelName, channelTree } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { field, iconButton, toggle } from "../common/controls.js";
import { LoadedView } from "../common/loaded-view.js";

const MOST = 50;
const MOST_EXCLUDED = 100;

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
        { key: "form", class: "row", onsubmit: (event) => this.#add(event) },
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
      keywords.length > 0 && this.#exceptions(),
    ];
  }

  /** Channels whose talk one does not want to be told of. */
  #exceptions() {
    const { server_ids, exclude_channel_ids: excluded } = this.state.alerts;
    const { state } = store;
    const servers = [...state.servers.values()].filter(({ id }) => server_ids?.includes(id) ?? true);
    return h(
      "div",
      { key: "exceptions" },
      h(
        "div",
        { class: "field" },
        h("label", { for: "keywords-except" }, t("keywords.except")),
        h(
          "select",
          {
            id: "keywords-except",
            disabled: excluded.length >= MOST_EXCLUDED,
            onchange: ({ target }) => {
              const id = target.value;
              target.value = "";
              this.#save({ exclude_channel_ids: [...excluded, id] });
            },
          },
          h("option", { value: "", selected: true }, t("keywords.except-choose")),
          servers.map((server) =>
            h(
              "optgroup",
              { key: server.id, label: server.name },
              channelTree(state, server.id).flatMap((group) => group.channels)
                .filter(({ id }) => !excluded.includes(id))
                .map((channel) => h("option", { key: channel.id, value: channel.id }, channel.name)),
            )
          ),
        ),
      ),
      excluded.length > 0 && h(
        "ul",
        { class: "keyword-list", "aria-label": t("keywords.except") },
        excluded.map((id) => {
          const channel = state.channels.get(id);
          const name = channel ? `#${channelName(state, channel, t)}` : t("keywords.gone");
          return h(
            "li",
            { key: id },
            h("span", { dir: "auto" }, name),
            iconButton(
              "close",
              t("keywords.except-remove", { name }),
              () => this.#save({ exclude_channel_ids: excluded.filter((other) => other !== id) }),
              { className: "small" },
            ),
          );
        }),
      ),
    );
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
