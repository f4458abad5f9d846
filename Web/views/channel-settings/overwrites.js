// What roles and members may do in a channel beside what they may in the server: allow, deny, or as it is there.

import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { CHANNEL_PERMISSIONS, inChannel } from "../../store/permissions.js";
import { nameOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { button } from "../common/controls.js";
import { showMenu } from "../common/dialog.js";
import { icon } from "../common/icons.js";
import { Section } from "../settings/window.js";

export class OverwritesSection extends Section {
  static isAtOnce = true;

  topics() {
    return [`channel:${this.properties.channelID}`, `server:${this.properties.serverID}`];
  }

  get channel() {
    return store.state.channels.get(this.properties.channelID);
  }

  get server() {
    return store.state.servers.get(this.properties.serverID);
  }

  get path() {
    return `/channels/${this.properties.channelID}/overwrites`;
  }

  async load() {
    this.state.overwrites = await api.get(this.path);
  }

  describe() {
    const { channel, server } = this;
    if (!channel) return null;
    const everyone = [...server.roles.values()].find((role) => role.is_default);
    const { overwrites } = this.state;
    // What the category says is the beginning of what the channel will say for itself.
    const inForce = overwrites.length > 0
      ? overwrites
      : (store.state.channels.get(channel.category_id)?.overwrites ?? []);
    const known = new Set(inForce.map((item) => item.id));
    const begun = [{ id: everyone.id, type: "role", allow: [], deny: [] }, ...(this.state.begun ?? [])];
    const listed = [...inForce, ...begun.filter((item) => !known.has(item.id))];
    const chosen = listed.find((item) => item.id === this.state.chosen) ?? listed[0];
    return [
      overwrites.length === 0 && channel.category_id && h("p", { class: "notice-line" }, t("overwrites.inherited")),
      h(
        "div",
        { class: "two-columns" },
        h(
          "div",
          { key: "list" },
          button([icon("add"), t("overwrites.add")], (event) => this.#add(event.currentTarget, listed), {
            kind: "wide",
          }),
          h(
            "ul",
            { class: "role-list" },
            listed.map((item) =>
              h(
                "li",
                { key: item.id },
                h(
                  "button",
                  {
                    type: "button",
                    class: "settings-link",
                    "aria-current": item === chosen ? "true" : null,
                    onclick: () => this.set({ chosen: item.id }),
                  },
                  icon(item.type === "role" ? "role" : "members", { size: 16 }),
                  h("span", { dir: "auto" }, this.#name(item)),
                ),
              )
            ),
          ),
        ),
        h("div", { key: chosen.id }, this.#editor(chosen, overwrites)),
      ),
    ];
  }

  #name({ id, type }) {
    return type === "role"
      ? (this.server.roles.get(id)?.name ?? t("role.deleted"))
      : nameOf(store.state, id, this.server.id);
  }

  #add(anchor, listed) {
    const there = new Set(listed.map((item) => item.id));
    const roles = [...this.server.roles.values()].filter((role) => !there.has(role.id)).map((role) => ({
      label: role.name,
      icon: "role",
      run: () => this.#begin(role.id, "role"),
    }));
    const members = [...(store.state.members.get(this.server.id)?.byID.keys() ?? [])].filter((id) => !there.has(id))
      .slice(0, 30).map((id) => ({
        label: nameOf(store.state, id, this.server.id),
        icon: "members",
        run: () => this.#begin(id, "member"),
      }));
    showMenu(anchor, [...roles, ...(roles.length && members.length ? ["-"] : []), ...members], {
      label: t("overwrites.add"),
    });
  }

  #begin(id, type) {
    this.state.begun = [...(this.state.begun ?? []), { id, type, allow: [], deny: [] }];
    this.set({ chosen: id });
  }

  #editor(item, overwrites) {
    const own = inChannel(store.state, this.channel);
    const stateOf = (name) => (item.allow.includes(name) ? "allow" : item.deny.includes(name) ? "deny" : "inherit");
    return [
      h("h2", { dir: "auto" }, this.#name(item)),
      CHANNEL_PERMISSIONS.map((name) =>
        h(
          "fieldset",
          { key: name, class: "overwrite", disabled: !own.has(name) },
          h("legend", null, t(`permission.${name}`)),
          h(
            "div",
            { class: "tri-state" },
            ["deny", "inherit", "allow"].map((value) =>
              h(
                "label",
                { key: value, class: value, title: t(`overwrites.${value}`) },
                h("input", {
                  type: "radio",
                  name: `overwrite-${name}`,
                  value,
                  checked: stateOf(name) === value,
                  onchange: () => this.#change(item, name, value),
                }),
                icon({ deny: "close", inherit: "more", allow: "check" }[value], { size: 16 }),
                h("span", { class: "visually-hidden" }, t(`overwrites.${value}`)),
              )
            ),
          ),
        )
      ),
      overwrites.some((other) => other.id === item.id) &&
      button(t("overwrites.remove"), () => this.#remove(item), { kind: "danger" }),
    ];
  }

  #change(item, name, value) {
    const without = (list) => list.filter((other) => other !== name);
    const changed = {
      ...item,
      allow: [...without(item.allow), ...(value === "allow" ? [name] : [])],
      deny: [...without(item.deny), ...(value === "deny" ? [name] : [])],
    };
    const before = this.state.overwrites;
    const isFirst = before.length === 0;
    // Shown at once, and as it was when the server refuses.
    this.state.overwrites = [...before.filter((other) => other.id !== item.id), changed];
    this.state.chosen = item.id;
    this.attempt(async () => {
      const { type, allow, deny } = changed;
      try {
        const kept = await api.put(`${this.path}/${item.id}`, { type, allow, deny });
        // With the first one the channel has taken those of its category along.
        if (isFirst) await this.load();
        else this.state.overwrites = [...before.filter((other) => other.id !== item.id), kept];
      } catch (error) {
        this.state.overwrites = before;
        throw error;
      }
    });
  }

  #remove(item) {
    this.attempt(async () => {
      await api.delete(`${this.path}/${item.id}`);
      this.state.overwrites = this.state.overwrites.filter((other) => other.id !== item.id);
    });
  }
}
