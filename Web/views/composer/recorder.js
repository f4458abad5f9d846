import { h, patch } from "../../dom/element.js";
import { keyOf } from "../../dom/keys.js";
import { makeNonce } from "../../kernel/snowflake.js";
import { upload } from "../../server/api.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { playingTime } from "../../texts/time.js";
import { button, iconButton } from "../common/controls.js";
import { notify, notifyError } from "../common/dialog.js";
import { Island } from "../common/island.js";
import { recordingType } from "./recording-type.js";

const SHOWN_LEVELS = 40;
const BETWEEN_LEVELS_MS = 100;

/** Something said, in place of the field: it is recorded, can be heard, and is sent or let go of. */
class Recorder extends Island {
  constructor({ channelID, replyTo, onsent, onend }) {
    super("div", "recorder");
    Object.assign(this, { channelID, replyTo, onsent, onend, state: "asking", levels: [], pieces: [], length_ms: 0 });
    this.nonce = makeNonce();
    this.listen(this.element, "keydown", (event) => keyOf(event) === "Escape" && this.#letGo());
    this.atEnd(() => this.#close());
    this.#draw();
  }

  /** Asks for the microphone and begins. */
  async begin() {
    if (!navigator.mediaDevices?.getUserMedia || !globalThis.MediaRecorder) return this.#fail("voice.no-tls");
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch (error) {
      return this.#fail(error.name === "NotAllowedError" ? "voice.refused" : "voice.no-microphone");
    }
    if (this.isOver) return this.#close();
    this.recorder = new MediaRecorder(this.stream, { mimeType: recordingType() });
    this.recorder.ondataavailable = ({ data }) => this.pieces.push(data);
    this.recorder.onstop = () => this.#recorded();
    this.#listenToLevel();
    this.recorder.start(1000);
    this.state = "recording";
    this.#tick();
  }

  #fail(text) {
    notify(t(text), { kind: "error" });
    this.#letGo();
  }

  #listenToLevel() {
    this.context = new AudioContext();
    this.analyser = this.context.createAnalyser();
    this.context.createMediaStreamSource(this.stream).connect(this.analyser);
  }

  #tick() {
    if (this.isOver || !["recording", "paused"].includes(this.state)) return;
    if (this.state === "recording") {
      this.length_ms += BETWEEN_LEVELS_MS;
      const samples = new Uint8Array(this.analyser.fftSize);
      this.analyser.getByteTimeDomainData(samples);
      this.levels.push(Math.max(...samples.map((sample) => Math.abs(sample - 128))) / 128);
      const most_s = store.state.capabilities?.max_voice_message_seconds ?? 600;
      if (this.length_ms >= most_s * 1000) return this.#stop();
    }
    this.#draw();
    this.later(BETWEEN_LEVELS_MS, () => this.#tick());
  }

  #pause() {
    const isPaused = this.state === "paused";
    this.recorder[isPaused ? "resume" : "pause"]();
    this.state = isPaused ? "recording" : "paused";
    this.#draw();
  }

  #stop() {
    if (this.recorder.state !== "inactive") this.recorder.stop();
  }

  #recorded() {
    if (this.isOver) return;
    this.#silence();
    this.recording = new Blob(this.pieces, { type: this.recorder.mimeType });
    this.url = URL.createObjectURL(this.recording);
    this.state = "recorded";
    this.#draw();
    if (this.isToBeSent) this.#send();
    else this.element.querySelector(".primary")?.focus();
  }

  /** What is still being recorded ends, and is sent. */
  #sendNow() {
    if (this.state === "recorded") return this.#send();
    this.isToBeSent = true;
    this.#stop();
  }

  async #send() {
    this.state = "sending";
    this.#draw();
    const form = new FormData();
    form.append("nonce", this.nonce);
    form.append("duration_ms", String(this.length_ms));
    if (this.replyTo) form.append("reply_to_id", this.replyTo.id);
    form.append("audio", this.recording, "voice-message");
    this.cancel = new AbortController();
    try {
      const message = await upload("POST", `/channels/${this.channelID}/voice-messages`, form, {
        signal: this.cancel.signal,
      });
      store.apply("MESSAGE_CREATE", message);
      this.onsent();
      this.#letGo();
    } catch (error) {
      if (this.isOver || error.name === "AbortError") return;
      this.isToBeSent = false;
      this.state = "recorded";
      this.#draw();
      notifyError(error);
    }
  }

  #letGo() {
    this.destroy();
    this.onend();
  }

  #silence() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.context?.close().catch(() => {});
    this.context = null;
  }

  #close() {
    this.cancel?.abort();
    if (this.recorder && this.recorder.state !== "inactive") this.recorder.stop();
    this.#silence();
    if (this.url) URL.revokeObjectURL(this.url);
  }

  #draw() {
    const { state } = this;
    const isOpen = state === "recording" || state === "paused";
    patch(this.element, [
      iconButton("trash", t("voice.discard"), () => this.#letGo(), { key: "discard" }),
      isOpen &&
      iconButton(
        state === "paused" ? "mic" : "pause",
        t(state === "paused" ? "voice.go-on" : "voice.pause"),
        () => this.#pause(),
        { key: "pause" },
      ),
      isOpen && iconButton("stop", t("voice.stop"), () => this.#stop(), { key: "stop" }),
      state === "recorded"
        ? h("audio", { key: "audio", controls: true, src: this.url, "aria-label": t("voice.message") })
        : this.#renderLevels(),
      h(
        "span",
        { key: "time", class: "soft voice-time", role: "timer" },
        state === "asking" ? t("voice.asking") : playingTime(this.length_ms),
      ),
      state === "sending"
        ? h("span", { key: "sending", class: "soft", role: "status" }, t("message.sending"))
        : state !== "asking" && button(t("send"), () => this.#sendNow(), { key: "send", kind: "primary" }),
    ]);
  }

  #renderLevels() {
    const levels = this.levels.slice(-SHOWN_LEVELS);
    return h(
      "div",
      { key: "levels", class: "waveform-bars grow", "aria-hidden": "true" },
      levels.map((level, index) =>
        h("span", { key: index, class: "past", style: { "--height": `${Math.round(8 + level * 92)}%` } })
      ),
    );
  }
}

export const recordVoice = (properties) => new Recorder(properties);
