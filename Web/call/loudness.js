// How loud it is at a microphone, and whether somebody speaks into it.

import { audioContext, everyMoment } from "./audio.js";

const LOOK_EVERY_S = 0.04;
/** Between words one does not cease to speak. */
const PAUSE_MS = 400;
/** The quietest that is told apart, in decibels below the full range. */
const FLOOR = 60;
/** From which level on it is somebody who speaks, where nothing else was chosen: 34 decibels below the full range. */
export const SPEECH = 0.43;

/** 0 for silence to 1 for the full range, as one hears it. */
export const levelOf = (power) => Math.min(1, Math.max(0, 1 + (10 * Math.log10(power + 1e-12)) / FLOOR));

export class Loudness {
  level = 0;
  isSpeaking = false;
  #heardAt = -Infinity;

  /**
   * @param {MediaStreamTrack} track
   * @param {object} options `threshold()`: from which level on somebody speaks; `tell(isSpeaking)` is told of each change.
   */
  constructor(track, { threshold, tell }) {
    this.threshold = threshold;
    this.tell = tell;
    this.audio = audioContext();
    if (!this.audio) return;
    this.analyser = this.audio.createAnalyser();
    // 85 ms at 48 kHz: between two looks nothing is missed.
    this.analyser.fftSize = 4096;
    this.source = this.audio.createMediaStreamSource(new MediaStream([track]));
    this.source.connect(this.analyser);
    this.samples = new Float32Array(this.analyser.fftSize);
    this.stop = everyMoment(this.audio, LOOK_EVERY_S, () => this.#look());
  }

  /** Whether it can be told at all: at rest, the browser measures nothing. */
  get isMeasuring() {
    return this.audio?.state === "running";
  }

  #look() {
    this.analyser.getFloatTimeDomainData(this.samples);
    this.level = levelOf(this.samples.reduce((sum, sample) => sum + sample * sample, 0) / this.samples.length);
    if (this.level >= this.threshold()) this.#heardAt = performance.now();
    const isSpeaking = performance.now() - this.#heardAt < PAUSE_MS;
    if (isSpeaking === this.isSpeaking) return;
    this.isSpeaking = isSpeaking;
    this.tell(isSpeaking);
  }

  end() {
    this.stop?.();
    this.source?.disconnect();
  }
}
