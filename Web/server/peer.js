// The connection to one other device in a call: each sends to each (W3C, WebRTC 1.0; "perfect negotiation", section 10.7).

export class Peer {
  #isOffering = false;
  #ignoresOffer = false;
  #early = [];

  /**
   * @param {object} options `userID`, `deviceID`; `generation`: which attempt it is; `isPolite`: whether one gives way when both
   *   offer at once, which is who came later; `iceServers`; `tracks`: what is sent from the beginning; `send(kind, data)`:
   *   takes an offer, an answer or a candidate to the other device.
   */
  constructor({ userID, deviceID, generation, isPolite, iceServers, tracks, send }) {
    Object.assign(this, { userID, deviceID, generation, isPolite, send });
    this.connection = new RTCPeerConnection({ iceServers, bundlePolicy: "max-bundle" });
    /** What each sender sends, when it does. */
    this.own = new Map();
    this.audio = new Audio();
    this.audio.autoplay = true;
    this.connection.onnegotiationneeded = () => this.#offer();
    this.connection.onicecandidate = ({ candidate }) => {
      if (candidate) send("candidate", candidate.toJSON());
    };
    this.connection.onconnectionstatechange = () => {
      if (this.connection.connectionState === "failed") this.connection.restartIce();
    };
    this.connection.ontrack = ({ track, streams }) => {
      if (track.kind !== "audio") return;
      this.audio.srcObject = streams[0] ?? new MediaStream([track]);
      this.audio.play().catch(() => {});
    };
    // Whoever came later begins; the other one sends as soon as it is asked.
    if (isPolite) this.#add(tracks);
    else this.tracks = tracks;
  }

  #add(tracks) {
    for (const { track, stream } of tracks) this.connection.addTrack(track, stream);
    // Who has no microphone listens all the same.
    if (tracks.length === 0) this.connection.addTransceiver("audio", { direction: "recvonly" });
  }

  async #offer() {
    try {
      this.#isOffering = true;
      await this.connection.setLocalDescription();
      this.send("offer", { sdp: this.connection.localDescription.sdp });
    } catch (error) {
      console.error(error);
    } finally {
      this.#isOffering = false;
    }
  }

  /** An offer or an answer of the other device. */
  async describe(type, sdp) {
    const { connection } = this;
    const collides = type === "offer" && (this.#isOffering || connection.signalingState !== "stable");
    this.#ignoresOffer = !this.isPolite && collides;
    if (this.#ignoresOffer) return;
    await connection.setRemoteDescription({ type, sdp });
    for (const candidate of this.#early.splice(0)) await this.#addCandidate(candidate);
    if (type !== "offer") return;
    if (this.tracks) {
      for (const { track, stream } of this.tracks) connection.addTrack(track, stream);
      this.tracks = null;
    }
    await connection.setLocalDescription();
    this.send("answer", { sdp: connection.localDescription.sdp });
  }

  async candidate(candidate) {
    if (this.connection.remoteDescription) await this.#addCandidate(candidate);
    else if (this.#early.length < MOST_CANDIDATES) this.#early.push(candidate);
  }

  async #addCandidate(candidate) {
    try {
      await this.connection.addIceCandidate(candidate);
    } catch (error) {
      if (!this.#ignoresOffer) console.error(error);
    }
  }

  /** Whether there is a way, or one is being looked for. */
  get isUnderWay() {
    return ["connecting", "connected"].includes(this.connection.connectionState);
  }

  /** Whether the other device gets anything. */
  set isSentTo(isSentTo) {
    for (const sender of this.connection.getSenders()) {
      const track = isSentTo ? this.own.get(sender) : null;
      if (sender.track) this.own.set(sender, sender.track);
      if (track !== undefined && sender.track !== track) sender.replaceTrack(track).catch(console.error);
    }
  }

  set isSilent(isSilent) {
    this.audio.muted = isSilent;
  }

  close() {
    this.connection.close();
    this.audio.srcObject = null;
  }
}

/** Of one attempt (contract: Voice). */
const MOST_CANDIDATES = 64;
