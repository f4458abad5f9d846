import { h, patch } from "../../dom/element.js";
import { perTab } from "../../kernel/local.js";
import { api } from "../../server/api.js";
import { session } from "../../server/session.js";
import { store } from "../../store/store.js";
import { explain, t } from "../../texts/text.js";
import { field } from "../common/controls.js";
import { icon } from "../common/icons.js";
import { Island } from "../common/island.js";
import { ageField, askedAge, isAgeMissing } from "./age.js";

/** A new account. */
export class RegisterForm extends Island {
  constructor({ inviteCode = null }) {
    super("form");
    this.element.onsubmit = (event) => this.#submit(event);
    // The page of an invite has a choice of its own above the form.
    this.hasLink = inviteCode === null;
    this.inviteCode = inviteCode ?? perTab.get("aviary.invite");
    this.fields = { username: "", email: "", password: "" };
    this.age = {};
    this.errors = {};
    this.watch(["capabilities"], () => this.render());
    this.render();
  }

  update() {
    this.render();
  }

  render() {
    const set = (name) => (event) => {
      this.fields[name] = event.target.value;
      if (name === "password") this.render();
    };
    const isClosed = store.state.capabilities?.registration === "closed";
    patch(this.element, [
      h("h1", null, t("register.title")),
      isClosed && h("p", { class: "error" }, t("error.registration-closed")),
      field(t("register.username"), {
        id: "username",
        value: this.fields.username,
        autocomplete: "username",
        autocapitalize: "none",
        spellcheck: "false",
        minlength: 3,
        maxlength: 32,
        pattern: "[A-Za-z0-9_.\\-]+",
        required: true,
        autofocus: true,
        hint: t("register.username-hint"),
        error: this.errors.username,
        oninput: set("username"),
      }),
      field(t("register.email"), {
        id: "email",
        type: "email",
        value: this.fields.email,
        autocomplete: "email",
        required: true,
        error: this.errors.email,
        oninput: set("email"),
      }),
      field(t("register.password"), {
        id: "password",
        type: "password",
        value: this.fields.password,
        autocomplete: "new-password",
        required: true,
        error: this.errors.password,
        oninput: set("password"),
      }),
      passwordRules(this.fields.password),
      askedAge() && ageField(this.age, (age) => (this.age = age), this.errors.age),
      this.errors.other && h("p", { class: "error", role: "alert" }, this.errors.other),
      h("button", { class: "button primary wide", disabled: this.isBusy }, t("register.action")),
      this.hasLink && h("p", { class: "links" }, h("a", { href: "/login" }, t("register.login"))),
    ]);
  }

  async #submit(event) {
    event.preventDefault();
    if (this.isBusy) return;
    Object.assign(this, { isBusy: true, errors: {} });
    this.render();
    try {
      const { username, email, password } = this.fields;
      const body = { username: username.trim(), email: email.trim(), password, ...this.age };
      const result = await api.post(
        "/auth/register",
        this.inviteCode ? { ...body, invite_code: this.inviteCode } : body,
        { withoutLogin: true },
      );
      await session.begin(result);
    } catch (error) {
      this.errors = sort(error);
    }
    this.isBusy = false;
    this.render();
    this.element.querySelector("[aria-invalid]")?.focus();
  }
}

/** Which field an error belongs to. */
function sort(error) {
  const place = {
    "Username already taken": "username",
    "Email already taken": "email",
    "Weak password": "password",
    "Age requirement not met": "age",
  }[error.message];
  if (place) return { [place]: explain(error) };
  if (isAgeMissing(error)) return { age: t("age.invalid") };
  const fields = (error.details ?? []).filter(({ field }) => ["username", "email", "password"].includes(field));
  return fields.length > 0
    ? Object.fromEntries(fields.map(({ field }) => [field, t(`register.invalid-${field}`)]))
    : { other: explain(error) };
}

const RULES = [
  ["length", (password) => [...password].length >= 12],
  ["case", (password) => /\p{Ll}/u.test(password) && /\p{Lu}/u.test(password)],
  ["digit", (password) => /\d/.test(password)],
  ["sign", (password) => /[^\p{L}\p{N}]/u.test(password)],
];

/** What a password must have, and whether it has. */
export const passwordRules = (password) =>
  h(
    "ul",
    { class: "rules", "aria-label": t("password.rules") },
    RULES.map(([name, holds]) => {
      const isMet = holds(password);
      return h(
        "li",
        { key: name, class: isMet ? "met" : "" },
        icon(isMet ? "check" : "more", { size: 16 }),
        t(`password.${name}`),
        h("span", { class: "visually-hidden" }, isMet ? t("password.met") : t("password.unmet")),
      );
    }),
  );
