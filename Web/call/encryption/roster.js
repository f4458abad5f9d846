// Who is in a room, with which device and key; and the words by which people compare that.

import { fromBase64, utf8 } from "./bytes.js";
import { WORDS } from "./words.js";

const { subtle } = globalThis.crypto;

const KEY_LENGTH = 32;
const WORD_COUNT = 8;
/**
 * Who lies to two people has to find keys for both that give the same words, which takes 2^33 tries while they wait. So each
 * try is made dear: what a phone does in a tenth of a second takes years of a processor, so often.
 */
const ROUNDS = 100_000;

/** The public key of an entry; null for a device that can't encrypt. */
export const keyOf = (entry) => fromBase64(entry.public_key, KEY_LENGTH);

const textOf = ({ user_id, device_id, public_key }) => JSON.stringify([user_id, device_id, public_key ?? null]);

/** The same for everybody, in whichever order they were told. */
const allOf = (roster) => `[${roster.map(textOf).sort().join(",")}]`;

export async function hashOf(roster) {
  return new Uint8Array(await subtle.digest("SHA-256", utf8(`Aviary roster 1 ${allOf(roster)}`)));
}

/** Whether all who were there are there still, with the same keys. */
export function keepsAll(before, after) {
  const there = new Set(after.map(textOf));
  return before.every((entry) => there.has(textOf(entry)));
}

/** Eight words that are the same where the same people are in a room with the same keys. */
export async function wordsOf(roster) {
  const key = await subtle.importKey("raw", utf8(allOf(roster)), "PBKDF2", false, ["deriveBits"]);
  const algorithm = { name: "PBKDF2", hash: "SHA-256", salt: utf8("Aviary words 1"), iterations: ROUNDS };
  const bits = new Uint8Array(await subtle.deriveBits(algorithm, key, WORD_COUNT * 8));
  return [...bits].map((byte) => WORDS[byte]);
}
