// Servers that help connections to a way (TURN) take credentials that count for an hour. What opens a way later, such as a
// connection that is taken up again, needs others.

import { serverNow } from "../kernel/clock.js";

const HOUR_MS = 3_600_000;
const BEFORE_END_MS = 10 * 60_000;
const AT_LEAST_MS = 60_000;

/** How long to wait before credentials that end at a moment (Unix seconds) are renewed. */
export const renewalAfter_ms = (end_s, now_ms) =>
  Math.min(HOUR_MS, Math.max(AT_LEAST_MS, end_s * 1000 - now_ms - BEFORE_END_MS));

export class Credentials {
  #timer = null;
  #isOver = false;

  /**
   * @param {object} options `ask()`: a promise of `{ice_servers, expires_at}`; `use(servers)`: they are there.
   */
  constructor({ ask, use }) {
    Object.assign(this, { ask, use });
  }

  /** These count from now on. */
  begin(servers) {
    this.#schedule(servers, HOUR_MS - BEFORE_END_MS);
  }

  #schedule(servers, after_ms) {
    clearTimeout(this.#timer);
    if (servers.some(({ username }) => username)) this.#timer = setTimeout(() => this.#renew(), after_ms);
  }

  async #renew() {
    try {
      const { ice_servers, expires_at } = await this.ask();
      if (this.#isOver) return;
      this.use(ice_servers);
      this.#schedule(ice_servers, renewalAfter_ms(expires_at, serverNow()));
    } catch {
      if (!this.#isOver) this.#timer = setTimeout(() => this.#renew(), AT_LEAST_MS);
    }
  }

  end() {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }
}
