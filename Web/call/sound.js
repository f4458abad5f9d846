// One sound from somebody else: how loud it is played, and on which loudspeaker.

import { store } from "../store/store.js";
import { audioContext } from "./audio.js";

export class Sound {
  /** What makes it louder than it came; only then it takes that way. */
  #amplifier = null;

  constructor(stream, loudspeaker) {
    this.stream = stream;
    this.element = new Audio();
    this.element.autoplay = true;
    this.element.srcObject = stream;
    this.useLoudspeaker(loudspeaker);
    this.play();
  }

  async play() {
    try {
      await this.element.play();
    } catch (error) {
      // The browser plays nothing before the page was used.
      if (error.name === "NotAllowedError") store.apply("CALL_SOUND_HELD", true);
    }
  }

  /** @param {number} volume 0 to 2. */
  setVolume(volume) {
    this.element.muted = volume === 0;
    this.element.volume = Math.min(1, volume);
    if (volume > 1) this.#amplify(volume);
    else this.#stopAmplifying();
  }

  #amplify(volume) {
    const context = audioContext();
    if (context?.state !== "running") return;
    if (!this.#amplifier) {
      // Chromium gives the sound of another device to nobody as long as no element takes it.
      const pump = new Audio();
      pump.srcObject = this.stream;
      pump.muted = true;
      const source = context.createMediaStreamSource(this.stream);
      const gain = context.createGain();
      const output = context.createMediaStreamDestination();
      source.connect(gain).connect(output);
      this.#amplifier = { pump, source, gain };
      this.element.srcObject = output.stream;
      this.play();
    }
    this.#amplifier.gain.gain.value = volume;
  }

  #stopAmplifying() {
    if (!this.#amplifier) return;
    this.#amplifier.source.disconnect();
    this.#amplifier.pump.srcObject = null;
    this.#amplifier = null;
    this.element.srcObject = this.stream;
    this.play();
  }

  /** The system's own one where that is gone, or the browser knows only one. */
  useLoudspeaker(id) {
    this.element.setSinkId?.(id).catch(() => {});
  }

  end() {
    this.#stopAmplifying();
    this.element.srcObject = null;
  }
}
