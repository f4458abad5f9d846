// Roles: their order, their names and colours, and what they allow.

import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { inServer, PERMISSIONS, rank } from "../../store/permissions.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { button, field, iconButton, toggle } from "../common/controls.js";
import { confirm } from "../common/dialog.js";
import { FormSection } from "../settings/form.js";
import { mayLeave } from "../settings/unsaved.js";

export class RolesSection extends FormSection {
  topics() {
    return [`server:${this.properties.serverID}`];
  }

  get server() {
    return store.state.servers.get(this.properties.serverID);
  }

  get path() {
    return `/servers/${this.server.id}/roles`;
  }

  get chosen() {
    return this.server?.roles.get(this.state.chosen);
  }

  values() {
    if (!this.chosen) return {};
    const { name, color, hoist, mentionable, permissions } = this.chosen;
    const all = Object.values(PERMISSIONS).flat().map((key) => [key, Boolean(permissions[key])]);
    return { name, color, hoist, mentionable, permissions: Object.fromEntries(all) };
  }

  describe() {
    if (!this.server) return null;
    const roles = [...this.server.roles.values()].sort((a, b) => b.position - a.position);
    const { chosen } = this;
    return [
      h(
        "div",
        { class: "two-columns" },
        h(
          "div",
          { key: "list" },
          button(t("role.make"), () => this.#make(), { kind: "primary wide" }),
          h(
            "ol",
            { class: "role-list", "aria-label": t("roles") },
            roles.map((role, index) => this.#entry(role, index, roles)),
          ),
          h("p", { class: "soft" }, t("role.order")),
        ),
        h(
          "div",
          { key: chosen?.id ?? "none" },
          chosen ? this.form() : h("p", { class: "soft" }, t("role.choose")),
        ),
      ),
      this.bar(),
    ];
  }

  #choose(id) {
    if (id === this.state.chosen || !mayLeave(this.element)) return;
    this.changes = {};
    this.set({ chosen: id });
  }

  /** Whether a role is below one's own, so that one may touch it. */
  #isBelow(role) {
    return role.position < rank(this.server, store.state.me.id, this.server.member.roles);
  }

  #entry(role, index, roles) {
    const mayMove = !role.is_default && this.#isBelow(role);
    const mayGoUp = mayMove && index > 0 && this.#isBelow(roles[index - 1]);
    const mayGoDown = mayMove && !roles[index + 1]?.is_default;
    return h(
      "li",
      { key: role.id, class: "row" },
      h(
        "button",
        {
          type: "button",
          class: "settings-link",
          "aria-current": this.state.chosen === role.id ? "true" : null,
          onclick: () => this.#choose(role.id),
        },
        h("span", { class: "dot", style: role.color ? { "--role": role.color } : null }),
        h("span", { dir: "auto" }, role.name),
      ),
      iconButton("up", t("role.up", { name: role.name }), () => this.#move(role, 1), {
        className: "small",
        disabled: !mayGoUp,
      }),
      iconButton("down", t("role.down", { name: role.name }), () => this.#move(role, -1), {
        className: "small",
        disabled: !mayGoDown,
      }),
    );
  }

  #move(role, step) {
    this.attempt(async () => {
      for (const changed of await api.patch(this.path, [{ id: role.id, position: role.position + step }])) {
        store.apply("GUILD_ROLE_UPDATE", { server_id: this.server.id, role: changed });
      }
    });
  }

  #make() {
    if (!mayLeave(this.element)) return;
    this.attempt(async () => {
      const role = await api.post(this.path, { name: t("role.new-name") });
      store.apply("GUILD_ROLE_CREATE", { server_id: this.server.id, role });
      this.#choose(role.id);
    });
  }

  fields(draft) {
    const role = this.chosen;
    const change = (values) => this.change(values);
    const isBelow = this.#isBelow(role);
    return [
      h(
        "fieldset",
        { disabled: !isBelow },
        h("legend", { class: "visually-hidden" }, role.name),
        !isBelow && h("p", { class: "notice-line" }, t("role.above")),
        !role.is_default &&
          field(t("role.name"), {
            id: "role-name",
            ...this.text("name"),
            maxlength: 100,
            required: true,
          }),
        !role.is_default &&
          h(
            "div",
            { class: "field" },
            h("label", { for: "role-color" }, t("role.color")),
            h(
              "div",
              { class: "row" },
              h("input", {
                id: "role-color",
                type: "color",
                value: draft.color ?? "#888888",
                oninput: (event) => change({ color: event.target.value }),
              }),
              button(t("role.no-color"), () => change({ color: null }), { kind: "link" }),
            ),
          ),
        !role.is_default &&
          toggle(t("role.hoist"), { id: "role-hoist", checked: draft.hoist, onchange: (hoist) => change({ hoist }) }),
        !role.is_default &&
          toggle(t("role.mentionable"), {
            id: "role-mentionable",
            checked: draft.mentionable,
            onchange: (mentionable) => change({ mentionable }),
          }),
        this.#permissions(draft, change),
      ),
      !role.is_default && isBelow && button(t("role.delete"), () => this.#delete(role), { kind: "danger" }),
    ];
  }

  /** Nobody gives what they do not have. */
  #permissions(draft, change) {
    const own = inServer(store.state, this.server.id);
    return Object.entries(PERMISSIONS).map(([group, names]) =>
      h(
        "section",
        { key: group },
        h("h2", null, t(`permissions.${group}`)),
        names.map((name) =>
          toggle(t(`permission.${name}`), {
            id: `permission-${name}`,
            checked: Boolean(draft.permissions[name]),
            disabled: !own.has(name),
            hint: t(`permission.${name}-text`),
            onchange: (isOn) => change({ permissions: { ...draft.permissions, [name]: isOn } }),
          })
        ),
      )
    );
  }

  async save({ name, color, hoist, mentionable, permissions }) {
    const role = this.chosen;
    const own = inServer(store.state, this.server.id);
    const given = Object.entries(permissions).filter(([key, value]) => own.has(key) || value === role.permissions[key]);
    const body = { permissions: Object.fromEntries(given) };
    if (!role.is_default) Object.assign(body, { name: name.trim(), color, hoist, mentionable });
    store.apply("GUILD_ROLE_UPDATE", {
      server_id: this.server.id,
      role: await api.patch(`${this.path}/${role.id}`, body),
    });
  }

  async #delete(role) {
    if (!(await confirm(t("role.delete"), t("role.delete-text", { name: role.name }), { action: t("delete") }))) return;
    await this.attempt(async () => {
      await api.delete(`${this.path}/${role.id}`);
      store.apply("GUILD_ROLE_DELETE", { server_id: this.server.id, role_id: role.id });
      this.changes = {};
      this.set({ chosen: null });
    });
  }
}
