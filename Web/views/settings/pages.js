import { h } from "../../dom/element.js";
import { compareIDs } from "../../kernel/snowflake.js";
import { api } from "../../server/api.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { button, field } from "../common/controls.js";
import { Section } from "./window.js";

const AFTER_MS = 300;

/**
 * A list of the API that goes on page by page. Subclasses give `path`; `cursor`, which is `before` where the newest comes
 * first and `after` where the oldest does; `entry(item)`; `none()`, for an empty list; and where they need them `filter()`,
 * `learn(items, asked)`, `search` (`{id, label, parameter}`) and `head()`.
 */
export class PagedSection extends Section {
  pageSize = 50;
  listClass = "people";

  get search() {
    return null;
  }

  idOf(item) {
    return item.id;
  }

  /** As much as was there. */
  async load() {
    await this.#load([], this.state.items?.length ?? 0);
  }

  /** Begins anew with another question. */
  find() {
    return this.attempt(() => this.following(() => this.#load([], 0)));
  }

  #more() {
    return this.attempt(() => this.following(() => this.#load(this.state.items, 0)));
  }

  async #load(before, least) {
    let items = before;
    let page;
    do {
      const asked = store.state.told;
      page = await api.get(this.path, {
        ...(this.search ? { [this.search.parameter]: this.state.query || null } : {}),
        limit: this.pageSize,
        [this.cursor]: items.length > 0 ? this.idOf(items.at(-1)) : null,
        ...this.filter?.(),
      });
      await this.learn?.(page, asked);
      items = [...items, ...page];
    } while (page.length === this.pageSize && items.length < least);
    Object.assign(this.state, { items, hasMore: page.length === this.pageSize });
  }

  /** Takes in what has come or has changed, at its place; it may lie beyond what is loaded. */
  keep(item) {
    const id = this.idOf(item);
    const { items, hasMore } = this.state;
    if (items.some((other) => this.idOf(other) === id)) {
      this.state.items = items.map((other) => (this.idOf(other) === id ? item : other));
      return;
    }
    const direction = this.cursor === "before" ? 1 : -1;
    const next = items.findIndex((other) => direction * compareIDs(id, this.idOf(other)) > 0);
    if (next >= 0) this.state.items = [...items.slice(0, next), item, ...items.slice(next)];
    else if (!hasMore) this.state.items = [...items, item];
  }

  drop(id) {
    this.state.items = this.state.items.filter((item) => this.idOf(item) !== id);
  }

  describe() {
    const { items, hasMore, query = "" } = this.state;
    return [
      this.search &&
      field(this.search.label, {
        id: this.search.id,
        type: "search",
        value: query,
        autocomplete: "off",
        oninput: (event) => this.findSoon(event.target.value),
      }),
      this.head?.(),
      items.length === 0
        ? this.none()
        : h("ul", { key: "list", class: this.listClass }, items.map((item) => this.entry(item))),
      hasMore && button(t("more"), () => this.#more(), { kind: "wide" }),
    ];
  }

  findSoon(query = this.state.query) {
    this.state.query = query;
    this.later(AFTER_MS, () => this.find());
  }
}
