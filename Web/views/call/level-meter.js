import { call } from "../../call/call.js";
import { callSettings } from "../../call/call-settings.js";
import { t } from "../../texts/text.js";
import { Island } from "../common/island.js";

/** How loud the microphone is at the moment. */
export class LevelMeter extends Island {
  constructor() {
    super("meter", "level");
    Object.assign(this.element, { min: 0, max: 1 });
    this.element.setAttribute("aria-label", t("call-settings.level"));
    this.#draw();
  }

  #draw = () => {
    if (this.isOver) return;
    const { element } = this;
    // Below the threshold the browser draws it in another colour.
    element.low = callSettings().threshold;
    element.optimum = 1;
    element.value = call.media?.own.microphone.level ?? 0;
    requestAnimationFrame(this.#draw);
  };
}
