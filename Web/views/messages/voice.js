import { h, patch } from "../../dom/element.js";
import { keyOf } from "../../dom/keys.js";
import { changeSetting } from "../../server/settings.js";
import { readSetting } from "../../store/settings.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { playingTime } from "../../texts/time.js";
import { iconButton } from "../common/controls.js";
import { notify } from "../common/dialog.js";
import { Island } from "../common/island.js";
import { bars } from "./waveform.js";

const SPEEDS = [1, 1.5, 2];
const STEP_S = 5;

/** The one that is heard: another one that begins stops it. */
let heard = null;

/** Plays something said: its waveform is where one is in it. */
export class VoicePlayer extends Island {
  constructor(properties) {
    super("div", "voice-message");
    this.audio = new Audio();
    this.audio.preload = "none";
    for (const event of ["timeupdate", "play", "pause", "ended"]) this.listen(this.audio, event, () => this.#draw());
    this.listen(this.audio, "ended", () => (this.audio.currentTime = 0));
    this.listen(this.audio, "error", () => this.audio.src && notify(t("voice.failed"), { kind: "error" }));
    this.atEnd(() => this.audio.pause());
    this.update(properties);
  }

  update({ file, voice }) {
    Object.assign(this, { file, voice });
    // The address changes now and then; what is being heard goes on.
    if (this.audio.paused && file && !this.audio.src.endsWith(file.url)) this.audio.src = file.url;
    this.#draw();
  }

  get length_s() {
    return this.voice.duration_ms / 1000;
  }

  #toggle() {
    if (!this.audio.paused) return this.audio.pause();
    if (heard !== this) heard?.audio.pause();
    heard = this;
    this.audio.playbackRate = readSetting(store.state, "client.voice").speed;
    this.audio.play().catch(() => {});
  }

  #seek(seconds) {
    this.audio.currentTime = Math.max(0, Math.min(seconds, this.length_s));
    this.#draw();
  }

  #nextSpeed() {
    const { speed } = readSetting(store.state, "client.voice");
    const next = SPEEDS[(SPEEDS.indexOf(speed) + 1) % SPEEDS.length];
    changeSetting("client.voice", { speed: next });
    this.audio.playbackRate = next;
    this.#draw();
  }

  #draw() {
    const { currentTime, paused } = this.audio;
    const isBegun = !paused || currentTime > 0;
    const share = Math.min(1, currentTime / this.length_s);
    const all = bars(this.voice.waveform);
    patch(this.element, [
      iconButton(paused ? "play" : "pause", t(paused ? "voice.play" : "voice.pause"), () => this.#toggle()),
      h(
        "div",
        { class: "waveform" },
        h(
          "div",
          { class: "waveform-bars", "aria-hidden": "true" },
          all.map((height, index) =>
            h("span", {
              key: index,
              class: index / all.length < share ? "past" : "",
              style: { "--height": `${Math.round(8 + height * 92)}%` },
            })
          ),
        ),
        h("input", {
          type: "range",
          min: 0,
          max: this.length_s,
          step: 0.1,
          value: String(currentTime),
          "aria-label": t("voice.position"),
          "aria-valuetext": `${playingTime(currentTime * 1000)} / ${playingTime(this.voice.duration_ms)}`,
          oninput: (event) => this.#seek(Number(event.target.value)),
          onkeydown: (event) => this.#key(event),
        }),
      ),
      h("span", { class: "soft voice-time" }, playingTime(isBegun ? currentTime * 1000 : this.voice.duration_ms)),
      h(
        "button",
        {
          type: "button",
          class: "button link voice-speed",
          "aria-label": t("voice.speed", { speed: readSetting(store.state, "client.voice").speed }),
          onclick: () => this.#nextSpeed(),
        },
        `${readSetting(store.state, "client.voice").speed}×`,
      ),
    ]);
  }

  #key(event) {
    const step = { ArrowLeft: -STEP_S, ArrowRight: STEP_S }[keyOf(event)];
    if (keyOf(event) === " ") this.#toggle();
    else if (step) this.#seek(this.audio.currentTime + step);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
