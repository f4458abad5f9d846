// What a template makes, and making a server after it.

import { h, patch } from "../../dom/element.js";
import { navigate } from "../../kernel/router.js";
import { api } from "../../server/api.js";
import { whenServerIsKnown } from "../../server/servers.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { failure, field, spinner } from "../common/controls.js";
import { Island } from "../common/island.js";
import { channelIcon, icon } from "../common/icons.js";

export class TemplatePage extends Island {
  constructor(properties) {
    super("main", "login");
    this.update(properties);
  }

  update({ code }) {
    if (this.code === code) return this.render();
    Object.assign(this, { code, template: null, error: null, isBusy: false });
    this.#load();
    this.render();
  }

  async #load() {
    try {
      this.template = await api.get(`/templates/${encodeURIComponent(this.code)}`);
    } catch (error) {
      this.error = error;
    }
    this.render();
  }

  render() {
    if (this.isOver) return;
    patch(
      this.element,
      h(
        "div",
        { class: "card template" },
        this.template
          ? this.#offer()
          : this.error
          ? [failure(this.error), h("a", { class: "button wide", href: "/" }, t("continue"))]
          : spinner(),
      ),
    );
  }

  #offer() {
    const { name, description, snapshot } = this.template;
    const { display_name, username } = store.state.me;
    return [
      h("p", { class: "hint" }, t("template.offered")),
      h("h1", { dir: "auto" }, name),
      description && h("p", { dir: "auto" }, description),
      h(
        "ul",
        { class: "template-channels", tabindex: "0", "aria-label": t("channels") },
        inOrder(snapshot.channels).map((channel) =>
          h(
            "li",
            { key: channel.id, class: channel.channel_type === "category" ? "category-name" : "" },
            channel.channel_type !== "category" && icon(channelIcon(channel), { size: 18 }),
            h("span", { dir: "auto" }, channel.name),
          )
        ),
      ),
      h("p", { class: "soft" }, t("template.roles", { count: snapshot.roles.length - 1 })),
      h(
        "form",
        { onsubmit: (event) => this.#make(event) },
        field(t("server.name"), {
          id: "server-name",
          minlength: 2,
          maxlength: 100,
          required: true,
          value: t("server.default-name", { name: display_name ?? username }),
        }),
        h("button", { class: "button primary wide", disabled: this.isBusy }, t("server.make")),
      ),
      this.error && failure(this.error),
      h("a", { class: "button link", href: "/" }, t("invite.decline")),
    ];
  }

  async #make(event) {
    event.preventDefault();
    const name = event.target.querySelector("#server-name").value.trim();
    Object.assign(this, { isBusy: true, error: null });
    this.render();
    try {
      const { id } = await api.post(`/templates/${encodeURIComponent(this.code)}`, { name });
      await whenServerIsKnown(id);
      return navigate(`/channels/${id}`, { replace: true });
    } catch (error) {
      this.error = error;
    }
    this.isBusy = false;
    this.render();
  }
}

/** Channels below their categories; those without one come first. */
function inOrder(channels) {
  const within = (category) =>
    channels.filter((channel) => channel.category_id === category).toSorted((a, b) => a.position - b.position);
  return [
    ...within(null).filter((channel) => channel.channel_type !== "category"),
    ...within(null).filter((channel) => channel.channel_type === "category")
      .flatMap((category) => [category, ...within(category.id)]),
  ];
}
