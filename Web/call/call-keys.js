// Whether the call of this page is encrypted from device to device, and the keys of its place, as long as it has one.

import { load } from "../kernel/parts.js";
import { store } from "../store/store.js";

export class CallKeys {
  /** What comes of beginning: a CallEncryption, or null where this browser can't. */
  #beginning = Promise.resolve(null);
  #encryption = null;

  /** @param {(keys: object) => void} send hands out sealed keys (VOICE_KEYS). */
  constructor(send) {
    this.send = send;
  }

  /** For a place that is taken: those of another one are gone. */
  begin(channelID, deviceID) {
    this.end();
    const beginning = this.#make({ channelID, deviceID, userID: store.state.me.id }).then((encryption) => {
      if (beginning === this.#beginning) this.#encryption = encryption;
      else encryption?.end();
      return encryption;
    });
    this.#beginning = beginning;
  }

  async #make(place) {
    try {
      const { CallEncryption } = await load(() => import("./encryption/encryption.js"));
      return await CallEncryption.begin(place, {
        keys: this.send,
        state: ({ status, plain }) => this.#tell({ status, plain, words: null }),
        words: (words) => this.#tell({ ...store.state.call?.encryption, words }),
      });
    } catch {
      // Without it one is there as somebody whose device can't, and all are told.
      return null;
    }
  }

  #tell(encryption) {
    if (store.state.call) store.apply("CALL", { encryption });
  }

  /** What the server is told of it when the media open: `{public_key}`, or nothing. */
  async own() {
    let [asked, encryption] = [null, null];
    while (asked !== this.#beginning) {
      asked = this.#beginning;
      encryption = await asked;
    }
    return encryption ? { public_key: encryption.publicKey } : {};
  }

  /** Whether a device like this one may not be in the channel any more. */
  get isTooPlain() {
    const { call, channels, me } = store.state;
    return channels.get(call?.channelID)?.e2ee === "required" && Boolean(call.encryption?.plain.includes(me?.id));
  }

  /** VOICE_EPOCH: who is in the room. */
  meet(event) {
    if (this.#encryption) return this.#encryption.meet(event);
    const plain = event.roster.filter(({ public_key }) => !public_key).map(({ user_id }) => user_id);
    this.#tell({ status: "plain", plain, words: null });
  }

  /** VOICE_KEYS. */
  hear(event) {
    this.#encryption?.hear(event);
  }

  /** What is sent and received goes through it (media.js). */
  hooks = {
    onTransceiver: (transceiver) => this.#encryption?.onTransceiver(transceiver),
    onSender: (sender, kind) => this.#encryption?.onSender(sender, kind),
    onReceiver: (receiver, kind, userID) => this.#encryption?.onReceiver(receiver, kind, userID),
  };

  end() {
    this.#encryption?.end();
    this.#encryption = null;
    this.#beginning = Promise.resolve(null);
  }
}
