// Sealing for whoever has a public key, by somebody who has one as well: Hybrid Public Key Encryption (RFC 9180) in Auth mode,
// with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and AES-128-GCM, one message each time.
//
// Auth mode, because anybody could seal in Base mode: then whoever hands the keys on could put their own in the place of a
// sender's, and speak as them.

import { joined, utf8 } from "./bytes.js";

const { subtle } = globalThis.crypto;

const X25519 = { name: "X25519" };
const KEY_LENGTH = 32;
/** Of what AES-GCM adds. */
const TAG_LENGTH = 16;
const AUTH = Uint8Array.of(2);
const NOTHING = new Uint8Array();
const VERSION = utf8("HPKE-v1");
/** Sections 4.1 and 5.1: `KEM` and 0x0020; `HPKE` and 0x0020, 0x0001, 0x0001. */
const KEM = joined(utf8("KEM"), Uint8Array.of(0, 0x20));
const SUITE = joined(utf8("HPKE"), Uint8Array.of(0, 0x20, 0, 1, 0, 1));

async function hmac(key, message) {
  const code = await subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await subtle.sign("HMAC", code, message));
}

/** HKDF-Extract (RFC 5869, section 2.2): no salt is as many zeros as a hash is long. */
const extracted = (salt, material) => hmac(salt.length ? salt : new Uint8Array(32), material);

/** HKDF-Expand (RFC 5869, section 2.3) of at most one hash: 32 bytes. */
export async function expanded(key, info, length) {
  return (await hmac(key, joined(info, Uint8Array.of(1)))).slice(0, length);
}

/** Section 4. */
const labelledExtract = (suite, salt, label, material) =>
  extracted(salt, joined(VERSION, suite, utf8(label), material));
const labelledExpand = (suite, key, label, info, length) =>
  expanded(key, joined(Uint8Array.of(0, length), VERSION, suite, utf8(label), info), length);

/** @returns {{privateKey: CryptoKey, publicKey: Uint8Array}} a pair of which the private part does not leave the browser. */
export async function makeKeyPair() {
  const { privateKey, publicKey } = await subtle.generateKey(X25519, false, ["deriveBits"]);
  return { privateKey, publicKey: new Uint8Array(await subtle.exportKey("raw", publicKey)) };
}

async function agreed(privateKey, publicKey) {
  const other = await subtle.importKey("raw", publicKey, X25519, true, []);
  const secret = new Uint8Array(await subtle.deriveBits({ ...X25519, public: other }, privateKey, 256));
  // Of some points all secrets are the same (RFC 7748, section 6.1).
  if (secret.every((byte) => byte === 0)) throw new RangeError("the public key is none");
  return secret;
}

/** Section 4.1, AuthEncap and AuthDecap: what both have from what each has. */
async function shared(secrets, context) {
  const key = await labelledExtract(KEM, NOTHING, "eae_prk", joined(...secrets));
  return await labelledExpand(KEM, key, "shared_secret", context, 32);
}

/** Section 5.1: the key and the nonce of the first message. */
async function schedule(secret, info) {
  const noIdentity = await labelledExtract(SUITE, NOTHING, "psk_id_hash", NOTHING);
  const context = joined(AUTH, noIdentity, await labelledExtract(SUITE, NOTHING, "info_hash", info));
  const main = await labelledExtract(SUITE, secret, "secret", NOTHING);
  const raw = await labelledExpand(SUITE, main, "key", context, 16);
  return {
    key: await subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]),
    nonce: await labelledExpand(SUITE, main, "base_nonce", context, 12),
  };
}

/**
 * @param {object} options `to`: the public key of who may open it; `by`: the key pair of who seals; `info`: what both know;
 *   `additional`: what is bound to it; `ephemeral`: a key pair that is used once.
 * @returns {Promise<Uint8Array>} the encapsulated key and the ciphertext.
 */
export async function seal(message, { to, by, info, additional = NOTHING, ephemeral = null }) {
  const once = ephemeral ?? await makeKeyPair();
  const secrets = [await agreed(once.privateKey, to), await agreed(by.privateKey, to)];
  const secret = await shared(secrets, joined(once.publicKey, to, by.publicKey));
  const { key, nonce } = await schedule(secret, info);
  const algorithm = { name: "AES-GCM", iv: nonce, additionalData: additional };
  return joined(once.publicKey, new Uint8Array(await subtle.encrypt(algorithm, key, message)));
}

/**
 * @param {object} options `to`: the key pair of who opens it; `by`: the public key of who has sealed it; `info`, `additional`.
 * @throws what was sealed for another one, by another one or with other words, or was changed since.
 */
export async function open(sealed, { to, by, info, additional = NOTHING }) {
  if (sealed.length < KEY_LENGTH + TAG_LENGTH) throw new RangeError("too short");
  const encapsulated = sealed.subarray(0, KEY_LENGTH);
  const secrets = [await agreed(to.privateKey, encapsulated), await agreed(to.privateKey, by)];
  const secret = await shared(secrets, joined(encapsulated, to.publicKey, by));
  const { key, nonce } = await schedule(secret, info);
  const algorithm = { name: "AES-GCM", iv: nonce, additionalData: additional };
  return new Uint8Array(await subtle.decrypt(algorithm, key, sealed.subarray(KEY_LENGTH)));
}
