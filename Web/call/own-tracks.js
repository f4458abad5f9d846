// What this device sends: its microphone, its camera, a screen and the sound of that.

import { callSettings } from "./call-settings.js";
import { Microphone, NONE } from "./microphone.js";
import { stop, takeCamera, takeScreen } from "./pictures.js";

export class OwnTracks {
  /** Kind → {track, stream}: what there is to send. */
  sources = new Map();
  /** What is seen and heard together; it stays the same when a device changes, which takes no offer then. */
  #streams = (([person, screen]) => ({ mic: person, camera: person, screen, screen_audio: screen }))(
    [new MediaStream(), new MediaStream()],
  );
  /** Why there is no microphone. */
  #reason = null;
  #camera = null;
  #screen = null;
  #isOver = false;

  /**
   * @param {object} options `changed(kind)`: another track is to be sent, or none; `speaks(isSpeaking)`; `ended(kind, reason)`:
   *   the device or the browser has ended it.
   */
  constructor({ changed, speaks, ended }) {
    Object.assign(this, { changed, ended });
    this.microphone = new Microphone({ tell: speaks, ended: () => this.takeMicrophone() });
  }

  #set(kind, track) {
    if (track) this.sources.set(kind, { track, stream: this.#streams[kind] });
    else if (!this.sources.delete(kind)) return;
    this.changed(kind);
  }

  /** Takes the microphone of the settings, also in the middle of a call. Tells why there is none. */
  async takeMicrophone() {
    const reason = await this.microphone.take();
    if (this.#isOver) return this.microphone.end();
    this.#reason = reason;
    if (reason) this.microphone.end();
    this.#set("mic", this.microphone.track);
    this.ended("mic", reason);
  }

  /** Devices have come or gone: a microphone that was missing, or the one that was chosen, is taken. */
  async lookForMicrophone() {
    const devices = await navigator.mediaDevices.enumerateDevices();
    const wish = callSettings().microphone;
    const isThere = devices.some(({ kind, deviceId }) => kind === "audioinput" && (!wish || deviceId === wish));
    const isOther = this.sources.has("mic") && wish && this.microphone.deviceID !== wish;
    if (isThere && (isOther || this.#reason === NONE.none) && !this.#isOver) await this.takeMicrophone();
  }

  /** Shows the camera of the settings; asked once more, another one takes its place without a gap. */
  async startCamera() {
    const stream = await takeCamera();
    if (this.#isOver) return stop(stream);
    stop(this.#camera);
    this.#camera = stream;
    const [track] = stream.getVideoTracks();
    track.onended = () => this.ended("camera");
    this.#set("camera", track);
  }

  stopCamera() {
    stop(this.#camera);
    this.#camera = null;
    this.#set("camera", null);
  }

  /** Shows a screen. Returns whether the browser gives its sound, too. */
  async startScreen() {
    const stream = await takeScreen();
    if (this.#isOver) return stop(stream);
    stop(this.#screen);
    this.#screen = stream;
    const [picture, sound] = [stream.getVideoTracks()[0], stream.getAudioTracks()[0] ?? null];
    picture.onended = () => this.ended("screen");
    this.#set("screen", picture);
    this.#set("screen_audio", sound);
    return Boolean(sound);
  }

  /** What one sees of it oneself; null where nothing is shown. */
  picture(kind) {
    return kind === "camera" ? this.#camera : this.#screen;
  }

  stopScreen() {
    stop(this.#screen);
    this.#screen = null;
    this.#set("screen", null);
    this.#set("screen_audio", null);
  }

  /** Takes what the settings say now, where it is another device than before. */
  async follow(before) {
    const now = callSettings();
    const isOther = (...names) => names.some((name) => now[name] !== before[name]);
    const hasMicrophone = this.sources.has("mic");
    if (
      isOther("microphone") || (hasMicrophone && isOther("echoCancellation", "noiseSuppression", "autoGainControl"))
    ) {
      await this.takeMicrophone();
    }
    if (isOther("camera") && this.#camera) await this.startCamera();
  }

  end() {
    this.#isOver = true;
    this.microphone.end();
    for (const stream of [this.#camera, this.#screen]) stop(stream);
    this.sources.clear();
  }
}
