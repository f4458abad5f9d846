// Finding old messages: words, and filters that stand before them as chips.

import { folded } from "../../kernel/folded.js";
import { h, patch } from "../../dom/element.js";
import { keyOf } from "../../dom/keys.js";
import { api } from "../../server/api.js";
import { learnPlaces } from "../../server/servers.js";
import { afterEvent } from "../../store/message-list.js";
import { nameOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t, upTo } from "../../texts/text.js";
import { button, empty, iconButton, select } from "../common/controls.js";
import { showMenu } from "../common/dialog.js";
import { Island } from "../common/island.js";
import { loading, loadingFailed, whenConnected } from "../common/loading.js";
import { messageCard } from "../panels/message-card.js";
import { dateOf, FILTERS, readQuery, takeFilters } from "./query.js";

const PAGE = 25;
const AFTER_MS = 350;

export class SearchPanel extends Island {
  constructor({ query }) {
    super("div", "panel-scroll search");
    this.chips = [];
    this.words = query ?? "";
    this.scope = "server";
    this.sort = "newest";
    this.watch(["users", "adults", "day"], () => this.results && this.render());
    this.hear((name, data) => this.#follow(name, data));
    this.atEnd(whenConnected(() => this.error && this.#search()));
    this.atEnd(() => clearTimeout(this.timer));
    this.render();
    if (query) this.#search();
  }

  #follow(name, data) {
    const results = this.results && afterEvent(this.results, name, data, store.state.channels);
    if (results === this.results) return;
    this.results = results;
    this.render();
  }

  update({ query }) {
    if (!query || query === this.asked) return;
    this.asked = this.words = query;
    this.#search();
  }

  render() {
    if (this.isOver) return;
    patch(this.element, [
      h("div", { key: "head", class: "search-head", role: "search" }, this.#field(), this.#options()),
      h("div", { key: "results", class: "results" }, this.#content()),
    ]);
  }

  #field() {
    return h(
      "div",
      { class: "search-field" },
      this.chips.map((chip, index) =>
        h(
          "span",
          { key: `${chip.name}:${chip.value}`, class: "chip" },
          t(`filter.${chip.name}`),
          ": ",
          chip.value,
          iconButton(
            "close",
            t("filter.remove", { name: `${t(`filter.${chip.name}`)} ${chip.value}` }),
            () => this.#remove(index),
            { className: "tiny" },
          ),
        )
      ),
      h("input", {
        key: "input",
        type: "search",
        id: "search-words",
        autofocus: true,
        "aria-label": t("search"),
        placeholder: this.chips.length > 0 ? "" : t("search.hint"),
        autocomplete: "off",
        value: this.words,
        oninput: (event) => this.#write(event),
        onkeydown: (event) => this.#keyDown(event),
      }),
      iconButton("add", t("filter.add"), (event) => this.#offer(event.currentTarget), { className: "small" }),
    );
  }

  #options() {
    const { route } = store.state;
    const scopes = [
      route.channel && ["channel", t("search.channel")],
      route.server !== "@me" && ["server", t("search.server")],
      ["all", t("search.all")],
    ].filter(Boolean);
    if (!scopes.some(([name]) => name === this.scope)) this.scope = scopes.at(-1)[0];
    return h(
      "div",
      { class: "row" },
      select(t("search.where"), {
        id: "search-scope",
        value: this.scope,
        options: scopes,
        onchange: (scope) => this.#set({ scope }),
      }),
      select(t("search.sort"), {
        id: "search-sort",
        value: this.sort,
        options: [["newest", t("search.newest")], ["best", t("search.best")]],
        onchange: (sort) => this.#set({ sort }),
      }),
    );
  }

  #content() {
    if (this.error) return loadingFailed(this.error, () => this.#search());
    if (!this.results) return this.isSearching ? loading() : h("p", { class: "soft" }, t("search.help"));
    if (this.results.length === 0) return empty("search", t("search.none"), t("search.none-text"));
    return [
      h("p", { key: "count", class: "soft", role: "status" }, this.#found()),
      this.results.map((message) => messageCard(message)),
      this.hasMore && button(t("more"), () => this.#search(this.results), { kind: "wide", key: "more" }),
    ];
  }

  /** How many there are; of more than a page the server says only that. */
  #found() {
    const count = this.results.length;
    if (this.sort === "best" && count === PAGE) return t("search.found-best", { count });
    return t("search.found", { count: this.hasMore ? upTo(count, count) : count });
  }

  #set(change) {
    Object.assign(this, change);
    this.#search();
  }

  #write(event) {
    const field = event.target;
    const { taken, rest, caret } = takeFilters(field.value, field.selectionEnd);
    this.words = rest;
    if (taken.length > 0) {
      this.#take(taken);
      field.value = rest;
      field.setSelectionRange(caret, caret);
    }
    this.#later();
  }

  #keyDown(event) {
    const key = keyOf(event);
    if (key === "Enter") {
      const { words, filters } = readQuery(this.words);
      this.#take(filters);
      this.words = event.target.value = words;
      this.#search();
    } else if (key === "Backspace" && event.target.selectionEnd === 0 && this.chips.length > 0) {
      this.#remove(this.chips.length - 1);
    } else if (key === "ArrowDown") this.element.querySelector(".results button")?.focus();
    else return;
    event.preventDefault();
  }

  #remove(index) {
    this.chips.splice(index, 1);
    this.#search();
    this.element.querySelector("#search-words").focus();
  }

  #offer(anchor) {
    showMenu(
      anchor,
      Object.entries(FILTERS).map(([name, wants]) => ({
        label: t(`filter.${name}`),
        run: () => (Array.isArray(wants)
          ? showMenu(
            anchor,
            wants.map((value) => ({ label: t(`filter.${name}.${value}`), run: () => this.#addChip(name, value) })),
          )
          : this.#begin(name)),
      })),
      { label: t("filter.add") },
    );
  }

  #addChip(name, value) {
    this.#take([{ name, value }]);
    this.#search();
  }

  /** Of each filter one counts, the last. */
  #take(filters) {
    for (const filter of filters) this.chips = [...this.chips.filter(({ name }) => name !== filter.name), filter];
  }

  #begin(name) {
    const input = this.element.querySelector("#search-words");
    this.words = `${this.words} ${name}:`.trimStart();
    input.value = this.words;
    input.focus();
  }

  #later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#search(), AFTER_MS);
  }

  async #search(before = []) {
    clearTimeout(this.timer);
    const number = (this.number = (this.number ?? 0) + 1);
    Object.assign(this, { error: null, isSearching: true });
    if (before.length === 0) this.results = null;
    const query = await this.#query(before);
    if (!query || query.isVain) {
      this.results = query ? [] : null;
      this.isSearching = this.hasMore = false;
      return this.render();
    }
    this.render();
    try {
      const found = await api.get("/search/messages", query);
      await learnPlaces(found);
      // Only the last question counts.
      if (number !== this.number) return;
      this.results = [...before, ...found];
      this.hasMore = found.length === PAGE && this.sort === "newest";
    } catch (error) {
      if (number === this.number) this.error = error;
    }
    this.isSearching = false;
    this.render();
  }

  /** As the API wants it; null when nothing is asked, `isVain` when nothing can be found. */
  async #query(before) {
    const { route } = store.state;
    if (!this.words.trim() && this.chips.length === 0) return null;
    const query = { q: this.words.trim(), limit: PAGE, sort: this.sort === "best" ? "best" : null };
    if (this.scope === "channel") query.channel_id = route.channel;
    else if (this.scope === "server") query.server_id = route.server;
    for (const { name, value } of this.chips) Object.assign(query, await filter(name, value, route));
    if (before.length > 0) query.before = before.at(-1).id;
    return query;
  }
}

async function filter(name, value, route) {
  switch (name) {
    case "from":
    case "mentions":
      return { [name]: await personNamed(value, route.server) };
    case "in": {
      const channel = [...store.state.channels.values()].find((item) =>
        folded(item.name ?? "") === folded(value) && item.server_id === route.server
      );
      return channel ? { channel_id: channel.id, server_id: null } : { isVain: true };
    }
    case "before":
    case "after":
      return { [name]: Math.floor(dateOf(value) / 1000) };
    default:
      return { [name]: value };
  }
}

/** The id of somebody by user name or by how they are called here. */
async function personNamed(name, serverID) {
  const wanted = folded(name);
  if (wanted === "me") return store.state.me.id;
  for (const user of store.state.users.values()) {
    if (user.username?.toLowerCase() === wanted || folded(nameOf(store.state, user.id, serverID)) === wanted) {
      return user.id;
    }
  }
  const [found] = await api.get("/users/search", { username: name });
  // Nobody is called so: an id that nobody has finds nothing.
  return found?.id ?? "1";
}
