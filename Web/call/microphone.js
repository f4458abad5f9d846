// The microphone of a call: what is taken from it, and when it is let through.

import { Loudness, SPEECH } from "./loudness.js";
import { callSettings } from "./call-settings.js";

/** Why there is no microphone: `no-tls`, `refused` or `no-microphone`. */
export const NONE = { noTLS: "no-tls", refused: "refused", none: "no-microphone" };

export class Microphone {
  /** What comes from the device is measured, its copy is sent. */
  #taken = null;
  #loudness = null;
  /** The copy; null without a microphone. */
  track = null;
  /** Whether it may be heard at all: one is not muted, by nobody. */
  #isWanted = false;
  #isHeld = false;
  /** `activity` or `push`. */
  mode = "activity";

  /** @param {object} options `tell(isSpeaking)`; `ended()`: the device is gone. */
  constructor({ tell, ended }) {
    this.tell = tell;
    this.ended = ended;
  }

  /** Takes the device of the settings, or any other one. Returns why there is none; null when there is. */
  async take() {
    if (!navigator.mediaDevices?.getUserMedia) return NONE.noTLS;
    try {
      const stream = await this.#ask();
      this.#begin(stream.getAudioTracks()[0]);
      return null;
    } catch (error) {
      return error.name === "NotAllowedError" ? NONE.refused : NONE.none;
    }
  }

  async #ask() {
    const { microphone, echoCancellation, noiseSuppression, autoGainControl } = callSettings();
    const audio = { echoCancellation, noiseSuppression, autoGainControl };
    if (!microphone) return await navigator.mediaDevices.getUserMedia({ audio });
    return await navigator.mediaDevices.getUserMedia({ audio: { ...audio, deviceId: { exact: microphone } } })
      // It may be on another desk today.
      .catch(() => navigator.mediaDevices.getUserMedia({ audio }));
  }

  #begin(taken) {
    this.#stop();
    this.#taken = taken;
    taken.onended = () => this.ended();
    this.track = taken.clone();
    this.#loudness = new Loudness(taken, {
      threshold: () => callSettings().threshold || SPEECH,
      tell: () => this.#look(),
    });
    this.#look();
  }

  /** Of the one that was taken. */
  get deviceID() {
    return this.#taken?.getSettings().deviceId ?? null;
  }

  /** How loud it is, 0–1. */
  get level() {
    return this.#loudness?.level ?? 0;
  }

  get isSpeaking() {
    return Boolean(this.#isWanted && this.#isOpen && this.#loudness?.isSpeaking);
  }

  set isWanted(isWanted) {
    this.#isWanted = isWanted;
    this.#look();
  }

  /** Whether the key to talk is held. */
  set isHeld(isHeld) {
    this.#isHeld = isHeld;
    this.#look();
  }

  get #isOpen() {
    if (this.mode === "push") return this.#isHeld;
    const isGated = callSettings().threshold > 0 && this.#loudness?.isMeasuring;
    return !isGated || this.#loudness.isSpeaking;
  }

  #wasSpeaking = false;

  #look() {
    if (this.track) this.track.enabled = this.#isWanted && this.#isOpen;
    if (this.isSpeaking === this.#wasSpeaking) return;
    this.#wasSpeaking = this.isSpeaking;
    this.tell(this.isSpeaking);
  }

  #stop() {
    if (this.#taken) this.#taken.onended = null;
    this.#taken?.stop();
    this.track?.stop();
    this.#loudness?.end();
    this.#loudness = null;
  }

  end() {
    this.#stop();
    this.#taken = this.track = null;
    this.#wasSpeaking = false;
  }
}
