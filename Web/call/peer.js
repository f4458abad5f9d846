// The connection to one other device in a call: each sends to each (W3C, WebRTC 1.0; "perfect negotiation", section 10.7).

import { Interruption, RENEW_AFTER_MS } from "./interruption.js";
import { KINDS, plainKind } from "./rules.js";
import { addSection, changeSection, describeSections, limitRate, preferCodecs, replaceTrack } from "./transceivers.js";

/** Of one attempt (contract: Voice). */
const MOST_CANDIDATES = 64;

/** For the one who came first: the other one begins anew sooner. */
const RENEW_LATER_MS = 3000;

export class Peer {
  #isOffering = false;
  #ignoresOffer = false;
  #early = [];
  /** Kind → the section in which one's own is sent; empty for who waits for an offer. */
  #sections = new Map();
  /** What the other one sends in which section (mid → kind), as they said last. */
  #theirs = new Map();

  /**
   * @param {object} options `userID`, `deviceID`; `generation`: which attempt it is; `isPolite`: whether one gives way when both
   *   offer at once, which is who came later; `begins`: whether one makes the first offer; `sources`: what one sends, by kind;
   *   `isSentTo(kind)`: whether the other one gets it; `remote`: takes what comes; `hooks` (media.js); `bitrate`;
   *   `send(kind, data)`: takes an offer, an answer or a candidate to the other device; `renew()`: there must be another one.
   */
  constructor(options) {
    Object.assign(this, options);
    const { iceServers, begins, isPolite, renew, changed } = options;
    this.connection = new RTCPeerConnection({ iceServers, bundlePolicy: "max-bundle" });
    this.connection.onnegotiationneeded = () => this.#offer();
    this.connection.onicecandidate = ({ candidate }) => {
      if (candidate) this.send("candidate", candidate.toJSON());
    };
    this.connection.ontrack = ({ transceiver }) => this.#takeIn(transceiver);
    this.interruption = new Interruption(this.connection, {
      restart: () => this.connection.restartIce(),
      renew,
      changed,
      renewAfter_ms: RENEW_AFTER_MS + (isPolite ? 0 : RENEW_LATER_MS),
    });
    if (begins) this.#begin();
  }

  /** The section for the microphone is there first, and the other one answers in it: whoever has none listens all the same. */
  #begin() {
    const source = this.#source("mic");
    this.#add("mic", source ?? {}, source ? "sendrecv" : "recvonly");
    for (const kind of KINDS) this.setTrack(kind);
  }

  #add(kind, source, direction) {
    const { connection, bitrate } = this;
    const section = addSection(connection, kind, source, { direction, bitrate });
    this.hooks.onTransceiver(section);
    this.#sections.set(kind, section);
    this.hooks.onSender(section.sender, kind);
  }

  /** What the other one gets of a kind at the moment. */
  #source(kind) {
    return this.sources.get(kind) ?? null;
  }

  /** What is sent of a kind has changed. */
  setTrack(kind) {
    if (!this.#sections.has("mic")) return;
    const [section, source] = [this.#sections.get(kind), this.#source(kind)];
    if (!section && source) this.#add(kind, source, "sendonly");
    else if (section) changeSection(section, source);
    this.apply();
  }

  /** Who may hear nothing is sent nothing, which takes no offer. */
  apply() {
    for (const [kind, { sender }] of this.#sections) {
      replaceTrack(sender, this.isSentTo(kind) ? this.#source(kind)?.track ?? null : null);
    }
  }

  async #offer() {
    try {
      this.#isOffering = true;
      await this.connection.setLocalDescription();
      this.#sendOffer();
    } catch (error) {
      this.#report(error);
    } finally {
      this.#isOffering = false;
    }
  }

  #sendOffer() {
    const { type, sdp } = this.connection.localDescription;
    if (type === "offer") this.send("offer", { sdp, streams: describeSections(this.#sections, this.sources) });
  }

  /** What was said may have been lost with a connection to the server. */
  repeat() {
    if (this.connection.signalingState === "have-local-offer" && !this.#isOffering) this.#sendOffer();
    this.interruption.hurry();
  }

  /** An offer or an answer of the other device. */
  async describe(type, description) {
    try {
      await this.#describe(type, description);
    } catch (error) {
      this.#report(error);
    }
  }

  /** What fails because the connection is over is no fault. */
  #report(error) {
    if (this.connection.signalingState !== "closed") console.error(error);
  }

  async #describe(type, { sdp, streams }) {
    const { connection } = this;
    const collides = type === "offer" && (this.#isOffering || connection.signalingState !== "stable");
    this.#ignoresOffer = !this.isPolite && collides;
    if (this.#ignoresOffer) return;
    if (type === "answer" && connection.signalingState !== "have-local-offer") return;
    if (type === "offer") this.#theirs = new Map((streams ?? []).map(({ mid, kind }) => [mid, kind]));
    await connection.setRemoteDescription({ type, sdp });
    // Also those in which nothing comes may be sent in.
    for (const section of connection.getTransceivers()) this.hooks.onTransceiver(section);
    for (const candidate of this.#early.splice(0)) await this.#addCandidate(candidate);
    if (type === "offer") await this.#answer();
    this.#look();
  }

  async #answer() {
    const { connection } = this;
    const isFirst = !this.#sections.has("mic");
    if (isFirst) this.#joinIn();
    await connection.setLocalDescription();
    this.send("answer", { sdp: connection.localDescription.sdp });
    if (!isFirst) return;
    limitRate(this.#sections.get("mic"), this.bitrate);
    for (const kind of KINDS) this.setTrack(kind);
  }

  /** Who was offered to speaks in the section in which the other one's microphone is. */
  #joinIn() {
    const section = this.connection.getTransceivers().find(({ receiver }) => receiver.track.kind === "audio");
    if (!section) return this.#add("mic", this.#source("mic") ?? {}, "sendrecv");
    preferCodecs(section);
    this.#sections.set("mic", section);
    this.hooks.onSender(section.sender, "mic");
    const source = this.#source("mic");
    if (source) section.sender.setStreams?.(source.stream);
    changeSection(section, source);
  }

  // MARK: What comes

  #kindOf({ mid, receiver }) {
    return this.#theirs.get(mid) ?? plainKind(receiver.track.kind);
  }

  #takeIn(section) {
    const kind = this.#kindOf(section);
    this.hooks.onTransceiver(section);
    this.hooks.onReceiver(section.receiver, kind, this.userID);
    this.remote.set(this.userID, kind, section.receiver.track);
  }

  /** What is not sent any more is gone. */
  #look() {
    const sections = this.connection.getTransceivers().filter((one) => /recv/.test(one.currentDirection ?? ""));
    for (const section of sections) {
      const kind = this.#kindOf(section);
      if (!this.remote.has(this.userID, kind, section.receiver.track)) this.#takeIn(section);
    }
    this.remote.keep(this.userID, new Set(sections.map((section) => this.#kindOf(section))));
  }

  async candidate(candidate) {
    if (this.connection.remoteDescription) await this.#addCandidate(candidate);
    else if (this.#early.length < MOST_CANDIDATES) this.#early.push(candidate);
  }

  async #addCandidate(candidate) {
    try {
      await this.connection.addIceCandidate(candidate);
    } catch (error) {
      if (!this.#ignoresOffer) this.#report(error);
    }
  }

  /** Whether there is a way, or one is being looked for. */
  get isUnderWay() {
    return this.interruption.isOn || ["connecting", "connected"].includes(this.connection.connectionState);
  }

  close() {
    this.interruption.end();
    this.connection.close();
    this.remote.keep(this.userID, new Set());
  }
}
