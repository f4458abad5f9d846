// What one device knows of the keys in a room, from when it joins until it leaves.
//
// Each sender has a secret in each epoch and seals it for each of the others. While all stay who were there, the next secret
// comes of the last one, so that who is there goes on hearing and who comes can't hear what was said before. When somebody has
// left, or the server begins anew, it is a fresh one.

import { base64, fromBase64, hex, joined, utf8 } from "./bytes.js";
import { openFrame, readEnd } from "./frames.js";
import { makeKeyPair, open, seal } from "./hpke.js";
import { hashOf, keepsAll, keyOf, wordsOf } from "./roster.js";
import { freshSecret, KeyRing, ratcheted, SECRET_LENGTH } from "./sender-keys.js";

/** How long frames of an epoch that is over are on their way, at most. */
const GRACE_MS = 2000;
/** So long the others get to know a secret before it is used: to open a fresh one, or to hear that it is time for the next. */
const HANDOVER_MS = { fresh: 300, next: 100 };
/** Of epochs that have not been told here yet. */
const MOST_EARLY = 128;
/** The encapsulated key, the secret, and the tag. */
const SEALED_LENGTH = 32 + SECRET_LENGTH + 16;

export class EncryptionSession {
  #keys;
  #now;
  #epoch = 0;
  #roster = [];
  #hash = null;
  /** user and device → KeyRing. */
  #rings = new Map();
  /** Whose sealed secret of this epoch has come. */
  #opened = new Set();
  #early = [];
  /** {epoch, secret, from}: what this device seals with, and from when on. */
  #own = null;
  #previous = null;

  /** `waiting` until the room is known, `on`, `plain` where a device can't, `off` where the channel does not want it. */
  status = "waiting";

  /** @param {object} place `channelID`, `userID`, `deviceID`; `now`: milliseconds of a clock that only grows. */
  static async begin({ channelID, userID, deviceID, now = () => performance.now() }) {
    return new EncryptionSession({ channelID, userID, deviceID }, await makeKeyPair(), now);
  }

  constructor(place, keys, now) {
    Object.assign(this, place);
    this.#keys = keys;
    this.#now = now;
  }

  get publicKey() {
    return base64(this.#keys.publicKey);
  }

  /**
   * VOICE_EPOCH: who is in the room from now on.
   * @returns {Promise<object|null>} `{epoch, status, plain: ids of those who can't, keys: for VOICE_KEYS}`; null where it is old,
   *   or says of this device what is not so.
   */
  async meet({ epoch, e2ee, roster }) {
    const own = roster.find((entry) => this.#isOwn(entry));
    // Where the room has another key of this device, somebody is between.
    if (!(epoch > this.#epoch) || own?.public_key !== this.publicKey) return null;
    const before = { roster: this.#roster, status: this.status, epoch: this.#epoch };
    const plain = roster.filter((entry) => !keyOf(entry)).map(({ user_id }) => user_id);
    this.#epoch = epoch;
    this.#roster = roster;
    this.#opened.clear();
    const status = plain.length > 0 ? "plain" : e2ee === true ? "on" : "off";
    const answer = { epoch, status, plain, keys: [] };
    if (status === "on") {
      const isContinued = before.status === "on" && keepsAll(before.roster, roster);
      this.#hash = await hashOf(roster);
      if (isContinued) await this.#ratchet(before);
      else this.#endAll();
      answer.keys = await this.#hand(isContinued);
    } else this.#openUp();
    this.status = status;
    await this.#takeEarly();
    return answer;
  }

  /** VOICE_KEYS: the secret of somebody, for this device. */
  async hear({ epoch, from_user_id, from_device_id, sealed }) {
    if (epoch > this.#epoch) {
      this.#early.push({ epoch, from_user_id, from_device_id, sealed });
      if (this.#early.length > MOST_EARLY) this.#early.shift();
      return;
    }
    const sender = this.#roster.find((entry) => entry.user_id === from_user_id && entry.device_id === from_device_id);
    if (epoch !== this.#epoch || !this.#hash || !sender || this.#isOwn(sender)) return;
    const name = nameOf(sender);
    if (this.#opened.has(name)) return;
    try {
      const bytes = fromBase64(sealed, SEALED_LENGTH);
      const secret = await open(bytes, { to: this.#keys, by: keyOf(sender), info: this.#info(sender) });
      this.#opened.add(name);
      const ring = this.#ringOf(name);
      ring.set(epoch, secret);
      ring.endBefore(epoch, this.#now() + GRACE_MS);
    } catch {
      // It was not sealed by them, for this device and this room: it says nothing.
    }
  }

  /** The words of the room as it is now; null while it is not encrypted. */
  words() {
    return this.status === "on" ? wordsOf(this.#roster) : Promise.resolve(null);
  }

  // MARK: Frames

  /**
   * @param {FrameSealer} sealer
   * @returns {Promise<ArrayBuffer|null>} what goes out; null for nothing.
   */
  async outgoing(data, type, sealer) {
    if (this.status === "plain" || this.status === "off") return data;
    const current = this.#own && this.#own.from > this.#now() && this.#previous ? this.#previous : this.#own;
    return this.status === "on" && current ? await sealer.seal(data, type, current) : null;
  }

  /** @returns {Promise<ArrayBuffer|null>} what is played; null for nothing. */
  async incoming(data, kind, userID) {
    const now = this.#now();
    const isOpen = this.status === "plain" || this.status === "off";
    if (isOpen && !this.#isSealed(data, kind)) return data;
    if (this.status === "waiting") return null;
    for (const [name, ring] of this.#rings) {
      if (!name.startsWith(`${userID} `)) continue;
      const opened = await openFrame(data, kind, (epoch) => ring.get(epoch, now));
      if (opened) return opened;
    }
    return null;
  }

  /** Somebody may not have heard yet that it is not encrypted any more: what they seal is noise, unless it is opened. */
  #isSealed(data, kind) {
    const end = readEnd(new Uint8Array(data));
    return end?.kind === kind && end.epoch > 0 && end.epoch <= this.#epoch;
  }

  // MARK: Epochs

  #isOwn = ({ user_id, device_id }) => user_id === this.userID && device_id === this.deviceID;

  #ringOf(name) {
    if (!this.#rings.has(name)) this.#rings.set(name, new KeyRing());
    return this.#rings.get(name);
  }

  /** Everybody's next secret comes of the last one. What they seal for this device says the same, and counts. */
  async #ratchet(before) {
    for (const entry of before.roster) {
      const known = this.#isOwn(entry) ? null : this.#rings.get(nameOf(entry))?.get(before.epoch, this.#now());
      if (known) this.#ringOf(nameOf(entry)).set(this.#epoch, await ratcheted(known.secret, this.#epoch));
    }
  }

  /** What came before is over in a moment. */
  #endAll() {
    for (const [name, ring] of this.#rings) {
      ring.endBefore(this.#epoch, this.#now() + GRACE_MS);
      if (ring.clear(this.#now())) this.#rings.delete(name);
    }
  }

  /** This device's secret, sealed for each of the others. */
  async #hand(isContinued) {
    const info = this.#info({ user_id: this.userID, device_id: this.deviceID });
    const secret = isContinued ? await ratcheted(this.#own.secret, this.#epoch) : freshSecret();
    const keys = await Promise.all(
      this.#roster.filter((entry) => !this.#isOwn(entry)).map(async (entry) => {
        try {
          const sealed = await seal(secret, { to: keyOf(entry), by: this.#keys, info });
          return { user_id: entry.user_id, device_id: entry.device_id, sealed: base64(sealed) };
        } catch {
          // What they have named is no key. They hear nothing, and the others do.
          return null;
        }
      }),
    );
    this.#previous = this.#own;
    const from = this.#now() + (isContinued ? HANDOVER_MS.next : HANDOVER_MS.fresh);
    this.#own = { epoch: this.#epoch, secret, from };
    return keys.filter(Boolean);
  }

  #openUp() {
    this.#own = this.#previous = this.#hash = null;
    this.#endAll();
  }

  async #takeEarly() {
    const early = this.#early;
    this.#early = [];
    for (const key of early) await this.hear(key);
  }

  /** What both ends of a sealed secret know; it is bound to it. */
  #info(sender) {
    const place = [this.channelID, this.#epoch, hex(this.#hash), sender.user_id, sender.device_id];
    return joined(utf8("Aviary voice key 1 "), utf8(JSON.stringify(place)));
  }
}

const nameOf = ({ user_id, device_id }) => `${user_id} ${device_id}`;
