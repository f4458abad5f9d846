// The connection with the server on which the others come.

import { Interruption } from "./interruption.js";
import { judgeOffer } from "./rules.js";
import { describeCandidate } from "./transceivers.js";

/** A connection to the server that is silent for so long is not taken up again by itself. */
const LOST_AFTER_MS = 5000;

export class Subscriber {
  connection = null;
  interruption = null;
  #generation = null;
  /** What the server says is in which section (mid → {kind, user_id}). */
  #streams = new Map();
  /** One offer after the other. */
  #work = Promise.resolve();
  #isOver = false;

  /** @param {object} options `iceServers`, `remote`, `hooks`, `changed`, `send`; `lost()`: everything must be begun anew. */
  constructor(options) {
    Object.assign(this, options);
  }

  /** An offer of the server. */
  offer(data) {
    return this.#work = this.#work.then(() => this.#take(data)).catch((error) => {
      if (!this.#isOver) console.error(error);
    });
  }

  async #take({ sdp, streams, generation }) {
    const judgement = judgeOffer(this.#generation, generation);
    if (this.#isOver || judgement === "old") return;
    if (judgement === "new") this.#open(generation);
    const { connection } = this;
    this.#streams = new Map((streams ?? []).map((stream) => [stream.mid, stream]));
    await connection.setRemoteDescription({ type: "offer", sdp });
    if (connection !== this.connection) return;
    this.#assign();
    await connection.setLocalDescription();
    if (connection !== this.connection) return;
    this.send("answer", { pc: "sub", sdp: connection.localDescription.sdp, generation });
  }

  #open(generation) {
    this.#close();
    this.#generation = generation;
    const connection = new RTCPeerConnection({ iceServers: this.iceServers, bundlePolicy: "max-bundle" });
    this.connection = connection;
    connection.ontrack = ({ transceiver }) => this.hooks.onTransceiver(transceiver);
    connection.onicecandidate = ({ candidate }) => {
      if (candidate?.candidate === "") return;
      this.send("candidate", { pc: "sub", generation, ...describeCandidate(candidate) });
    };
    this.interruption = new Interruption(connection, {
      renew: () => this.lost(),
      changed: this.changed,
      interruptedAfter_ms: LOST_AFTER_MS,
    });
  }

  /** Who is in which section. One that the server does not name is nobody's, and is not played. */
  #assign() {
    const named = new Set();
    for (const { mid, receiver } of this.connection.getTransceivers()) {
      const stream = this.#streams.get(mid);
      if (!stream) continue;
      named.add(`${stream.user_id} ${stream.kind}`);
      if (this.remote.has(stream.user_id, stream.kind, receiver.track)) continue;
      this.hooks.onReceiver(receiver, stream.kind, stream.user_id);
      this.remote.set(stream.user_id, stream.kind, receiver.track);
    }
    this.remote.keepWhere((userID, kind) => named.has(`${userID} ${kind}`));
  }

  get isInterrupted() {
    return Boolean(this.interruption?.isOn);
  }

  #close() {
    this.interruption?.end();
    this.connection?.close();
    this.connection = this.interruption = null;
  }

  end() {
    this.#isOver = true;
    this.#close();
    this.remote.keepWhere(() => false);
  }
}
