// Frames of sound and pictures, sealed one by one.
//
//   clear bytes | AES-128-GCM of the rest | epoch 4 | counter 4 | stream 2 | kind and number of clear bytes 1 | version 1
//
// What stands clear is what those on the way have to know of a codec; it is bound to the rest, as is the end.

import { joined } from "./bytes.js";
import { KINDS, streamKey } from "./sender-keys.js";

const TAG_LENGTH = 16;
const END_LENGTH = 12;
const VERSION = 0xa1;
/** The header of a VP8 key frame (RFC 6386, section 9.1), of another frame, and the TOC byte of Opus (RFC 6716, section 3.1). */
const CLEAR_LENGTH = { key: 10, delta: 3, sound: 1 };
const MOST_CLEAR = 15;
const LARGEST_COUNTER = 0xffff_ffff;
const LARGEST_STREAM = 0xffff;

/** @param {"key"|"delta"|undefined} type of a picture. */
export const clearLength = (kind, type) =>
  kind === "camera" || kind === "screen" ? CLEAR_LENGTH[type] ?? CLEAR_LENGTH.delta : CLEAR_LENGTH.sound;

/** A nonce is never used twice with a key: the counter only grows, and each stream has a key of its own. */
function nonceOf(salt, counter) {
  const nonce = salt.slice();
  const view = new DataView(nonce.buffer);
  view.setUint32(8, view.getUint32(8) ^ counter);
  return nonce;
}

function endOf({ epoch, counter, stream, kind, clear }) {
  const end = new Uint8Array(END_LENGTH);
  const view = new DataView(end.buffer);
  view.setUint32(0, epoch);
  view.setUint32(4, counter);
  view.setUint16(8, stream);
  view.setUint8(10, (KINDS.indexOf(kind) << 4) | clear);
  view.setUint8(11, VERSION);
  return end;
}

/** What the end of a frame says; null where it is no sealed one. */
export function readEnd(bytes) {
  if (bytes.length < TAG_LENGTH + END_LENGTH) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - END_LENGTH);
  const [kind, clear] = [KINDS[view.getUint8(10) >> 4], view.getUint8(10) & MOST_CLEAR];
  if (view.getUint8(11) !== VERSION || !kind || clear + TAG_LENGTH + END_LENGTH > bytes.length) return null;
  return { epoch: view.getUint32(0), counter: view.getUint32(4), stream: view.getUint16(8), kind, clear };
}

/** Seals what one sender of this device sends. */
export class FrameSealer {
  #counter = 0;
  #key = null;
  #keyOf = null;

  /** @param {number} stream of which no other one of the same secret may have the number. */
  constructor(kind, stream) {
    Object.assign(this, { kind, stream });
  }

  /**
   * @param {{epoch: number, secret: Uint8Array}} current
   * @returns {Promise<ArrayBuffer|null>} null where nothing can be sealed any more.
   */
  async seal(data, type, current) {
    if (this.#counter > LARGEST_COUNTER || this.stream > LARGEST_STREAM) return null;
    const counter = this.#counter;
    this.#counter += 1;
    if (this.#keyOf !== current.secret) {
      this.#key = streamKey(current.secret, this.kind, this.stream);
      this.#keyOf = current.secret;
    }
    const { key, salt } = await this.#key;
    const bytes = new Uint8Array(data);
    const clear = Math.min(clearLength(this.kind, type), bytes.length);
    const end = endOf({ epoch: current.epoch, counter, stream: this.stream, kind: this.kind, clear });
    const head = bytes.subarray(0, clear);
    const algorithm = { name: "AES-GCM", iv: nonceOf(salt, counter), additionalData: joined(head, end) };
    const rest = new Uint8Array(await crypto.subtle.encrypt(algorithm, key, bytes.subarray(clear)));
    return joined(head, rest, end).buffer;
  }
}

/** How many streams of one sender in one epoch are heard; a device that connects to others anew begins more of them. */
const MOST_STREAMS = 256;

/**
 * Opens a frame of somebody.
 * @param {string} kind what is expected: a screen is not taken for a face.
 * @param {(epoch: number) => object|null} secretOf what the sender has said, as a `KeyRing` has it.
 * @returns {Promise<ArrayBuffer|null>} null for what is not to be played: changed, heard before, or of nobody known.
 */
export async function openFrame(data, kind, secretOf) {
  const bytes = new Uint8Array(data);
  const end = readEnd(bytes);
  if (!end || end.kind !== kind) return null;
  const known = secretOf(end.epoch);
  if (!known) return null;
  const stream = known.streams.get(end.stream) ??
    { ...(await streamKey(known.secret, kind, end.stream)), heard: new Heard() };
  if (stream.kind && stream.kind !== kind) return null;
  if (stream.heard.has(end.counter)) return null;
  const head = bytes.subarray(0, end.clear);
  const additionalData = joined(head, bytes.subarray(bytes.length - END_LENGTH));
  let rest;
  try {
    const algorithm = { name: "AES-GCM", iv: nonceOf(stream.salt, end.counter), additionalData };
    rest = await crypto.subtle.decrypt(
      algorithm,
      stream.key,
      bytes.subarray(end.clear, bytes.length - END_LENGTH),
    );
  } catch {
    return null;
  }
  return isFirst(known, stream, end) ? joined(head, new Uint8Array(rest)).buffer : null;
}

/** Notes that a frame was heard, once it is known to be the sender's. Another one may have been faster. */
function isFirst(known, stream, { stream: number, counter, kind }) {
  const first = known.streams.get(number);
  if (!first && known.streams.size >= MOST_STREAMS) return false;
  if (!first) known.streams.set(number, Object.assign(stream, { kind }));
  return (first ?? stream).heard.add(counter);
}

/** The counters that were heard, as far back as frames overtake each other. */
export class Heard {
  static reach = 1024;
  #last = -1;
  #bits = new Uint32Array(Heard.reach / 32);

  has(counter) {
    if (counter > this.#last) return false;
    return counter <= this.#last - Heard.reach || this.#isSet(counter);
  }

  /** @returns {boolean} whether it had not been heard. */
  add(counter) {
    if (this.has(counter)) return false;
    const begin = Math.max(this.#last + 1, counter - Heard.reach + 1);
    for (let between = begin; between < counter; between += 1) this.#set(between, 0);
    this.#last = Math.max(this.#last, counter);
    this.#set(counter, 1);
    return true;
  }

  #isSet(counter) {
    const place = counter % Heard.reach;
    return (this.#bits[place >> 5] >>> (place & 31) & 1) === 1;
  }

  #set(counter, bit) {
    const place = counter % Heard.reach;
    if (bit) this.#bits[place >> 5] |= 1 << (place & 31);
    else this.#bits[place >> 5] &= ~(1 << (place & 31));
  }
}
