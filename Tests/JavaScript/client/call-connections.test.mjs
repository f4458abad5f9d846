// Connections of calls against a browser that is played: what is offered, answered and begun anew.

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { Interruption } from "../../../Web/call/interruption.js";
import { Mesh } from "../../../Web/call/mesh.js";
import { SFU } from "../../../Web/call/sfu.js";

/** A connection that agrees to everything. Sections have the number of their place as `mid`. */
class Connection extends EventTarget {
  static all = [];
  sections = [];
  connectionState = "new";
  signalingState = "stable";
  restarts = 0;
  localDescription = null;
  remoteDescription = null;

  constructor(configuration) {
    super();
    this.configuration = configuration;
    Connection.all.push(this);
  }

  /** What was not agreed upon yet needs an offer, as soon as the one before was answered. */
  #need() {
    queueMicrotask(() => {
      const isNeeded = this.isRestarting || this.sections.some((one) => one.way !== one.currentDirection);
      if (isNeeded && this.signalingState === "stable") this.onnegotiationneeded?.();
    });
  }

  addTransceiver(trackOrKind, { direction }) {
    const track = typeof trackOrKind === "string" ? null : trackOrKind;
    const section = this.#section(track?.kind ?? trackOrKind, direction, track);
    this.#need();
    return section;
  }

  #section(kind, direction, track) {
    const need = () => this.#need();
    const section = {
      mid: null,
      currentDirection: null,
      way: direction,
      get direction() {
        return this.way;
      },
      set direction(way) {
        this.way = way;
        need();
      },
      sender: {
        track,
        replaceTrack(track) {
          this.track = track;
          return Promise.resolve();
        },
      },
      receiver: { track: { kind } },
    };
    this.sections.push(section);
    return section;
  }

  getTransceivers() {
    return this.sections;
  }

  setLocalDescription() {
    this.sections.forEach((section, index) => (section.mid = String(index)));
    this.described = this.sections.map((section) => [section, section.way]);
    const type = this.signalingState === "have-remote-offer" ? "answer" : "offer";
    this.signalingState = type === "offer" ? "have-local-offer" : "stable";
    if (type === "answer") this.#settle();
    this.localDescription = { type, sdp: `${type} of ${this.sections.map(({ way }) => way)}` };
    return Promise.resolve();
  }

  /** An offer of `audio video` has these sections. */
  setRemoteDescription({ type, sdp }) {
    if (type === "answer" && this.signalingState !== "have-local-offer") {
      return Promise.reject(new Error("InvalidState"));
    }
    this.remoteDescription = { type, sdp };
    this.signalingState = type === "offer" ? "have-remote-offer" : "stable";
    if (type === "answer") this.#settle();
    else {
      sdp.split(" ").slice(this.sections.length).forEach((kind) => {
        const section = this.#section(kind, "recvonly", null);
        section.mid = String(this.sections.length - 1);
        this.ontrack?.({ transceiver: section });
      });
    }
    return Promise.resolve();
  }

  #settle() {
    for (const [section, way] of this.described) section.currentDirection = way;
    this.isRestarting = false;
    this.#need();
  }

  addIceCandidate = () => Promise.resolve();
  restartIce() {
    this.restarts += 1;
    this.isRestarting = true;
    this.#need();
  }
  setConfiguration(configuration) {
    this.configuration = configuration;
  }
  is(state) {
    this.connectionState = state;
    this.dispatchEvent(new Event("connectionstatechange"));
  }
  close() {
    this.connectionState = this.signalingState = "closed";
  }
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

/** What comes from others, by `user kind`. */
class Remote {
  tracks = new Map();
  set = (userID, kind, track) => this.tracks.set(`${userID} ${kind}`, track);
  has = (userID, kind, track) => this.tracks.get(`${userID} ${kind}`) === track;
  keep = (userID, kinds) => this.keepWhere((user, kind) => user !== userID || kinds.has(kind));
  keepWhere(isLeft) {
    for (const key of [...this.tracks.keys()]) if (!isLeft(...key.split(" "))) this.tracks.delete(key);
  }
  get names() {
    return [...this.tracks.keys()].sort();
  }
}

const MIC = { track: { kind: "audio", name: "mic" }, stream: {} };
const CAMERA = { track: { kind: "video", name: "camera" }, stream: {} };

function makeOptions(sources = {}) {
  const options = {
    ownID: "2",
    iceServers: [],
    bitrate: 64_000,
    sources: new Map(Object.entries(sources)),
    remote: new Remote(),
    hooks: {
      onTransceiver() {},
      told: [],
      onSender: (_, kind) => options.hooks.told.push(kind),
      onReceiver: (_, kind, id) => options.hooks.told.push(`${id} ${kind}`),
    },
    changed() {},
    stateOf: () => ({}),
    said: [],
    send: (kind, data) => options.said.push({ kind, ...data }),
    losses: 0,
    lost: () => (options.losses += 1),
  };
  return options;
}

beforeEach(() => {
  Connection.all = [];
  globalThis.RTCPeerConnection = Connection;
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  mock.method(Math, "random", () => 0);
});

afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

// MARK: By way of a server

test("who has nothing to send has no connection for it, and makes one with the first track", async () => {
  const options = makeOptions();
  const sfu = new SFU(options);
  await settle();
  assert.equal(Connection.all.length, 0);
  options.sources.set("mic", MIC);
  sfu.setTrack("mic");
  await settle();
  const [offer] = options.said;
  assert.deepEqual([offer.kind, offer.pc, offer.streams], ["offer", "pub", [{ mid: "0", kind: "mic" }]]);
  assert.deepEqual(Connection.all[0].sections.map(({ way }) => way), ["sendonly"]);
  assert.deepEqual(options.hooks.told, ["mic"]);
});

test("a track that comes is offered on the same connection once the offer before was answered", async () => {
  const options = makeOptions({ mic: MIC });
  const sfu = new SFU(options);
  await settle();
  options.sources.set("camera", CAMERA);
  sfu.setTrack("camera");
  await settle();
  assert.equal(options.said.length, 1, "one at a time");
  const { generation } = options.said[0];
  await sfu.hear("VOICE_SDP_ANSWER", { pc: "pub", sdp: "answer", generation: generation - 1 });
  assert.equal(Connection.all[0].signalingState, "have-local-offer", "of an older one");
  await sfu.hear("VOICE_SDP_ANSWER", { pc: "pub", sdp: "answer", generation });
  await settle();
  assert.equal(Connection.all.length, 1);
  assert.deepEqual(options.said[1].streams, [{ mid: "0", kind: "mic" }, { mid: "1", kind: "camera" }]);
  assert.equal(options.said[1].generation, generation);
});

test("what ends is not offered, and its section is taken again", async () => {
  const options = makeOptions({ mic: MIC, camera: CAMERA });
  const sfu = new SFU(options);
  await settle();
  const { generation } = options.said[0];
  await sfu.hear("VOICE_SDP_ANSWER", { pc: "pub", sdp: "answer", generation });
  options.sources.delete("camera");
  sfu.setTrack("camera");
  await settle();
  const [{ sections }] = Connection.all;
  assert.deepEqual(options.said.at(-1).streams, [{ mid: "0", kind: "mic" }]);
  assert.deepEqual([sections[1].way, sections[1].sender.track], ["inactive", null]);
  await sfu.hear("VOICE_SDP_ANSWER", { pc: "pub", sdp: "answer", generation });
  options.sources.set("camera", CAMERA);
  sfu.setTrack("camera");
  await settle();
  assert.equal(sections.length, 2);
  assert.equal(options.said.at(-1).streams.length, 2);
});

test("another device takes the place of one without an offer", async () => {
  const options = makeOptions({ mic: MIC });
  const sfu = new SFU(options);
  await settle();
  await sfu.hear("VOICE_SDP_ANSWER", { pc: "pub", sdp: "answer", generation: options.said[0].generation });
  const other = { track: { kind: "audio", name: "other" }, stream: MIC.stream };
  options.sources.set("mic", other);
  sfu.setTrack("mic");
  await settle();
  assert.equal(Connection.all[0].sections[0].sender.track, other.track);
  assert.equal(options.said.length, 1);
});

test("candidates are told, and that there are no more", () => {
  const options = makeOptions({ mic: MIC });
  new SFU(options);
  Connection.all[0].onicecandidate({
    candidate: { toJSON: () => ({ candidate: "udp 1", sdpMid: "0", sdpMLineIndex: 0 }) },
  });
  Connection.all[0].onicecandidate({ candidate: null });
  assert.deepEqual(options.said.map(({ kind, pc, candidate }) => [kind, pc, candidate]), [
    ["candidate", "pub", "udp 1"],
    ["candidate", "pub", ""],
  ]);
});

test("an offer without an answer leads to a newer connection, later each time", async () => {
  const options = makeOptions({ mic: MIC });
  const sfu = new SFU(options);
  await settle();
  mock.timers.tick(10_000);
  mock.timers.tick(999);
  assert.equal(Connection.all.length, 1);
  mock.timers.tick(1);
  await settle();
  assert.equal(Connection.all.length, 2);
  assert.equal(options.said[1].generation, options.said[0].generation + 1);
  assert.equal(Connection.all[0].connectionState, "closed");
  mock.timers.tick(10_000);
  mock.timers.tick(1000);
  assert.equal(Connection.all.length, 2, "after two seconds now");
  mock.timers.tick(1000);
  assert.equal(Connection.all.length, 3);
  sfu.end();
});

const offer = (generation, sdp, ...streams) => ({
  pc: "sub",
  generation,
  sdp,
  streams: streams.map(([mid, kind, user_id]) => ({ mid, kind, user_id })),
});

test("the server says who is in which section, and of the others nothing is played", async () => {
  const options = makeOptions();
  const sfu = new SFU(options);
  await sfu.hear("VOICE_SDP_OFFER", offer(1, "audio video audio", ["0", "mic", "7"], ["1", "camera", "8"]));
  assert.deepEqual(options.remote.names, ["7 mic", "8 camera"]);
  assert.deepEqual(options.hooks.told, ["7 mic", "8 camera"]);
  assert.deepEqual(options.said.map(({ kind, pc, generation }) => [kind, pc, generation]), [["answer", "sub", 1]]);
  // The same section is somebody else's now, and another one nobody's.
  await sfu.hear("VOICE_SDP_OFFER", offer(1, "audio video audio", ["0", "mic", "9"]));
  assert.deepEqual(options.remote.names, ["9 mic"]);
  assert.equal(Connection.all.length, 1);
});

test("offers of a newer generation begin anew, and of an older one count for nothing", async () => {
  const options = makeOptions();
  const sfu = new SFU(options);
  await sfu.hear("VOICE_SDP_OFFER", offer(2, "audio", ["0", "mic", "7"]));
  await sfu.hear("VOICE_SDP_OFFER", offer(1, "audio", ["0", "mic", "8"]));
  assert.deepEqual(options.remote.names, ["7 mic"]);
  await sfu.hear("VOICE_SDP_OFFER", offer(3, "audio", ["0", "mic", "8"]));
  assert.deepEqual(options.remote.names, ["8 mic"]);
  assert.deepEqual(Connection.all.map(({ connectionState }) => connectionState), ["closed", "new"]);
});

test("two offers at once are answered one after the other", async () => {
  const options = makeOptions();
  const sfu = new SFU(options);
  sfu.hear("VOICE_SDP_OFFER", offer(1, "audio", ["0", "mic", "7"]));
  await sfu.hear("VOICE_SDP_OFFER", offer(1, "audio audio", ["0", "mic", "7"], ["1", "mic", "8"]));
  assert.deepEqual(options.said.map(({ kind }) => kind), ["answer", "answer"]);
  assert.deepEqual(options.remote.names, ["7 mic", "8 mic"]);
});

test("where nothing comes from the server any more, it is asked for everything anew", async () => {
  const options = makeOptions();
  const sfu = new SFU(options);
  await sfu.hear("VOICE_SDP_OFFER", offer(1, "audio", ["0", "mic", "7"]));
  const [connection] = Connection.all;
  connection.is("connected");
  connection.is("disconnected");
  assert.equal(sfu.isInterrupted, true);
  mock.timers.tick(4000);
  connection.is("connected");
  mock.timers.tick(60_000);
  assert.equal(options.losses, 0);
  connection.is("failed");
  assert.equal(options.losses, 1);
  sfu.end();
  assert.deepEqual(options.remote.names, []);
});

// MARK: From each to each

const roster = (...ids) => ({ epoch: 5, roster: ids.map((id) => ({ user_id: id, device_id: `d${id}` })) });

test("who came later offers to those before them, with what they send", async () => {
  const options = makeOptions({ mic: MIC, camera: CAMERA });
  new Mesh(options).meet(roster("1", "2", "3"));
  await settle();
  const offers = options.said.filter(({ kind }) => kind === "offer");
  assert.deepEqual(offers.map(({ pc }) => pc), ["1"]);
  assert.deepEqual(offers[0].streams, [{ mid: "0", kind: "mic" }, { mid: "1", kind: "camera" }]);
  assert.deepEqual(Connection.all[0].sections.map(({ way }) => way), ["sendrecv", "sendonly"]);
});

test("who is offered to speaks in the section of the other's microphone, and offers what else there is", async () => {
  const options = makeOptions({ mic: MIC, camera: CAMERA });
  const mesh = new Mesh(options);
  mesh.meet(roster("2", "3"));
  const streams = [{ mid: "0", kind: "mic" }, { mid: "1", kind: "screen" }];
  mesh.hear("VOICE_SDP_OFFER", { pc: "3", generation: 5, sdp: "audio video", streams });
  await settle();
  assert.deepEqual(options.remote.names, ["3 mic", "3 screen"]);
  assert.deepEqual(options.said.map(({ kind, pc }) => [kind, pc]), [["answer", "3"], ["offer", "3"]]);
  const [{ sections }] = Connection.all;
  assert.deepEqual(sections.map(({ way }) => way), ["sendrecv", "recvonly", "sendonly"]);
  assert.equal(sections[0].sender.track, MIC.track);
  assert.deepEqual(options.said[1].streams, [{ mid: "0", kind: "mic" }, { mid: "2", kind: "camera" }]);
});

test("strangers and older attempts are not heard", async () => {
  const options = makeOptions({ mic: MIC });
  const mesh = new Mesh(options);
  mesh.meet({ ...roster("2", "3"), epoch: 50 });
  mesh.hear("VOICE_SDP_OFFER", { pc: "9", generation: 50, sdp: "audio", streams: [] });
  mesh.hear("VOICE_SDP_OFFER", { pc: "3", generation: 60, sdp: "audio", streams: [] });
  mesh.hear("VOICE_SDP_OFFER", { pc: "3", generation: 59, sdp: "audio", streams: [] });
  mesh.meet(roster("9", "2"));
  await settle();
  assert.equal(Connection.all.length, 1);
  assert.equal(options.said.length, 1);
});

test("who may hear nothing is sent no sound", async () => {
  const options = makeOptions({ mic: MIC, camera: CAMERA });
  let isDeaf = true;
  options.stateOf = () => ({ deaf: isDeaf });
  const mesh = new Mesh(options);
  mesh.meet(roster("1", "2"));
  await settle();
  const tracks = () => Connection.all[0].sections.map(({ sender }) => sender.track);
  assert.deepEqual(tracks(), [null, CAMERA.track]);
  isDeaf = false;
  mesh.apply();
  assert.deepEqual(tracks(), [MIC.track, CAMERA.track]);
  assert.equal(options.said.length, 1, "that takes no offer");
});

test("an offer that was lost with the connection to the server is said again", async () => {
  const options = makeOptions({ mic: MIC });
  const mesh = new Mesh(options);
  mesh.meet(roster("1", "2"));
  await settle();
  Connection.all[0].connectionState = "connected";
  mesh.meet(roster("1", "2"));
  assert.deepEqual(options.said.map(({ kind, generation }) => [kind, generation]), [
    ["offer", options.said[0].generation],
    ["offer", options.said[0].generation],
  ]);
});

test("a connection that is interrupted looks for a way after 3 s, and another one is made after 10", async () => {
  const options = makeOptions({ mic: MIC });
  const mesh = new Mesh(options);
  mesh.meet(roster("1", "2"));
  await settle();
  const [{ generation }] = options.said;
  const [connection] = Connection.all;
  connection.is("connected");
  connection.is("disconnected");
  assert.equal(mesh.isInterrupted, true);
  mock.timers.tick(2999);
  assert.equal(connection.restarts, 0);
  mock.timers.tick(1);
  assert.equal(connection.restarts, 1);
  mock.timers.tick(7000);
  await settle();
  assert.equal(connection.connectionState, "closed");
  assert.equal(Connection.all.length, 2);
  assert.equal(options.said.at(-1).generation, generation + 1);
  mesh.end();
});

test("what is over calls nobody", () => {
  const connection = new Connection();
  let count = 0;
  const interruption = new Interruption(connection, { renew: () => (count += 1) });
  connection.is("connected");
  mock.timers.tick(60_000);
  interruption.end();
  connection.is("failed");
  mock.timers.tick(60_000);
  assert.equal(count, 0);
});
