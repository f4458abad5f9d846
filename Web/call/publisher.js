// The connection with the server on which one sends.

import { Interruption, RENEW_AFTER_MS } from "./interruption.js";
import { Pace } from "./pace.js";
import { addSection, changeSection, describeCandidate, describeSections } from "./transceivers.js";

/** Counts the connections of this page: a newer one has a higher number. */
let generations = 0;

export class Publisher {
  connection = null;
  interruption = null;
  #sections = new Map();
  #generation = 0;
  #pace = new Pace();
  /** The offer that has no answer yet. */
  #waiting = null;

  /** @param {object} options `iceServers`, `sources`, `hooks`, `bitrate`, `changed`, `send` as of the call (sfu.js). */
  constructor(options) {
    Object.assign(this, options);
    if (this.sources.size > 0) this.#open();
  }

  #open() {
    this.#close();
    this.#generation = generations += 1;
    const connection = new RTCPeerConnection({ iceServers: this.iceServers, bundlePolicy: "max-bundle" });
    this.connection = connection;
    connection.onnegotiationneeded = () => this.#offer(connection);
    connection.onicecandidate = ({ candidate }) => this.#tell(candidate);
    this.interruption = new Interruption(connection, {
      restart: () => connection.restartIce(),
      renew: () => this.#renew(),
      changed: this.changed,
    });
    for (const kind of this.sources.keys()) this.setTrack(kind);
  }

  /** What is sent of a kind has changed. Who sends nothing at all has no connection. */
  setTrack(kind) {
    if (!this.connection) return this.sources.size > 0 && !this.#pace.isWaiting ? this.#open() : undefined;
    const [section, source] = [this.#sections.get(kind), this.sources.get(kind)];
    if (section) changeSection(section, source ?? null);
    else if (source) this.#add(kind, source);
  }

  #add(kind, source) {
    const section = addSection(this.connection, kind, source, { direction: "sendonly", bitrate: this.bitrate });
    this.hooks.onTransceiver(section);
    this.#sections.set(kind, section);
    this.hooks.onSender(section.sender, kind);
  }

  /** The browser asks for the next one only when the one before was answered. */
  async #offer(connection) {
    try {
      await connection.setLocalDescription();
      const { sdp } = connection.localDescription;
      const streams = describeSections(this.#sections, this.sources);
      if (connection !== this.connection) return;
      this.send("offer", { pc: "pub", sdp, streams, generation: this.#generation });
      clearTimeout(this.#waiting);
      this.#waiting = setTimeout(() => this.#renew(), RENEW_AFTER_MS);
    } catch (error) {
      if (connection.signalingState !== "closed") console.error(error);
    }
  }

  #tell(candidate) {
    if (candidate?.candidate === "") return;
    this.send("candidate", {
      pc: "pub",
      generation: this.#generation,
      ...describeCandidate(candidate),
    });
  }

  async answer({ sdp, generation }) {
    const { connection } = this;
    if (generation !== this.#generation || connection?.signalingState !== "have-local-offer") return;
    clearTimeout(this.#waiting);
    try {
      await connection.setRemoteDescription({ type: "answer", sdp });
    } catch (error) {
      if (connection.signalingState === "closed") return;
      console.error(error);
      this.#renew();
    }
  }

  /** The server does not take what was offered, for the moment. */
  refused() {
    this.#renew();
  }

  #renew() {
    this.#close();
    this.#pace.later(() => this.sources.size > 0 && this.#open());
    this.changed();
  }

  /** Whether what one sends does not arrive, which it did before. */
  get isInterrupted() {
    return Boolean(this.interruption?.isOn || this.#pace.isWaiting);
  }

  #close() {
    clearTimeout(this.#waiting);
    this.interruption?.end();
    this.connection?.close();
    this.connection = this.interruption = null;
    this.#sections = new Map();
  }

  end() {
    this.#pace.stop();
    this.#close();
  }
}
