// The second factor and passkeys.

import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { hasPasskeys, makePasskey } from "../../server/passkeys.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { formatTime } from "../../texts/time.js";
import { copyText } from "../common/copy.js";
import { button, field } from "../common/controls.js";
import { ask, Dialog } from "../common/dialog.js";
import { Section } from "./window.js";

export class SecuritySection extends Section {
  async load() {
    const { capabilities } = store.state;
    this.state.status = await api.get("/auth/2fa/status");
    this.state.passkeys = capabilities?.passkeys === false ? null : await api.get("/auth/passkeys");
  }

  describe() {
    const { status, passkeys } = this.state;
    return [
      h("h2", null, t("two-factor")),
      h("p", { class: "soft" }, t("two-factor.about")),
      status.enabled
        ? [
          h(
            "p",
            { class: "good" },
            t("two-factor.on"),
            " ",
            t("two-factor.left", { count: status.backup_codes_remaining }),
          ),
          button(t("two-factor.disable"), () => this.#disable(), { kind: "danger" }),
        ]
        : button(t("two-factor.enable"), () => this.#enable(), { kind: "primary" }),
      passkeys &&
      [h("h2", null, t("passkeys")), h("p", { class: "soft" }, t("passkeys.about")), this.#passkeys(passkeys)],
    ];
  }

  #passkeys(passkeys) {
    return [
      h(
        "ul",
        { class: "people" },
        passkeys.map((passkey) =>
          h(
            "li",
            { key: passkey.id },
            h(
              "span",
              { class: "grow two-lines" },
              h("strong", { dir: "auto" }, passkey.name),
              h("span", { class: "soft" }, t("passkeys.made", { time: formatTime(passkey.created_at * 1000, "D") })),
            ),
            button(t("rename"), () => this.#rename(passkey)),
            button(t("delete"), () => this.#remove(passkey), { kind: "danger" }),
          )
        ),
      ),
      hasPasskeys()
        ? button(t("passkeys.make"), () => this.#make())
        : h("p", { class: "soft" }, t("passkeys.unsupported")),
    ];
  }

  async #enable() {
    const password = await ask(t("two-factor.enable"), t("account.current-password"), {
      type: "password",
      action: t("continue"),
    });
    if (password === null) return;
    await this.attempt(async () => {
      const setup = await api.post("/auth/2fa/enable", { password });
      showSetup(setup, () => this.#turnedOn(setup.backup_codes));
    });
  }

  #turnedOn(codes) {
    store.apply("USER_UPDATE", { ...store.state.me, totp_enabled: true });
    showCodes(codes);
    this.reload();
  }

  #disable() {
    const dialog = new Dialog(t("two-factor.disable"), ({ isBusy }) =>
      h(
        "form",
        { onsubmit: (event) => submit(event) },
        field(t("account.current-password"), {
          id: "disable-password",
          type: "password",
          autocomplete: "current-password",
          required: true,
          autofocus: true,
        }),
        field(t("two-factor.code"), { id: "disable-code", autocomplete: "one-time-code", required: true }),
        h("footer", null, h("button", { class: "button danger", disabled: isBusy }, t("two-factor.disable"))),
      ));
    const submit = (event) => {
      event.preventDefault();
      const [password, code] = ["#disable-password", "#disable-code"].map((id) =>
        event.target.querySelector(id).value.trim()
      );
      dialog.attempt(async () => {
        await api.post("/auth/2fa/disable", { password, code });
        dialog.close();
        await this.reload();
      });
    };
  }

  /** Asks for all that one proves oneself with; null when it is not given. */
  async #proof(title) {
    const password = await ask(title, t("account.current-password"), { type: "password", action: t("continue") });
    if (password === null) return null;
    if (!this.state.status.enabled) return { password };
    const code = await ask(title, t("two-factor.code"), { maxlength: 64, action: t("continue") });
    return code === null ? null : { password, code: code.trim() };
  }

  async #make() {
    const proof = await this.#proof(t("passkeys.make"));
    if (proof === null) return;
    const name = await ask(t("passkeys.make"), t("passkeys.name"), {
      value: t("passkeys.default-name"),
      maxlength: 64,
      action: t("continue"),
    });
    if (name === null) return;
    await this.attempt(async () => {
      await makePasskey(proof, name);
      this.state.passkeys = await api.get("/auth/passkeys");
    }, t("passkeys.done"));
  }

  async #rename(passkey) {
    const name = await ask(t("rename"), t("passkeys.name"), { value: passkey.name, maxlength: 64 });
    if (!name) return;
    await this.attempt(async () => {
      await api.patch(`/auth/passkeys/${passkey.id}`, { name });
      this.state.passkeys = await api.get("/auth/passkeys");
    });
  }

  async #remove(passkey) {
    const proof = await this.#proof(t("delete"));
    if (proof === null) return;
    await this.attempt(async () => {
      await api.delete(`/auth/passkeys/${passkey.id}`, proof);
      this.state.passkeys = await api.get("/auth/passkeys");
    });
  }
}

/** The secret for the app, as a picture and as text, and the first code from it. */
function showSetup({ secret, qr_uri }, done) {
  const picture = `/api/v1/qr?${new URLSearchParams({ data: qr_uri, format: "svg", size: "240" })}`;
  const dialog = new Dialog(t("two-factor.enable"), ({ isBusy }) =>
    h(
      "form",
      { onsubmit: submit },
      h("p", null, t("two-factor.scan")),
      h("img", { class: "qr", src: picture, alt: t("two-factor.picture"), width: 240, height: 240 }),
      h("p", null, t("two-factor.or-type"), " ", h("code", { class: "secret" }, secret.match(/.{1,4}/g).join(" "))),
      field(t("two-factor.first-code"), {
        id: "first-code",
        autocomplete: "one-time-code",
        inputmode: "numeric",
        pattern: "[0-9 ]{6,7}",
        "data-hint": t("two-factor.digits"),
        maxlength: 7,
        required: true,
        autofocus: true,
      }),
      h("footer", null, h("button", { class: "button primary", disabled: isBusy }, t("two-factor.confirm"))),
    ));
  function submit(event) {
    event.preventDefault();
    const code = event.target.querySelector("#first-code").value.replace(/\s/g, "");
    dialog.attempt(async () => {
      await api.post("/auth/2fa/confirm", { code });
      dialog.close();
      done();
    });
  }
}

/** The backup codes, which are shown this once. */
function showCodes(codes) {
  const text = codes.join("\n");
  new Dialog(t("two-factor.codes"), (dialog) => [
    h("p", null, t("two-factor.codes-text")),
    h("ul", { class: "codes" }, codes.map((code) => h("li", { key: code }, h("code", null, code)))),
    h(
      "footer",
      null,
      button(t("copy"), () => copyText(text)),
      h(
        "a",
        { class: "button", download: "aviary-codes.txt", href: `data:text/plain,${encodeURIComponent(text)}` },
        t("download"),
      ),
      button(t("done"), () => dialog.close(), { kind: "primary", autofocus: true }),
    ),
  ]);
}
