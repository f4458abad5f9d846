// A call without a server between: a connection to each of the other devices.

import { Peer } from "./peer.js";
import { isSentTo, judgeOffer } from "./rules.js";

/** Device → its newest attempt: also one that another connection with the same device has made counts. */
const generations = new Map();
const MOST_GENERATIONS = 200;

function nextGeneration(deviceID, least) {
  const generation = Math.max(least, (generations.get(deviceID) ?? -1) + 1);
  note(deviceID, generation);
  return generation;
}

function note(deviceID, generation) {
  generations.delete(deviceID);
  generations.set(deviceID, generation);
  if (generations.size > MOST_GENERATIONS) generations.delete(generations.keys().next().value);
}

export class Mesh {
  /** user id → Peer. */
  #peers = new Map();
  /** The devices in the room in the order in which they came: `[{user_id, device_id}]`. */
  #roster = [];
  #epoch = 0;

  /**
   * @param {object} options `ownID`; `iceServers`; `sources`: what one sends, by kind; `stateOf(userID)`; `remote`, `hooks`,
   *   `bitrate` and `changed()` (media.js); `send(op, data)` by the names `offer`, `answer` and `candidate`.
   */
  constructor(options) {
    Object.assign(this, options);
  }

  /** Connects to those who are in the room, and lets go of those who are not. Who came later makes the offer. */
  meet({ epoch, roster }) {
    const own = roster.findIndex(({ user_id }) => user_id === this.ownID);
    if (own < 0 || epoch < this.#epoch) return;
    this.#epoch = epoch;
    this.#roster = roster;
    for (const [userID, peer] of this.#peers) {
      if (this.#entryOf(userID)?.device_id === peer.deviceID) peer.repeat();
      else this.#close(userID);
    }
    for (const { user_id } of roster.slice(0, own)) {
      // What was said to them may have been lost with a connection.
      if (!this.#peers.get(user_id)?.isUnderWay) this.#begin(user_id);
    }
  }

  #entryOf(userID) {
    return this.#roster.find(({ user_id }) => user_id === userID);
  }

  #begin(userID) {
    const entry = this.#entryOf(userID);
    this.#close(userID);
    if (entry) this.#open(entry, nextGeneration(entry.device_id, this.#epoch), true);
  }

  #open({ user_id: userID, device_id: deviceID }, generation, begins) {
    const { iceServers, sources, remote, hooks, bitrate, changed } = this;
    const place = (id) => this.#roster.findIndex(({ user_id }) => user_id === id);
    const peer = new Peer({
      ...{ userID, deviceID, generation, begins, iceServers, sources, remote, hooks, bitrate, changed },
      isPolite: place(userID) < place(this.ownID),
      isSentTo: (kind) => isSentTo(kind, this.stateOf(userID)),
      send: (kind, data) => this.send(kind, { pc: userID, generation, ...data }),
      renew: () => this.#peers.get(userID) === peer && this.#begin(userID),
    });
    this.#peers.set(userID, peer);
    return peer;
  }

  #close(userID) {
    this.#peers.get(userID)?.close();
    this.#peers.delete(userID);
  }

  // MARK: What is heard from the others, by way of the server

  hear(name, data) {
    if (name === "VOICE_SDP_OFFER") return this.#hearOffer(data);
    const peer = this.#peers.get(data.pc);
    if (peer?.generation !== data.generation) return;
    if (name === "VOICE_SDP_ANSWER") peer.describe("answer", data);
    else peer.candidate(data.candidate);
  }

  #hearOffer(data) {
    const { pc, generation } = data;
    const entry = this.#entryOf(pc);
    if (!entry) return;
    const judgement = judgeOffer(this.#peers.get(pc)?.generation ?? null, generation);
    if (judgement === "old") return;
    if (judgement === "new") {
      this.#close(pc);
      note(entry.device_id, generation);
      this.#open(entry, generation, false);
    }
    this.#peers.get(pc).describe("offer", data);
  }

  // MARK: What one sends

  setTrack(kind) {
    for (const peer of this.#peers.values()) peer.setTrack(kind);
  }

  apply() {
    for (const [userID, peer] of [...this.#peers]) {
      if (this.stateOf(userID)) peer.apply();
    }
  }

  /** Somebody has left: their device need not say so. */
  leave(userID) {
    this.#close(userID);
  }

  configure(iceServers) {
    this.iceServers = iceServers;
    for (const { connection } of this.#peers.values()) {
      connection.setConfiguration({ iceServers, bundlePolicy: "max-bundle" });
    }
  }

  get connections() {
    return [...this.#peers.values()].map(({ connection }) => connection);
  }

  /** Whether nobody is reached who was reached before. */
  get isInterrupted() {
    const peers = [...this.#peers.values()];
    return peers.length > 0 && peers.every(({ interruption }) => interruption.isOn);
  }

  end() {
    for (const userID of [...this.#peers.keys()]) this.#close(userID);
  }
}
