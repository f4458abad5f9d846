// Proving again who one is, for what a stolen login must not do.

import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { hasPasskeys, reauthenticateWithPasskey } from "../../server/passkeys.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { button, field } from "../common/controls.js";
import { Dialog } from "../common/dialog.js";

const wantsProof = (error) =>
  error.status === 403 && error.details?.some(({ message }) => message === "reauthentication");

/** Does something, and once more after a proof if the server asks for one. False when the person gave none. */
export async function withProof(work) {
  try {
    await work();
  } catch (error) {
    if (!wantsProof(error)) throw error;
    if (!(await prove())) return false;
    await work();
  }
  return true;
}

/** Asks for the password, with the second factor if there is one, or for a passkey. Whether it was proved. */
function prove() {
  return new Promise((resolve) => {
    const { totp_enabled } = store.state.me;
    const dialog = new Dialog(t("reauthenticate"), ({ isBusy }) =>
      h(
        "form",
        { onsubmit: submit },
        h("p", null, t("reauthenticate.text")),
        field(t("account.current-password"), {
          id: "proof-password",
          type: "password",
          autocomplete: "current-password",
          required: true,
          autofocus: true,
        }),
        totp_enabled &&
          field(t("two-factor.code"), { id: "proof-code", autocomplete: "one-time-code", required: true }),
        h("p", { class: "soft" }, t("reauthenticate.without")),
        h(
          "footer",
          null,
          hasPasskeys() && button(t("login.passkey"), () => proveWith(reauthenticateWithPasskey)),
          h("button", { class: "button primary", disabled: isBusy }, t("continue")),
        ),
      ), { onclose: (isProved) => resolve(isProved === true) });

    function submit(event) {
      event.preventDefault();
      const password = event.target.querySelector("#proof-password").value;
      const code = event.target.querySelector("#proof-code")?.value.trim();
      proveWith(() => api.post("/auth/reauthenticate", { password, ...(code ? { code } : {}) }));
    }

    async function proveWith(way) {
      if (await dialog.attempt(way)) dialog.close(true);
    }
  });
}
