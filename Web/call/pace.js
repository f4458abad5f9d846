// Tries something again that has failed: after 1, 2, 4, 8 s and up to half of that more, so that not all come at once.

/** After so long without a failure it begins to count anew. */
const CALM_MS = 60_000;

export const pace_ms = (failures, random = Math.random) => 1000 * 2 ** Math.min(failures, 3) * (1 + random() / 2);

export class Pace {
  #timer = null;
  #failures = 0;
  #triedAt = -Infinity;

  get isWaiting() {
    return this.#timer !== null;
  }

  /** Does something in a while, unless it will be done already. */
  later(work) {
    if (this.isWaiting) return;
    if (Date.now() - this.#triedAt > CALM_MS) this.#failures = 0;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#triedAt = Date.now();
      work();
    }, pace_ms(this.#failures));
    this.#failures += 1;
  }

  stop() {
    clearTimeout(this.#timer);
    this.#timer = null;
  }
}
