// What one shows in a call, a camera or a screen: what one wants, and what the server says of it.

import { store } from "../store/store.js";

/** Kind → the name under which the call has it. */
const NAMES = { camera: "hasVideo", screen: "isStreaming" };

export class Showing {
  /** What the server has confirmed. */
  #isConfirmed = { camera: false, screen: false };

  /** @param {object} options `own()`: the tracks of the call that goes on; `change(change)`: changes the call and tells it. */
  constructor({ own, change }) {
    Object.assign(this, { own, change });
  }

  async toggle(kind) {
    if (store.state.call[NAMES[kind]]) return this.stop(kind);
    const own = this.own();
    store.apply("CALL", { trouble: null });
    try {
      const hasSound = await (kind === "camera" ? own.startCamera() : own.startScreen());
      if (own !== this.own()) return;
      this.change({ [NAMES[kind]]: true, trouble: hasSound === false ? "screen-silent" : null });
    } catch (error) {
      if (own === this.own()) this.#failed(kind, error);
    }
  }

  #failed(kind, error) {
    const isRefused = error.name === "NotAllowedError";
    // Who closes the browser's question for a screen has decided; there is nothing to say.
    if (isRefused && kind === "screen") return;
    store.apply("CALL", { trouble: `${kind}-${isRefused ? "refused" : "missing"}` });
  }

  stop(kind) {
    if (kind === "camera") this.own()?.stopCamera();
    else this.own()?.stopScreen();
    this.#isConfirmed[kind] = false;
    if (store.state.call?.[NAMES[kind]]) this.change({ [NAMES[kind]]: false, trouble: null });
  }

  /** Of one's own state: what was confirmed once and is so no more, somebody has taken the right to. */
  follow({ self_video, self_stream }) {
    for (const [kind, isShown] of [["camera", self_video], ["screen", self_stream]]) {
      if (isShown) this.#isConfirmed[kind] = true;
      else if (this.#isConfirmed[kind]) this.stop(kind);
    }
  }

  /** A change of one's state was refused. Whether that was something that one wanted to show: then it ends. */
  refused() {
    const asked = Object.keys(NAMES).filter((kind) => store.state.call[NAMES[kind]] && !this.#isConfirmed[kind]);
    for (const kind of asked) this.stop(kind);
    if (asked.length > 0) store.apply("CALL", { trouble: "not-shown" });
    return asked.length > 0;
  }

  /** The call is over. */
  end() {
    this.#isConfirmed = { camera: false, screen: false };
  }
}
