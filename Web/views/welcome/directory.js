// The directory of servers: what there is to join on this instance.

import { h } from "../../dom/element.js";
import { navigate } from "../../kernel/router.js";
import { api } from "../../server/api.js";
import { whenServerIsKnown } from "../../server/servers.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { avatar, button, empty, field, select } from "../common/controls.js";
import { Dialog } from "../common/dialog.js";
import { LoadedView } from "../common/loaded-view.js";
import { onDemand } from "../common/on-demand.js";
import { renderHeader } from "../channel/header.js";

const AFTER_MS = 300;
const PAGE = 24;
/** As far as lists that are ranked go on. */
const FURTHEST = 1000;
const ORDERS = ["relevance", "members", "active", "new", "bumped"];

export class DirectoryPage extends LoadedView {
  get className() {
    return "directory";
  }

  topics() {
    return ["servers"];
  }

  async load() {
    const [categories] = await Promise.all([api.get("/discovery/categories"), this.#find(0)]);
    this.state.categories = categories;
  }

  async #find(offset) {
    const { query, category, sort = "relevance", tag } = this.state;
    const page = await api.get("/discovery/servers", {
      q: query || null,
      category: category || null,
      tag: tag || null,
      sort,
      limit: PAGE,
      offset,
    });
    const before = offset === 0 ? [] : this.state.servers;
    // Between two pages one may have moved into the second.
    const known = new Set(before.map(({ id }) => id));
    this.state.servers = [...before, ...page.servers.filter(({ id }) => !known.has(id))];
    this.state.offset = offset + page.servers.length;
    this.state.total = page.total;
  }

  #again(change) {
    Object.assign(this.state, change);
    this.later(AFTER_MS, () => this.attempt(() => this.#find(0)));
    this.render();
  }

  describe() {
    const { query = "", category = "", sort = "relevance", tag, servers, offset, total } = this.state;
    return [
      h("div", { key: "header" }, renderHeader(null, this.properties.onmenu, t("directory"))),
      h(
        "div",
        { key: "content", class: "directory-content", tabindex: "0", role: "region", "aria-label": t("directory") },
        h(
          "div",
          { class: "directory-search", role: "search" },
          field(t("directory.search"), {
            id: "directory-query",
            type: "search",
            maxlength: 100,
            value: query,
            autocomplete: "off",
            oninput: (event) => this.#again({ query: event.target.value }),
          }),
          select(t("discovery.category"), {
            id: "directory-category",
            value: category,
            options: [
              ["", t("directory.all")],
              ...this.state.categories.filter(({ name, server_count }) => server_count > 0 || name === category)
                .map(({ name }) => [name, t(`category.${name}`)]),
            ],
            onchange: (value) => this.#again({ category: value }),
          }),
          select(t("directory.sort"), {
            id: "directory-sort",
            value: sort,
            options: ORDERS.map((name) => [name, t(`directory.${name}`)]),
            onchange: (value) => this.#again({ sort: value }),
          }),
        ),
        tag && button(t("directory.tag-off", { tag }), () => this.#again({ tag: null }), { kind: "link" }),
        h("p", { class: "count", role: "status" }, t("directory.count", { count: total })),
        servers.length === 0
          ? empty("server", t("directory.none"), t("directory.none-text"))
          : h("ul", { class: "cards" }, servers.map((server) => this.#card(server))),
        offset < total && offset < FURTHEST &&
          button(t("more"), () => this.attempt(() => this.#find(offset)), { kind: "wide", disabled: this.isBusy }),
      ),
    ];
  }

  #card(server) {
    const isMember = store.state.servers.has(server.id);
    return h(
      "li",
      { key: server.id, class: "server-card" },
      h(
        "div",
        { class: "row" },
        avatar({ url: server.icon_url, name: server.name, id: server.id }, { size: 48, className: "square" }),
        h(
          "div",
          { class: "grow two-lines" },
          h("h2", { dir: "auto" }, server.name),
          h("span", { class: "soft" }, figures(server)),
        ),
      ),
      h("p", { dir: "auto" }, server.summary),
      h(
        "ul",
        { class: "tags" },
        h("li", { key: "category" }, h("span", { class: "tag" }, t(`category.${server.category}`))),
        server.tags.map((tag) =>
          h(
            "li",
            { key: tag },
            h("button", { type: "button", class: "tag", onclick: () => this.#again({ tag }) }, tag),
          )
        ),
      ),
      h(
        "div",
        { class: "row end" },
        button(t("directory.preview"), () => preview(server), {
          "aria-label": t("directory.preview-of", { name: server.name }),
        }),
        isMember
          ? h("a", { class: "button", href: `/channels/${server.id}` }, t("directory.visit"))
          : button(t("invite.join"), () => this.attempt(() => join(server.id)), {
            kind: "primary",
            disabled: this.isBusy,
            "aria-label": t("directory.join-of", { name: server.name }),
          }),
      ),
    );
  }
}

const figures = ({ member_count, online_count }) =>
  `${t("members.count", { count: member_count })} · ${t("directory.online", { count: online_count })}`;

async function join(id) {
  await api.post(`/servers/${id}/join`);
  await whenServerIsKnown(id);
  navigate(`/channels/${id}`);
  onDemand.enterServer(id);
}

/** What a server shows to strangers. */
function preview(server) {
  const window = new Dialog(
    server.name,
    (dialog) => {
      const { shown } = dialog.state;
      return [
        h("p", { dir: "auto" }, server.summary),
        h("p", { class: "soft" }, figures(server)),
        shown?.rules.length > 0 && [
          h("h3", null, t("welcome.rules")),
          h(
            "ol",
            { class: "server-rules" },
            shown.rules.map((rule, index) => h("li", { key: index, dir: "auto" }, rule)),
          ),
        ],
        shown?.emojis.length > 0 && [
          h("h3", null, t("directory.emoji")),
          h(
            "p",
            { class: "sample-emoji" },
            shown.emojis.map(({ id, name, url }) =>
              h("img", { key: id, src: url, alt: `:${name}:`, title: `:${name}:`, loading: "lazy" })
            ),
          ),
        ],
        h(
          "footer",
          null,
          store.state.servers.has(server.id)
            ? h(
              "a",
              { class: "button primary", href: `/channels/${server.id}`, onclick: () => dialog.close() },
              t("directory.visit"),
            )
            : button(t("invite.join"), () =>
              dialog.attempt(async () => {
                await join(server.id);
                dialog.close();
              }), { kind: "primary", disabled: dialog.isBusy, autofocus: true }),
        ),
      ];
    },
  );
  window.attempt(async () => window.set({ shown: await api.get(`/servers/${server.id}/preview`) }));
}
