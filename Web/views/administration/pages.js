import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { t } from "../../texts/text.js";
import { button, field } from "../common/controls.js";
import { Section } from "../settings/window.js";

const PAGE = 50;
const AFTER_MS = 300;

/** A list from the API that is searched and goes on page by page. Subclasses give `path`, `cursor` and `entry(item)`. */
export class PagedSection extends Section {
  async load(from = null) {
    const page = await api.get(this.path, {
      q: this.state.query || null,
      limit: PAGE,
      [this.cursor]: from,
      ...this.filter?.(),
    });
    this.state.items = [...(from ? this.state.items : []), ...page];
    this.state.hasMore = page.length === PAGE;
  }

  describe() {
    const { items, hasMore, query = "" } = this.state;
    return [
      this.isSearched &&
      field(t("search"), {
        id: "admin-search",
        type: "search",
        value: query,
        autocomplete: "off",
        oninput: (event) => this.#later(event.target.value),
      }),
      this.head?.(),
      items.length === 0
        ? h("p", { class: "soft" }, t("admin.none"))
        : h("ul", { class: "people" }, items.map((item) => this.entry(item))),
      hasMore && button(t("more"), () => this.attempt(() => this.load(items.at(-1).id)), { kind: "wide" }),
    ];
  }

  #later(query) {
    this.state.query = query;
    this.later(AFTER_MS, () => this.attempt(() => this.load()));
  }

  replace(changed) {
    this.state.items = this.state.items.map((item) => (item.id === changed.id ? changed : item));
  }
}
