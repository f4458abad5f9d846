import { h, patch } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { explain, t } from "../../texts/text.js";
import { field } from "../common/controls.js";
import { Island } from "../common/island.js";
import { passwordRules } from "./register.js";

/** A forgotten password: ask for a link, or come back with one. */
export class ResetForm extends Island {
  constructor() {
    super("form");
    this.element.onsubmit = (event) => this.#submit(event);
    this.token = new URLSearchParams(location.hash.slice(1)).get("token");
    this.value = "";
    this.render();
  }

  update() {
    this.render();
  }

  render() {
    const oninput = (event) => {
      this.value = event.target.value;
      if (this.token) this.render();
    };
    patch(this.element, [
      h("h1", null, t("reset.title")),
      this.isDone
        ? h("p", { key: "done", role: "status" }, t(this.token ? "reset.changed" : "reset.sent"))
        : this.token
        ? field(t("reset.password"), {
          id: "password",
          type: "password",
          value: this.value,
          autocomplete: "new-password",
          required: true,
          autofocus: true,
          oninput,
        })
        : field(t("register.email"), {
          id: "email",
          type: "email",
          value: this.value,
          autocomplete: "email",
          required: true,
          autofocus: true,
          hint: t("reset.hint"),
          oninput,
        }),
      this.token && !this.isDone && passwordRules(this.value),
      this.error && h("p", { class: "error", role: "alert" }, explain(this.error)),
      !this.isDone &&
      h(
        "button",
        { class: "button primary wide", disabled: this.isBusy },
        t(this.token ? "reset.change" : "reset.send"),
      ),
      h("p", { class: "links" }, h("a", { href: "/login" }, t("register.login"))),
    ]);
  }

  async #submit(event) {
    event.preventDefault();
    if (this.isBusy) return;
    Object.assign(this, { isBusy: true, error: null });
    this.render();
    try {
      if (this.token) {
        await api.post("/auth/password-reset/confirm", { token: this.token, password: this.value }, {
          withoutLogin: true,
        });
      } else await api.post("/auth/password-reset/request", { email: this.value.trim() }, { withoutLogin: true });
      this.isDone = true;
    } catch (error) {
      this.error = error;
    }
    this.isBusy = false;
    this.render();
  }
}
