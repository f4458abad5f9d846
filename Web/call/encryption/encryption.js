// Encryption of a call from device to device. The keys are in a worker; this is what the page knows of it.

import { canEncrypt } from "./support.js";

/** How long a worker may take to begin: then the call goes on without. */
const PATIENCE_MS = 3000;

/** The address of the worker, as the page's rule for scripts takes it (Trusted Types). */
function address() {
  const url = new URL("./worker.js", import.meta.url).href;
  rule ??= globalThis.trustedTypes?.createPolicy("aviary-call", { createScriptURL: () => url });
  return rule ? rule.createScriptURL("") : url;
}

let rule = null;

export class CallEncryption {
  #worker;
  #count = 0;
  /** A sender or receiver → its number: what goes through it may become something else. */
  #ends = new WeakMap();
  /** number → what is done with the answer. */
  #asked = new Map();

  /** X25519, in Base64, for VOICE_CONNECT. */
  publicKey = null;

  /**
   * @param {object} place `channelID`, `userID`, `deviceID`: keys are for one place, and end with it.
   * @param {object} handlers `keys(message)`: what goes out as VOICE_KEYS; `state({epoch, status, plain})`: `on`, `plain` where
   *   those named can't, or `off`; `words(words)`: for comparing, null while nothing is encrypted.
   * @returns {Promise<CallEncryption|null>} null where this browser can't.
   */
  static async begin(place, handlers) {
    if (!canEncrypt()) return null;
    let encryption = null;
    try {
      encryption = new CallEncryption(place, handlers);
      const begun = await Promise.race([encryption.#ask("begin", place), encryption.#failed()]);
      encryption.publicKey = begun?.publicKey ?? null;
    } catch (error) {
      console.error(error);
    }
    if (encryption?.publicKey) return encryption;
    encryption?.end();
    return null;
  }

  constructor(place, handlers) {
    Object.assign(this, { place, handlers });
    this.#worker = new Worker(address(), { type: "module" });
    this.#worker.onmessage = ({ data }) => this.#hear(data);
  }

  #failed() {
    return new Promise((resolve) => {
      this.#worker.onerror = () => resolve(null);
      setTimeout(resolve, PATIENCE_MS, null);
    });
  }

  #ask(type, data = null) {
    const number = this.#count += 1;
    this.#worker.postMessage({ type, number, data });
    return new Promise((resolve) => this.#asked.set(number, resolve));
  }

  #hear({ type, number, answer, words }) {
    if (type === "words") return this.handlers.words(words);
    this.#asked.get(number)?.(answer);
    this.#asked.delete(number);
  }

  /** VOICE_EPOCH. */
  async meet({ epoch, e2ee, roster }) {
    const answer = await this.#ask("epoch", { epoch, e2ee, roster });
    if (!answer) return;
    const { keys, status, plain } = answer;
    if (keys.length > 0) this.handlers.keys({ channel_id: this.place.channelID, epoch, keys });
    this.handlers.state({ epoch, status, plain });
  }

  /** VOICE_KEYS. */
  hear({ epoch, from_user_id, from_device_id, sealed }) {
    this.#ask("keys", { epoch, from_user_id, from_device_id, sealed });
  }

  /**
   * In the task in which there is one: Chromium lets frames past a transform that is set later, in both directions and without a
   * word. Nothing goes through before it is said what for.
   */
  onTransceiver({ sender, receiver }) {
    this.#attach(sender, "send");
    this.#attach(receiver, "receive");
  }

  /** @param {"mic"|"camera"|"screen"|"screen_audio"} kind */
  onSender(sender, kind) {
    this.#use(this.#attach(sender, "send"), { kind });
  }

  onReceiver(receiver, kind, userID) {
    this.#use(this.#attach(receiver, "receive"), { kind, userID });
  }

  #attach(end, side) {
    if (!this.#ends.has(end)) {
      this.#ends.set(end, this.#count += 1);
      end.transform = new RTCRtpScriptTransform(this.#worker, { number: this.#ends.get(end), side });
    }
    return this.#ends.get(end);
  }

  #use(number, use) {
    this.#worker.postMessage({ type: "use", number, data: use });
  }

  /** How many frames were sealed, opened, let through as they are, and dropped. */
  counts() {
    return this.#ask("counts");
  }

  /** The keys are gone with it. */
  end() {
    this.#worker.terminate();
    this.#asked.clear();
  }
}
