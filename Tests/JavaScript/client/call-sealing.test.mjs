// Sealing keys for others, held against the vectors of RFC 9180.

import assert from "node:assert/strict";
import { test } from "node:test";

import { hex } from "../../../Web/call/encryption/bytes.js";
import { makeKeyPair, open, seal } from "../../../Web/call/encryption/hpke.js";

const bytes = (text) => Uint8Array.from(Buffer.from(text, "hex"));
const base64URL = (text) => Buffer.from(text, "hex").toString("base64url");

async function pair(privateKey, publicKey) {
  const key = { kty: "OKP", crv: "X25519", d: base64URL(privateKey), x: base64URL(publicKey) };
  return {
    privateKey: await crypto.subtle.importKey("jwk", key, { name: "X25519" }, false, ["deriveBits"]),
    publicKey: bytes(publicKey === "" ? "" : publicKey),
  };
}

/** RFC 9180, appendix A.1.3: Auth mode of DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM. */
const VECTOR = {
  info: "4f6465206f6e2061204772656369616e2055726e",
  ephemeral: [
    "ff4442ef24fbc3c1ff86375b0be1e77e88a0de1e79b30896d73411c5ff4c3518",
    "23fb952571a14a25e3d678140cd0e5eb47a0961bb18afcf85896e5453c312e76",
  ],
  recipient: [
    "fdea67cf831f1ca98d8e27b1f6abeb5b7745e9d35348b80fa407ff6958f9137e",
    "1632d5c2f71c2b38d0a8fcc359355200caa8b1ffdf28618080466c909cb69b2e",
  ],
  sender: [
    "dc4a146313cce60a278a5323d321f051c5707e9c45ba21a3479fecdf76fc69dd",
    "8b0c70873dc5aecb7f9ee4e62406a397b350e57012be45cf53b7105ae731790b",
  ],
  additional: "436f756e742d30",
  message: "4265617574792069732074727574682c20747275746820626561757479",
  ciphertext: "5fd92cc9d46dbf8943e72a07e42f363ed5f721212cd90bcfd072bfd9f44e06b80fd17824947496e21b680c141b",
};

test("what RFC 9180 seals is sealed and opened", async () => {
  const [ephemeral, recipient, sender] = await Promise.all(
    [VECTOR.ephemeral, VECTOR.recipient, VECTOR.sender].map((keys) => pair(...keys)),
  );
  const [info, additional, message] = [VECTOR.info, VECTOR.additional, VECTOR.message].map(bytes);
  const sealed = await seal(message, { to: recipient.publicKey, by: sender, info, additional, ephemeral });
  assert.equal(hex(sealed), VECTOR.ephemeral[1] + VECTOR.ciphertext);
  const opened = await open(sealed, { to: recipient, by: sender.publicKey, info, additional });
  assert.deepEqual(opened, message);
});

test("what is sealed is opened by the one whom it is for, of the one who has sealed it, and as it was", async () => {
  const [alice, bob, eve] = await Promise.all([makeKeyPair(), makeKeyPair(), makeKeyPair()]);
  const info = bytes("01");
  const sealed = await seal(bytes("abcd"), { to: bob.publicKey, by: alice, info });
  assert.equal(hex(await open(sealed, { to: bob, by: alice.publicKey, info })), "abcd");
  await assert.rejects(open(sealed, { to: eve, by: alice.publicKey, info }));
  await assert.rejects(open(sealed, { to: bob, by: eve.publicKey, info }));
  await assert.rejects(open(sealed, { to: bob, by: alice.publicKey, info: bytes("02") }));
  for (const place of sealed.keys()) {
    const changed = sealed.slice();
    changed[place] ^= 1;
    await assert.rejects(open(changed, { to: bob, by: alice.publicKey, info }), `byte ${place}`);
  }
  for (const length of [0, 31, 32, 47, sealed.length - 1]) {
    await assert.rejects(open(sealed.subarray(0, length), { to: bob, by: alice.publicKey, info }), `${length} bytes`);
  }
});

test("nothing is sealed for what is no key", async () => {
  const alice = await makeKeyPair();
  // Points of small order give everybody the same secret (RFC 7748, section 6.1).
  const small = [
    "00".repeat(32),
    `01${"00".repeat(31)}`,
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  ];
  for (const key of [...small, "", "00"]) {
    await assert.rejects(seal(bytes("00"), { to: bytes(key), by: alice, info: bytes("") }), key);
  }
});
