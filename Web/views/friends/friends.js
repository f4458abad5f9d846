// Friends: who is there, who asks, whom one has blocked; and how to find somebody.

import { h, patch } from "../../dom/element.js";
import { alongLine } from "../../dom/keys.js";
import { addressOf, navigate } from "../../kernel/router.js";
import { api } from "../../server/api.js";
import { openConversation } from "../../server/servers.js";
import { avatarOf, nameOf, statusOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { explain, t } from "../../texts/text.js";
import { avatar, badge, button, empty, iconButton } from "../common/controls.js";
import { attempt } from "../common/dialog.js";
import { renderHeader } from "../channel/header.js";
import { Island } from "../common/island.js";
import { onDemand } from "../common/on-demand.js";
import { relation } from "../people/relation.js";

const TABS = ["online", "all", "pending", "blocked", "add"];

export class FriendsPage extends Island {
  constructor(properties) {
    super("div", "friends");
    const pending = people("pending_incoming").length > 0;
    this.tab = pending ? "pending" : "online";
    this.watch(["relationships", "presence", "users", "notifications", "panel"], () => this.render());
    this.update(properties);
  }

  update({ onmenu }) {
    this.onmenu = onmenu;
    this.render();
  }

  render() {
    const requests = people("pending_incoming").length;
    patch(this.element, [
      h("div", { key: "header" }, renderHeader(null, this.onmenu, t("friends"))),
      h(
        "div",
        { key: "tabs", class: "tabs", role: "tablist", "aria-label": t("friends") },
        TABS.map((name) =>
          h(
            "button",
            {
              key: name,
              type: "button",
              role: "tab",
              id: `tab-${name}`,
              "aria-selected": String(this.tab === name),
              "aria-controls": "friends-panel",
              tabindex: this.tab === name ? "0" : "-1",
              onclick: () => this.#choose(name),
              onkeydown: (event) => this.#arrow(event),
            },
            t(`friends.${name}`),
            name === "pending" && badge(requests, t("friends.requests", { count: requests })),
          )
        ),
      ),
      h("div", {
        key: "panel",
        class: "friends-panel",
        id: "friends-panel",
        role: "tabpanel",
        "aria-labelledby": `tab-${this.tab}`,
        tabindex: "0",
      }, this.#content()),
    ]);
  }

  #choose(name) {
    this.tab = name;
    this.error = this.done = null;
    this.render();
    this.element.querySelector(`#tab-${name}`).focus();
  }

  #arrow(event) {
    const step = alongLine(event, this.element);
    if (step) this.#choose(TABS[(TABS.indexOf(this.tab) + step + TABS.length) % TABS.length]);
  }

  #content() {
    switch (this.tab) {
      case "online":
        return this.#list(
          people("friend").filter((item) => statusOf(store.state, item.user_id) !== "offline"),
          this.#nobody(),
        );
      case "all":
        return this.#list(people("friend"), this.#nobody());
      case "pending":
        return this.#list(
          [...people("pending_incoming"), ...people("pending_outgoing")],
          empty("friends", t("friends.no-requests"), null),
        );
      case "blocked":
        return this.#list(people("blocked"), empty("friends", t("friends.no-blocks"), null));
      default:
        return this.#adding();
    }
  }

  #nobody() {
    const isNew = store.state.servers.size === 0 && people("friend").length === 0;
    return isNew
      ? empty(
        "server",
        t("welcome.title", { name: store.state.me.display_name ?? store.state.me.username }),
        t("welcome.text"),
        button(t("server.add"), onDemand.addServer, { kind: "primary", key: "server" }),
        button(t("friends.add"), () => this.#choose("add"), { key: "friend" }),
      )
      : empty(
        "friends",
        t("friends.nobody"),
        t("friends.nobody-text"),
        button(t("friends.add"), () => this.#choose("add"), { kind: "primary", key: "add" }),
      );
  }

  #list(items, otherwise) {
    if (items.length === 0) return otherwise;
    return [
      h("h2", { class: "count" }, t(`friends.${this.tab}`), " · ", items.length),
      h("ul", { class: "people large" }, items.map((item) => this.#person(item))),
    ];
  }

  #person({ user_id, status, message }) {
    const { state } = store;
    const name = nameOf(state, user_id);
    const presence = state.presences.get(user_id);
    const note = status === "pending_incoming"
      ? message || t("friends.incoming")
      : status === "pending_outgoing"
      ? t("friends.outgoing")
      : presence?.custom_status || t(`status.${statusOf(state, user_id)}`);
    return h(
      "li",
      { key: user_id },
      h(
        "button",
        {
          type: "button",
          class: "plain person",
          dataset: { user: user_id },
          onclick: (event) => onDemand.showProfile(user_id, event.currentTarget, null),
        },
        avatar(avatarOf(state, user_id), { size: 40, status: status === "friend" ? statusOf(state, user_id) : null }),
        h(
          "span",
          { class: "two-lines" },
          h("strong", { dir: "auto" }, name),
          h("span", { class: "soft", dir: "auto" }, note),
        ),
      ),
      h(
        "span",
        { class: "row" },
        status === "friend"
          ? iconButton("message", t("message.write-to", { name }), () => write(user_id))
          : relation(user_id),
        iconButton(
          "more",
          t("more-about", { name }),
          (event) => onDemand.showPersonMenu(event.currentTarget, user_id, null, null),
        ),
      ),
    );
  }

  #adding() {
    return h(
      "form",
      { class: "add-friend", onsubmit: (event) => this.#add(event) },
      h("h2", null, t("friends.add")),
      h("p", { class: "soft" }, t("friends.add-text")),
      h(
        "div",
        { class: "row" },
        h("input", {
          id: "friend-name",
          "aria-label": t("register.username"),
          placeholder: t("register.username"),
          required: true,
          autocapitalize: "none",
          autocomplete: "off",
          spellcheck: "false",
          maxlength: 32,
        }),
        h("button", { class: "button primary" }, t("friends.ask")),
      ),
      this.error && h("p", { class: "error", role: "alert" }, explain(this.error)),
      this.done && h("p", { class: "good", role: "status" }, t("friends.asked", { name: this.done })),
    );
  }

  async #add(event) {
    event.preventDefault();
    const input = event.target.querySelector("#friend-name");
    const username = input.value.trim().replace(/^@/, "");
    this.error = this.done = null;
    try {
      store.apply("RELATIONSHIP_ADD", await api.post("/relationships", { username }));
      this.done = username;
      input.value = "";
    } catch (error) {
      this.error = error;
    }
    this.render();
  }
}

const people = (status) => [...store.state.relationships.values()].filter((item) => item.status === status);

const write = (userID) => attempt(async () => navigate(addressOf(await openConversation(userID))));
