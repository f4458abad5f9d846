// The secret of a sender, one in each epoch, and what comes of it.

import { joined, utf8 } from "./bytes.js";
import { expanded } from "./hpke.js";

export const SECRET_LENGTH = 32;
/** What is sent: each kind has keys of its own. */
export const KINDS = ["mic", "camera", "screen", "screen_audio"];

export const freshSecret = () => crypto.getRandomValues(new Uint8Array(SECRET_LENGTH));

/** The secret of a later epoch: who has it does not have the earlier one by it. */
export const ratcheted = (secret, epoch) => expanded(secret, utf8(`Aviary ratchet 1 ${epoch}`), SECRET_LENGTH);

/** The key of one stream, and what makes its nonces others than those of all other streams. */
export async function streamKey(secret, kind, stream) {
  const info = (use) => joined(utf8(`Aviary ${use} 1 ${kind} ${stream}`));
  const raw = await expanded(secret, info("key"), 16);
  return {
    key: await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]),
    salt: await expanded(secret, info("salt"), 12),
  };
}

/** The secrets of one sender, by their epochs. */
export class KeyRing {
  /** epoch → {secret, streams: which were heard, until: when it ends}. */
  #secrets = new Map();

  /**
   * Takes a secret. The same one again changes nothing, so that nothing that was heard is heard once more.
   * @returns {void}
   */
  set(epoch, secret) {
    const known = this.#secrets.get(epoch);
    if (known && known.secret.every((byte, index) => byte === secret[index])) return;
    this.#secrets.set(epoch, { secret, streams: new Map(), until: Infinity });
    if (this.#secrets.size > MOST_SECRETS) this.#secrets.delete(Math.min(...this.#secrets.keys()));
  }

  /** What counts in an epoch; null where there is nothing, or not any more. */
  get(epoch, now) {
    const known = this.#secrets.get(epoch);
    if (known && known.until > now) return known;
    this.#secrets.delete(epoch);
    return null;
  }

  /** All before an epoch end at a time, if not sooner. */
  endBefore(epoch, time) {
    for (const [each, known] of this.#secrets) if (each < epoch) known.until = Math.min(known.until, time);
  }

  /** Forgets what has ended. */
  clear(now) {
    for (const [epoch, known] of this.#secrets) if (known.until <= now) this.#secrets.delete(epoch);
    return this.#secrets.size === 0;
  }
}

/** While people come and go within two seconds. */
const MOST_SECRETS = 8;
