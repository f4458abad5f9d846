import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { session } from "../../server/session.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { button, field } from "../common/controls.js";
import { Dialog } from "../common/dialog.js";
import { logOut } from "../common/log-out.js";
import { passwordRules } from "../login/register.js";
import { Section } from "./window.js";

/** Name, address, password; and the end of the account. */
export class AccountSection extends Section {
  topics() {
    return ["me"];
  }

  describe() {
    const { me } = store.state;
    return [
      h(
        "dl",
        { class: "facts" },
        fact(t("register.username"), me.username, () => this.#change("username")),
        fact(t("register.email"), [
          me.email,
          !me.email_verified && h("span", { class: "tag" }, t("account.unverified")),
        ], () => this.#change("email")),
        fact(t("register.password"), "••••••••••••", () => this.#change("password")),
      ),
      !me.email_verified && store.state.capabilities?.password_reset &&
      button(
        t("account.verify"),
        () => this.attempt(() => api.post("/auth/verify-email/request", { email: me.email }), t("account.verify-sent")),
        { kind: "link" },
      ),
      h("h2", null, t("account.end")),
      h("p", { class: "soft" }, t("account.end-text")),
      h(
        "div",
        { class: "row" },
        button(t("log-out"), logOut),
        button(t("account.delete"), () => this.#delete(), { kind: "danger" }),
      ),
    ];
  }

  #change(what) {
    const dialog = new Dialog(t(`account.change-${what}`), ({ state, isBusy }) =>
      h(
        "form",
        { onsubmit: submit },
        field(t(what === "password" ? "account.new-password" : `register.${what}`), {
          id: "account-value",
          type: what === "password" ? "password" : what === "email" ? "email" : "text",
          value: what === "password" ? "" : store.state.me[what],
          autocomplete: what === "password" ? "new-password" : "off",
          required: true,
          autofocus: true,
          oninput: (event) => what === "password" && dialog.set({ value: event.target.value }),
        }),
        what === "password" && passwordRules(state.value ?? ""),
        what !== "username" &&
          field(t("account.current-password"), {
            id: "account-password",
            type: "password",
            autocomplete: "current-password",
            required: true,
          }),
        h("footer", null, h("button", { class: "button primary", disabled: isBusy }, t("save"))),
      ));
    function submit(event) {
      event.preventDefault();
      const value = event.target.querySelector("#account-value").value;
      const password = event.target.querySelector("#account-password")?.value;
      dialog.attempt(async () => {
        store.apply(
          "USER_UPDATE",
          await api.patch("/users/@me", { [what]: value, ...(password ? { current_password: password } : {}) }),
        );
        dialog.close();
      });
    }
  }

  #delete() {
    const { totp_enabled } = store.state.me;
    const dialog = new Dialog(t("account.delete"), ({ isBusy }) =>
      h(
        "form",
        { onsubmit: submit },
        h("p", null, t("account.delete-text")),
        field(t("account.current-password"), {
          id: "delete-password",
          type: "password",
          autocomplete: "current-password",
          required: true,
          autofocus: true,
        }),
        totp_enabled &&
          field(t("two-factor.code"), { id: "delete-code", autocomplete: "one-time-code", required: true }),
        h(
          "footer",
          null,
          button(t("cancel"), () => dialog.close()),
          h("button", { class: "button danger", disabled: isBusy }, t("account.delete")),
        ),
      ));
    function submit(event) {
      event.preventDefault();
      const password = event.target.querySelector("#delete-password").value;
      const code = event.target.querySelector("#delete-code")?.value;
      dialog.attempt(async () => {
        await api.delete("/users/@me", { password, ...(code ? { code } : {}) });
        session.end("logged-out");
      });
    }
  }
}

const fact = (label, value, change) =>
  h(
    "div",
    null,
    h("dt", null, label),
    h(
      "dd",
      null,
      h("span", { class: "grow" }, value),
      button(t("change"), change, { "aria-label": t("change-of", { name: label }) }),
    ),
  );
