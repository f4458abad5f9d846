// Passkeys (WebAuthn Level 3, section 5.1: the JSON forms of options and credentials).

import { api } from "./api.js";

export const hasPasskeys = () => typeof window.PublicKeyCredential?.parseCreationOptionsFromJSON === "function";

/** Logs in with a passkey that the person chooses. Returns the answer of a login. */
export async function authenticateWithPasskey() {
  const options = await api.post("/auth/passkeys/options/authenticate", {}, { withoutLogin: true });
  const credential = await navigator.credentials.get({
    publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options),
  });
  return api.post("/auth/passkeys/authenticate", {
    credential: pick(credential.toJSON(), ["clientDataJSON", "authenticatorData", "signature", "userHandle"]),
  }, { withoutLogin: true });
}

/** Makes a passkey for the one who is logged in. `proof`: the password, and the code of a second factor that is on. */
export async function makePasskey(proof, name) {
  const options = await api.post("/auth/passkeys/options/register", proof);
  const credential = await navigator.credentials.create({
    publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options),
  });
  return api.post("/auth/passkeys/register", {
    credential: pick(credential.toJSON(), ["clientDataJSON", "attestationObject", "transports"]),
    name,
  });
}

/** Browsers add members that the server does not ask for. */
const pick = ({ id, rawId, type, response }, names) => ({
  id,
  rawId,
  type,
  response: Object.fromEntries(names.filter((name) => name in response).map((name) => [name, response[name]])),
});
