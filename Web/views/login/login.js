// Coming in: log in with a password, a passkey or another provider, the second factor, a new account, a forgotten password.

import { adopt, h, patch } from "../../dom/element.js";
import { perTab } from "../../kernel/local.js";
import { api } from "../../server/api.js";
import { authenticateWithPasskey, hasPasskeys } from "../../server/passkeys.js";
import { followMaintenance } from "../../server/maintenance.js";
import { session } from "../../server/session.js";
import { store } from "../../store/store.js";
import { explain, t } from "../../texts/text.js";
import { maintenanceText } from "../common/maintenance.js";
import { button, field } from "../common/controls.js";
import { Island } from "../common/island.js";
import { icon } from "../common/icons.js";
import { ageField, isAgeMissing } from "./age.js";
import { RegisterForm } from "./register.js";
import { ResetForm } from "./reset.js";

/** The form that came with the page, until it is taken over. */
const formOfThePage = () => [...document.querySelectorAll("#app > .login")].find((element) => !element.described);

export class LoginPage extends Island {
  constructor(properties) {
    super(formOfThePage() ?? "main", "login");
    const written = (id) => this.element.querySelector(id)?.value ?? "";
    this.fields = { username: written("#username"), password: written("#password"), code: "" };
    this.error = null;
    this.isBusy = false;
    this.challenge = null;
    this.ended = perTab.get("aviary.ended");
    this.watch(["capabilities", "maintenance"], () => this.render());
    const isSubmitted = this.element.querySelector("form[data-is-submitted]") !== null;
    this.update(properties);
    if (isSubmitted) this.#logIn();
    this.#ask();
  }

  update({ route, invite = null }) {
    this.route = route;
    this.invite = invite;
    if (["channel", "admin"].includes(route.name)) session.rememberPlace();
    this.render();
    if (route.name === "single-sign-on" && !this.isReturning) this.#finishSingleSignOn();
    if (route.name === "verify-email" && !this.isVerifying) this.#verify();
  }

  /** What this server offers. */
  async #ask() {
    followMaintenance();
    try {
      store.apply("CAPABILITIES", await api.send("GET", "/capabilities", { withoutLogin: true }));
    } catch {
      // The form alone works too.
    }
  }

  render() {
    const show = this.element.described ? patch : adopt;
    show(
      this.element,
      h("div", { class: "card" }, h("div", { class: "logo", "aria-hidden": "true" }), this.#content()),
    );
  }

  #content() {
    if (this.route.name === "register") return h(RegisterForm, { key: "register" });
    if (this.route.name === "reset-password") return h(ResetForm, { key: "reset" });
    if (this.route.name === "verify-email") return this.#verification();
    if (this.challenge) return this.#secondFactor();
    if (this.unfinished) return this.#ageForm();
    return this.#login();
  }

  #login() {
    const capabilities = store.state.capabilities;
    return h(
      "form",
      { key: "login", onsubmit: (event) => this.#submit(event) },
      h("h1", null, t("login.title")),
      this.ended && this.ended !== "logged-out" &&
        h("p", { class: "notice-line", role: "status" }, t(`login.${this.ended}`)),
      store.state.maintenance &&
        h(
          "p",
          { key: "maintenance", class: "notice-line", role: "status" },
          maintenanceText(),
          store.state.maintenance.isRunning && [h("br", null), t("maintenance.login")],
        ),
      field(t("login.name"), {
        id: "username",
        value: this.fields.username,
        autocomplete: "username webauthn",
        autocapitalize: "none",
        spellcheck: "false",
        required: true,
        autofocus: true,
        oninput: (event) => (this.fields.username = event.target.value),
      }),
      field(t("login.password"), {
        id: "password",
        type: "password",
        value: this.fields.password,
        autocomplete: "current-password",
        required: true,
        oninput: (event) => (this.fields.password = event.target.value),
      }),
      this.#failure(),
      h("button", { class: "button primary wide", disabled: this.isBusy }, t("login.action")),
      hasPasskeys() && capabilities?.passkeys !== false &&
        button([icon("key"), t("login.passkey")], () => this.#usePasskey(), { kind: "wide" }),
      (capabilities?.oauth_providers ?? []).map((provider) =>
        button(t("login.with", { provider }), () => this.#beginSingleSignOn(provider), { kind: "wide", key: provider })
      ),
      h(
        "p",
        { class: "links" },
        capabilities?.registration !== "closed" && h("a", { href: "/register" }, t("login.register")),
        capabilities?.password_reset && h("a", { href: "/reset-password" }, t("login.forgotten")),
      ),
    );
  }

  #secondFactor() {
    return h(
      "form",
      { key: "second", onsubmit: (event) => this.#submitCode(event) },
      h("h1", null, t("two-factor.title")),
      h("p", { class: "hint" }, t("two-factor.text")),
      field(t("two-factor.code"), {
        id: "code",
        value: this.fields.code,
        autocomplete: "one-time-code",
        inputmode: "text",
        autocapitalize: "none",
        maxlength: 32,
        required: true,
        autofocus: true,
        ref: (node) => setTimeout(() => node.querySelector?.("input")?.focus()),
        oninput: (event) => (this.fields.code = event.target.value),
      }),
      this.#failure(),
      h("button", { class: "button primary wide", disabled: this.isBusy }, t("login.action")),
      button(t("back"), () => this.#set({ challenge: null, error: null }), { kind: "link" }),
    );
  }

  #verification() {
    return h(
      "div",
      { key: "verify" },
      h("h1", null, t("verify.title")),
      h("p", { role: "status" }, this.error ? explain(this.error) : t(this.isVerified ? "verify.done" : "loading")),
      (this.error || this.isVerified) && h("a", { class: "button primary wide", href: "/" }, t("continue")),
    );
  }

  #failure() {
    return this.error && h("p", { class: "error", role: "alert" }, explain(this.error));
  }

  #set(change) {
    Object.assign(this, change);
    this.render();
  }

  async #attempt(work) {
    if (this.isBusy) return;
    this.#set({ isBusy: true, error: null });
    try {
      await work();
    } catch (error) {
      if (error.name !== "NotAllowedError") this.error = error;
      // The second step is over; the first has to be done again.
      if (error.message === "Expired token") this.challenge = null;
    }
    this.#set({ isBusy: false });
  }

  #submit(event) {
    event.preventDefault();
    this.#logIn();
  }

  #logIn() {
    const { username, password } = this.fields;
    this.#attempt(async () =>
      this.#proceed(await api.post("/auth/login", { username: username.trim(), password }, { withoutLogin: true }))
    );
  }

  #submitCode(event) {
    event.preventDefault();
    const code = this.fields.code.trim().replace(/\s/g, "");
    this.#attempt(async () =>
      this.#proceed(await api.post("/auth/2fa", { challenge_token: this.challenge, code }, { withoutLogin: true }))
    );
  }

  #usePasskey() {
    this.#attempt(async () => this.#proceed(await authenticateWithPasskey()));
  }

  #beginSingleSignOn(provider) {
    this.#attempt(async () => {
      const { authorization_url, state } = await api.send("GET", `/auth/oauth/${provider}/login`, {
        withoutLogin: true,
      });
      perTab.set("aviary.sign-on", JSON.stringify({ provider, state }));
      location.assign(authorization_url);
    });
  }

  /** The provider has sent the browser back. */
  #finishSingleSignOn() {
    this.isReturning = true;
    const parameters = new URLSearchParams(location.search);
    const begun = JSON.parse(perTab.get("aviary.sign-on") ?? "null");
    perTab.remove("aviary.sign-on");
    this.#attempt(async () => {
      // Another state means that somebody else began this login.
      if (!begun || begun.state !== parameters.get("state") || !parameters.get("code")) {
        throw new Error(t("login.sign-on-failed"));
      }
      await this.#finish({ provider: begun.provider, code: parameters.get("code"), state: begun.state });
    });
  }

  /** Finishes a login at another provider. An account that is new may have to be of age: then its owner is asked. */
  async #finish({ provider, ...answer }) {
    try {
      this.#proceed(await api.post(`/auth/oauth/${provider}/callback`, answer, { withoutLogin: true }));
    } catch (error) {
      if (!isAgeMissing(error)) throw error;
      this.#set({ unfinished: { provider, ...answer } });
    }
  }

  #ageForm() {
    return h(
      "form",
      {
        key: "age",
        onsubmit: (event) => {
          event.preventDefault();
          this.#attempt(() => this.#finish(this.unfinished));
        },
      },
      h("h1", null, t("register.title")),
      ageField(this.unfinished, (age) => Object.assign(this.unfinished, age)),
      this.#failure(),
      h("button", { class: "button primary wide", disabled: this.isBusy }, t("register.action")),
    );
  }

  /** The token stands in the fragment, which browsers do not send to servers. */
  #verify() {
    this.isVerifying = true;
    const token = new URLSearchParams(location.hash.slice(1)).get("token") ?? "";
    this.#attempt(async () => {
      await api.post("/auth/verify-email/confirm", { token }, { withoutLogin: true });
      this.isVerified = true;
    });
  }

  async #proceed(result) {
    if (result.status === "two_factor_required") {
      this.#set({ challenge: result.challenge_token, error: null });
      setTimeout(() => this.element.querySelector("#code")?.focus());
      return;
    }
    this.fields = { username: "", password: "", code: "" };
    // From its own address the page goes on by itself, and an invite stays where it is.
    const staysHere = ["login", "register", "invite"].includes(store.state.route.name);
    await session.begin(result);
    if (!staysHere) session.goBack();
  }
}
