// The one place where sounds are measured, made and made louder (Web Audio).

let context = null;

/** Null where the browser has none. It may be at rest until the page is used. */
export function audioContext() {
  if (!globalThis.AudioContext) return null;
  context ??= new AudioContext();
  return context;
}

/** Browsers let sounds begin once the page was used. Whether there was something to wake. */
export async function wakeAudio() {
  if (context?.state !== "suspended") return false;
  await context.resume().catch(() => {});
  return true;
}

/** What sounds at the end of a call is heard to its own end. */
const ENDING_MS = 1000;

/** Lets the browser have it back. */
export function endAudio() {
  const ended = context;
  context = null;
  setTimeout(() => ended?.close().catch(() => {}), ENDING_MS);
}

/**
 * Calls something again and again, also in a window that nobody looks at: timers strike once a second there, what the sound
 * device counts does not wait.
 * @returns {() => void} ends it.
 */
export function everyMoment(context, interval_s, work) {
  let isOver = false;
  const next = () => {
    if (isOver || context.state === "closed") return;
    const node = context.createConstantSource();
    node.onended = () => {
      if (isOver) return;
      work();
      next();
    };
    node.start();
    node.stop(context.currentTime + interval_s);
  };
  next();
  return () => (isOver = true);
}

const TONES = { join: [520, 780], leave: [780, 520] };

/** Two short tones. */
export function playTones(name) {
  const context = audioContext();
  if (context?.state !== "running") return;
  TONES[name].forEach((frequency, index) => {
    const [tone, volume] = [context.createOscillator(), context.createGain()];
    tone.frequency.value = frequency;
    const start = context.currentTime + index * 0.1;
    volume.gain.setValueAtTime(0, start);
    volume.gain.linearRampToValueAtTime(0.06, start + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.18);
    tone.connect(volume).connect(context.destination);
    tone.start(start);
    tone.stop(start + 0.2);
  });
}
