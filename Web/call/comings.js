// The tones when somebody comes or goes, oneself or another.

import { playTones } from "./audio.js";
import { callSettings } from "./call-settings.js";

export class Comings {
  /** The devices that were in the room when it was last told. */
  #devices = null;

  #tell(name) {
    if (callSettings().sounds) playTones(name);
  }

  begin() {
    this.#devices = null;
    this.#tell("join");
  }

  meet({ roster }) {
    const before = this.#devices;
    this.#devices = roster.map(({ device_id }) => device_id);
    if (!before) return;
    if (this.#devices.some((id) => !before.includes(id))) this.#tell("join");
    else if (before.some((id) => !this.#devices.includes(id))) this.#tell("leave");
  }

  end() {
    this.#tell("leave");
  }
}
