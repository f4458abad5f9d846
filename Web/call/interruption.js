// Looks after a connection: when it is interrupted it is helped, and when that does not help there is another one.

/** After so long the ways are looked for anew (ICE restart: RFC 8445, section 2.4). */
export const RESTART_AFTER_MS = 3000;
/** After so long there is a new connection; also one that never lived is given so long. */
export const RENEW_AFTER_MS = 10_000;

export class Interruption {
  #restarting = null;
  #renewing = null;
  #hasLived = false;
  #isOver = false;

  /**
   * @param {object} options `restart()`, which may be left out; `renew()`; `changed()`: it has begun or is over;
   *   `renewAfter_ms`: how long to wait for that; `interruptedAfter_ms`: the same once it has lived.
   */
  constructor(
    connection,
    { restart, renew, changed = () => {}, renewAfter_ms = RENEW_AFTER_MS, interruptedAfter_ms = renewAfter_ms },
  ) {
    Object.assign(this, { connection, restart, renew, changed, renewAfter_ms, interruptedAfter_ms });
    connection.addEventListener("connectionstatechange", () => this.#look());
    this.#schedule();
  }

  /** Whether a connection that lived is interrupted now. */
  get isOn() {
    return this.#hasLived && this.connection.connectionState !== "connected";
  }

  #look() {
    if (this.#isOver) return;
    const state = this.connection.connectionState;
    if (state === "connected") {
      this.#hasLived = true;
      this.#clear();
    } else if (state === "disconnected") {
      this.#restarting ??= setTimeout(() => this.restart?.(), RESTART_AFTER_MS);
      this.#schedule();
    } else if (state === "failed") {
      clearTimeout(this.#restarting);
      // Where that can't help, nobody has to wait.
      if (this.restart && this.#hasLived) this.restart();
      else this.#renewNow();
      this.#schedule();
    }
    this.changed();
  }

  /** There is a network again, or a way to say what is needed. */
  hurry() {
    if (!this.#isOver && ["disconnected", "failed"].includes(this.connection.connectionState)) this.restart?.();
  }

  #schedule() {
    this.#renewing ??= setTimeout(
      () => this.#renewNow(),
      this.#hasLived ? this.interruptedAfter_ms : this.renewAfter_ms,
    );
  }

  #renewNow() {
    if (this.#isOver) return;
    this.end();
    this.renew();
  }

  #clear() {
    clearTimeout(this.#restarting);
    clearTimeout(this.#renewing);
    this.#restarting = this.#renewing = null;
  }

  end() {
    this.#isOver = true;
    this.#clear();
  }
}
