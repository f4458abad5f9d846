// Whether somebody speaks into a microphone.

/** Of the full range; a quiet room is a tenth of it. */
const THRESHOLD = 0.02;
const LOOK_EVERY_MS = 100;
/** Between words one does not cease to speak. */
const PAUSE_MS = 400;

export class Loudness {
  /** @param {(isSpeaking: boolean) => void} tell is told of each change. */
  constructor(stream, tell) {
    this.audio = new AudioContext();
    this.analyser = this.audio.createAnalyser();
    // 171 ms at 48 kHz: between two looks nothing is missed.
    this.analyser.fftSize = 8192;
    this.audio.createMediaStreamSource(stream).connect(this.analyser);
    this.samples = new Float32Array(this.analyser.fftSize);
    this.tell = tell;
    this.isSpeaking = false;
    this.heardAt = -Infinity;
    this.timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  #look() {
    this.analyser.getFloatTimeDomainData(this.samples);
    const power = this.samples.reduce((sum, sample) => sum + sample * sample, 0) / this.samples.length;
    if (Math.sqrt(power) > THRESHOLD) this.heardAt = performance.now();
    const isSpeaking = performance.now() - this.heardAt < PAUSE_MS;
    if (isSpeaking === this.isSpeaking) return;
    this.isSpeaking = isSpeaking;
    this.tell(isSpeaking);
  }

  end() {
    clearInterval(this.timer);
    this.audio.close();
  }
}
