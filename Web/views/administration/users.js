// The accounts of the server, and what an operator may do about them.

import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { t } from "../../texts/text.js";
import { formatTime } from "../../texts/time.js";
import { avatar, button, select, toggle } from "../common/controls.js";
import { ask, confirm, Dialog, showMenu } from "../common/dialog.js";
import { OperatorList } from "./pages.js";

export class UsersSection extends OperatorList {
  path = "/admin/users";
  cursor = "after";
  isSearched = true;

  entry(user) {
    const notes = [
      user.email,
      user.tier,
      user.admin && t("admin.is-admin"),
      user.bot && t("bot"),
      user.totp_enabled && "2FA",
      user.locked_at && t("admin.locked"),
      user.deleted_at
        ? t("admin.deleted")
        : user.deletion_at && t("admin.leaving", { time: formatTime(user.deletion_at * 1000, "D") }),
    ].filter(Boolean);
    return h(
      "li",
      { key: user.id },
      avatar({ url: null, name: user.display_name ?? user.username, id: user.id }, { size: 40 }),
      h(
        "span",
        { class: "grow two-lines" },
        h(
          "strong",
          { dir: "auto" },
          user.display_name ?? user.username,
          h("span", { class: "soft" }, ` @${user.username}`),
        ),
        h("span", { class: "soft" }, notes.join(" · ")),
        h("span", { class: "soft" }, t("admin.since", { time: formatTime(user.created_at * 1000, "D") })),
      ),
      button(t("more"), (event) => showMenu(event.currentTarget, this.#menu(user)), {
        "aria-haspopup": "menu",
        "aria-label": t("more-about", { name: user.username }),
      }),
    );
  }

  #menu(user) {
    const act = (name, isDangerous = false) => ({
      label: t(`admin.act.${name}`),
      isDangerous,
      run: () => this.#act(user, name, isDangerous),
    });
    return [
      user.locked_at ? act("unlock") : act("lock", true),
      act("logout"),
      { label: t("admin.act.rename"), run: () => this.#rename(user) },
      { label: t("admin.act.benefits"), run: () => this.#benefits(user) },
      user.deletion_at ? act("restore") : { label: t("delete"), isDangerous: true, run: () => this.#delete(user) },
    ];
  }

  async #act(user, name, isDangerous) {
    if (isDangerous && !(await confirm(t(`admin.act.${name}`), t("admin.sure", { name: user.username })))) return;
    await this.attempt(async () => this.keep(await api.post(`/admin/users/${user.id}/${name}`)), t("done"));
  }

  async #rename(user) {
    const username = await ask(t("admin.act.rename"), t("register.username"), {
      required: false,
      maxlength: 32,
      hint: t("admin.rename-hint"),
    });
    if (username === null) return;
    await this.attempt(
      async () =>
        this.keep(await api.post(`/admin/users/${user.id}/force-rename`, { username: username.trim() || null })),
      t("done"),
    );
  }

  async #delete(user) {
    if (!(await confirm(t("delete"), t("admin.delete-text", { name: user.username }), { action: t("delete") }))) return;
    await this.attempt(async () => this.keep(await api.delete(`/admin/users/${user.id}`)), t("done"));
  }

  /** Tier and badges. */
  #benefits(user) {
    const path = `/admin/users/${user.id}`;
    const dialog = new Dialog(user.username, ({ state }) =>
      state.tiers && [
        select(t("admin.tier"), {
          id: "tier",
          value: state.benefits.tier,
          options: state.tiers.map((tier) => [tier.name, tier.name]),
          onchange: (tier) =>
            dialog.attempt(async () => {
              state.benefits = await api.put(`${path}/tier`, { tier });
              this.reload();
            }),
        }),
        h("h3", null, t("admin.badges")),
        state.badges.map((badge) =>
          toggle(badge.display_name, {
            id: `badge-${badge.name}`,
            hint: badge.description,
            checked: state.benefits.badges.some((item) => item.name === badge.name),
            onchange: (isOn) =>
              dialog.attempt(
                async () => (state.benefits = await api[isOn ? "put" : "delete"](`${path}/badges/${badge.name}`)),
              ),
          })
        ),
      ]);
    dialog.attempt(async () => {
      const [tiers, badges, benefits] = await Promise.all([
        api.get("/admin/tiers"),
        api.get("/admin/badges"),
        api.get(`${path}/features`),
      ]);
      Object.assign(dialog.state, { tiers, badges, benefits });
    });
  }
}
