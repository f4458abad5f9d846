const SOUNDS_APART_MS = 2000;

let audio = null;

/** Two soft tones, made here. Only one of several windows sounds. */
export function chime() {
  navigator.locks?.request("aviary-chime", { ifAvailable: true }, async (lock) => {
    // The browser allows no sound before the page was used, and complains of a try.
    if (!lock || navigator.userActivation?.hasBeenActive === false) return;
    try {
      audio ??= new AudioContext();
      [[660, 0], [880, 0.12]].forEach(([frequency, delay]) => {
        const [tone, volume] = [audio.createOscillator(), audio.createGain()];
        tone.frequency.value = frequency;
        const start = audio.currentTime + delay;
        volume.gain.setValueAtTime(0, start);
        volume.gain.linearRampToValueAtTime(0.08, start + 0.02);
        volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.35);
        tone.connect(volume).connect(audio.destination);
        tone.start(start);
        tone.stop(start + 0.4);
      });
    } catch {
      // No sound is no reason to leave anything else undone.
    }
    // Browsers let the clocks of windows behind others strike once a second.
    await new Promise((resolve) => setTimeout(resolve, SOUNDS_APART_MS));
  });
}
