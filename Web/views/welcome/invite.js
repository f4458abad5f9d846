// What an invite leads to, for those who have an account and those who are about to make one.

import { h, patch } from "../../dom/element.js";
import { perTab } from "../../kernel/local.js";
import { addressOf, navigate } from "../../kernel/router.js";
import { api } from "../../server/api.js";
import { whenServerIsKnown } from "../../server/servers.js";
import { session } from "../../server/session.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { avatar, button, failure, spinner } from "../common/controls.js";
import { icon } from "../common/icons.js";
import { Island } from "../common/island.js";
import { onDemand } from "../common/on-demand.js";
import { RegisterForm } from "../login/register.js";
import { LoginPage } from "../login/login.js";

export class InvitePage extends Island {
  constructor(properties) {
    super("main", "login");
    this.watch(["session"], () => this.#look());
    this.isRegistering = true;
    this.update(properties);
  }

  update({ code }) {
    if (this.code === code) return this.render();
    this.code = code;
    // A new account on a server that takes people by invite only needs it once more.
    perTab.set("aviary.invite", code);
    // A forgotten password and other ways in lead back here.
    if (!store.state.session) session.rememberPlace();
    this.#look();
    this.render();
  }

  async #look() {
    this.render();
    if (!store.state.session) return;
    this.error = null;
    try {
      this.invite = await api.get(`/channels/invites/${encodeURIComponent(this.code)}`);
      if (store.state.servers.has(this.invite.server_id)) return await this.#enter();
      // An invite leads somewhere also where nothing more is said of the place.
      this.welcome = await api.get(`/servers/${this.invite.server_id}/welcome-screen`, { invite: this.code })
        .catch(() => null);
    } catch (error) {
      this.error = error;
    }
    this.render();
  }

  render() {
    if (!store.state.session) return patch(this.element, this.#stranger());
    patch(
      this.element,
      h(
        "div",
        { class: "card invite" },
        this.error
          ? [failure(this.error), h("a", { class: "button wide", href: "/" }, t("continue"))]
          : this.invite
          ? this.#offer()
          : spinner(),
      ),
    );
  }

  #offer() {
    const { server_name, icon_url, member_count } = this.invite;
    return [
      avatar({ url: icon_url, name: server_name, id: this.invite.server_id }, { size: 96, className: "square" }),
      h("p", { class: "hint" }, t("invite.invited")),
      h("h1", null, server_name),
      h("p", null, t("invite.members", { count: member_count })),
      this.welcome?.enabled && this.#welcome(),
      button(t("invite.join"), () => this.#join(), { kind: "primary wide", disabled: this.isBusy, autofocus: true }),
      h("a", { class: "button link", href: "/" }, t("invite.decline")),
    ];
  }

  /** What the server says to newcomers. How its channels are called is for those who are in it. */
  #welcome() {
    const { description, channels } = this.welcome;
    const described = channels.filter((channel) => channel.description);
    return [
      description && h("p", { class: "invite-words", dir: "auto" }, description),
      described.length > 0 && h(
        "ul",
        { class: "invite-channels", "aria-label": t("welcome.welcome-screen") },
        described.map(({ channel_id, emoji, description }) =>
          h(
            "li",
            { key: channel_id },
            h("span", { class: "option-emoji", "aria-hidden": "true" }, emoji ?? icon("hash")),
            h("span", { dir: "auto" }, description),
          )
        ),
      ),
    ];
  }

  #stranger() {
    return [
      h(
        "div",
        { key: "words", class: "card" },
        h("h1", null, t("invite.welcome")),
        h("p", null, t("invite.welcome-text")),
        h(
          "div",
          { class: "choice", role: "group", "aria-label": t("invite.welcome") },
          button(t("invite.new"), () => this.#choose(true), { "aria-pressed": String(this.isRegistering) }),
          button(t("register.login"), () => this.#choose(false), { "aria-pressed": String(!this.isRegistering) }),
        ),
      ),
      this.isRegistering
        ? h("div", { key: "register", class: "card" }, h(RegisterForm, { inviteCode: this.code }))
        : h(LoginPage, { key: "login", route: { name: "login" } }),
    ];
  }

  #choose(isRegistering) {
    this.isRegistering = isRegistering;
    this.render();
  }

  async #join() {
    this.isBusy = true;
    this.render();
    try {
      await api.post(`/channels/invites/${encodeURIComponent(this.code)}`);
      this.hasJoined = true;
      await this.#enter();
    } catch (error) {
      this.error = error;
    }
    this.isBusy = false;
    this.render();
  }

  /** Goes to the channel that people were invited to; who does not see it, to the server. */
  async #enter() {
    perTab.remove("aviary.invite");
    const { server_id, channel_id } = this.invite;
    await whenServerIsKnown(server_id);
    if (this.isOver) return;
    const channel = store.state.channels.get(channel_id);
    navigate(channel ? addressOf(channel) : `/channels/${server_id}`, { replace: true });
    if (this.hasJoined) onDemand.enterServer(server_id);
  }
}
