// The call of this page: a place in a voice channel, a microphone, and a connection to each of the others.

import { perTab } from "../kernel/local.js";
import { store } from "../store/store.js";
import { isOutdated } from "../store/told.js";
import { voicesIn } from "../store/voices.js";
import { api } from "./api.js";
import { Loudness } from "./loudness.js";
import { Peer } from "./peer.js";
import { learnMembers } from "./servers.js";
import { session } from "./session.js";

const OP = { STATE: 4, CONNECT: 20, DISCONNECT: 21, OFFER: 22, ANSWER: 23, CANDIDATE: 24, SPEAKING: 25 };
/** Which channel this window is in: it goes there again after it was loaded anew. */
const KEY = "aviary.call";

const MOST_TRIES = 3;
const MICROPHONE = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

class Call {
  /** user id → Peer. */
  #peers = new Map();
  /** user id → the device of theirs that is in the room. */
  #devices = new Map();
  #iceServers = [];
  #microphone = null;
  #loudness = null;
  /** Of this window, for as long as it is there. */
  #deviceID = crypto.randomUUID?.() ?? String(Math.random()).slice(2);
  /** Counts the calls: what belongs to an earlier one comes to nothing. */
  #number = 0;
  /** Whether the microphone was decided about, and the server asked for a place. */
  #mayEnter = false;
  #hasEntered = false;
  /** The newest that was heard of; an older one may come after it. */
  #epoch = 0;
  /** Of the place, once the media are open; with another device of the same person it is another one. */
  #placeID = null;

  get channelID() {
    const { call } = store.state;
    return call && call.status !== "failed" ? call.channelID : null;
  }

  /** Takes a place; the microphone is asked for meanwhile, and who has none listens. */
  async join(channelID) {
    if (this.channelID === channelID) return;
    this.leave();
    const number = this.#number += 1;
    store.apply("CALL", { channelID, status: "connecting", reason: null, isMuted: false, isDeafened: false });
    perTab.set(KEY, channelID);
    const { stream, reason } = await takeMicrophone();
    if (number !== this.#number) return stop(stream);
    this.#microphone = stream;
    this.#loudness = stream && new Loudness(stream, (isSpeaking) => this.#speak(isSpeaking));
    store.apply("CALL", { microphone: reason });
    this.#mayEnter = true;
    this.#enter();
    learnVoices(channelID);
  }

  /** Goes on in the call that this window was in before it was loaded anew; one that was copied from it does not. */
  return() {
    const [navigation] = performance.getEntriesByType("navigation");
    const channelID = perTab.get(KEY);
    if (navigation?.type !== "reload") perTab.remove(KEY);
    else if (store.state.channels.has(channelID)) this.join(channelID);
  }

  /** Where there is no place any more, only what was said of that goes. */
  leave() {
    if (this.channelID && this.#hasEntered) session.gateway?.voice(OP.STATE, { channel_id: null });
    if (store.state.call) this.#end();
  }

  toggleMute() {
    this.#change({ isMuted: !store.state.call.isMuted, isDeafened: false });
  }

  /** Who hears nothing is not heard either: nobody would know. */
  toggleDeafen() {
    const isDeafened = !store.state.call.isDeafened;
    this.#change({ isDeafened, isMuted: isDeafened });
  }

  #change(change) {
    store.apply("CALL", change);
    session.gateway?.voice(OP.STATE, { channel_id: this.channelID, ...this.#choice });
    this.apply();
  }

  get #choice() {
    const { isMuted, isDeafened, microphone } = store.state.call;
    return { self_mute: isMuted || Boolean(microphone), self_deaf: isDeafened };
  }

  // MARK: The place

  #enter() {
    const { gateway } = session;
    this.#placeID = null;
    this.#epoch = 0;
    for (const userID of [...this.#peers.keys()]) this.#close(userID);
    if (!gateway?.voice(OP.STATE, { channel_id: this.channelID, ...this.#choice })) return;
    this.#hasEntered = true;
    this.#connect();
  }

  #connect() {
    session.gateway?.voice(OP.CONNECT, { channel_id: this.channelID, device_id: this.#deviceID });
  }

  #end(reason = null) {
    this.#number += 1;
    for (const userID of [...this.#peers.keys()]) this.#close(userID);
    stop(this.#microphone);
    this.#microphone = null;
    this.#placeID = null;
    this.#mayEnter = this.#hasEntered = false;
    this.#epoch = 0;
    this.#loudness?.end();
    this.#loudness = null;
    perTab.remove(KEY);
    store.apply("CALL", reason ? { status: "failed", reason } : null);
  }

  // MARK: The microphone

  #speak(isSpeaking) {
    if (!this.channelID || (isSpeaking && !this.#isHeard)) return;
    session.gateway?.voice(OP.SPEAKING, { channel_id: this.channelID, speaking: isSpeaking ? 1 : 0 });
    store.apply("SPEAKING", { user_id: store.state.me.id, isSpeaking });
  }

  #stateOf(userID) {
    return store.state.voices.get(this.channelID)?.get(userID);
  }

  get #isHeard() {
    const own = this.#stateOf(store.state.me.id);
    return !store.state.call?.isMuted && !own?.mute && !own?.suppress;
  }

  /** What is sent and heard is what everybody's states say. */
  apply() {
    if (!store.state.call) return;
    for (const track of this.#microphone?.getTracks() ?? []) track.enabled = this.#isHeard;
    const own = this.#stateOf(store.state.me.id);
    for (const peer of this.#peers.values()) {
      const other = this.#stateOf(peer.userID);
      // Who is not known to be there is not heard, and who may hear nothing is sent nothing.
      peer.isSilent = store.state.call.isDeafened || !other || Boolean(own?.deaf || other.mute || other.suppress);
      peer.isSentTo = Boolean(other && !other.deaf);
    }
  }

  // MARK: What is heard from the server

  hear(name, data) {
    if (name === "READY" || name === "RESUMED") return this.#begunAnew(name);
    if (!this.channelID) return;
    if (name === "VOICE_ERROR") return this.#refused(data);
    if (name === "VOICE_STATE_UPDATE") return this.#hearState(data);
    if (data?.channel_id !== this.channelID) return;
    switch (name) {
      case "VOICE_SERVER_UPDATE":
        this.#iceServers = data.ice_servers;
        this.#placeID = data.session_id;
        return store.apply("CALL", { status: "connected" });
      case "VOICE_EPOCH":
        return this.#meet(data);
      case "VOICE_SDP_OFFER":
        return this.#hearOffer(data);
      case "VOICE_SDP_ANSWER":
        return this.#peerOf(data)?.describe("answer", data.sdp).catch(console.error);
      case "VOICE_ICE_CANDIDATE":
        return this.#peerOf(data)?.candidate({
          candidate: data.candidate,
          sdpMid: data.sdp_mid ?? null,
          sdpMLineIndex: data.sdp_mline_index ?? null,
        });
      case "VOICE_SPEAKING":
        return store.apply("SPEAKING", { user_id: data.user_id, isSpeaking: (data.speaking & 3) > 0 });
    }
  }

  /** A connection that is taken up again has its place still, one that begins anew takes it again. */
  #begunAnew(name) {
    if (!this.channelID) return this.return();
    if (!this.#mayEnter) return;
    if (name === "READY" || !this.#placeID) this.#enter();
    else this.#connect();
  }

  #refused({ op, code, message, channel_id }) {
    if (channel_id && channel_id !== this.channelID) return;
    if (op !== OP.STATE && op !== OP.CONNECT) return;
    // A change that is refused for a moment ends nothing.
    if (this.#placeID && (code === 429 || code >= 500)) return;
    session.gateway?.voice(OP.DISCONNECT, { channel_id: this.channelID });
    this.#end({ code, message });
  }

  #hearState(voice) {
    if (voice.user_id === store.state.me.id) {
      // Another window or device of one's own has taken over.
      if (voice.channel_id && this.#placeID && voice.session_id !== this.#placeID) {
        return this.#end({ code: "elsewhere" });
      }
      const here = voicesIn(store.state, this.channelID).some(({ user_id }) => user_id === voice.user_id);
      if (voice.channel_id && voice.channel_id !== this.channelID) return this.#moved(voice.channel_id);
      if (!voice.channel_id && !here) return this.#waitForMove();
    }
    if (voice.channel_id !== this.channelID && this.#peers.has(voice.user_id)) this.#close(voice.user_id);
    this.apply();
  }

  /** Whoever is moved leaves one place and has another at once. */
  #waitForMove() {
    const number = this.#number;
    setTimeout(() => {
      const isElsewhere = [...store.state.voices.values()].some((people) => people.has(store.state.me?.id));
      if (number === this.#number && !isElsewhere) this.#end();
    }, 500);
  }

  #moved(channelID) {
    for (const userID of [...this.#peers.keys()]) this.#close(userID);
    store.apply("CALL", { channelID, status: "connecting" });
    perTab.set(KEY, channelID);
    this.#epoch = 0;
    this.#connect();
    learnVoices(channelID);
  }

  // MARK: The others

  /** Connects to those who are in the room, and lets go of those who are not. Who came later makes the offer. */
  #meet({ epoch, roster }) {
    const own = roster.findIndex(({ user_id }) => user_id === store.state.me.id);
    if (own < 0 || epoch < this.#epoch) return;
    this.#epoch = epoch;
    // Who comes while one speaks sees it, too.
    if (this.#loudness?.isSpeaking) this.#speak(true);
    this.#devices = new Map(roster.map(({ user_id, device_id }) => [user_id, device_id]));
    for (const [userID, peer] of this.#peers) {
      if (this.#devices.get(userID) !== peer.deviceID) this.#close(userID);
    }
    for (const { user_id, device_id } of roster.slice(0, own)) {
      // What was said to them may have been lost with a connection.
      if (this.#peers.get(user_id)?.isUnderWay) continue;
      this.#close(user_id);
      this.#open({ userID: user_id, deviceID: device_id, generation: epoch, isPolite: true });
    }
    this.apply();
  }

  #open({ userID, deviceID, generation, isPolite }) {
    const { channelID } = this;
    const send = (kind, data) =>
      session.gateway?.voice(OP[kind.toUpperCase()], {
        channel_id: channelID,
        pc: userID,
        generation,
        ...(kind === "candidate"
          ? { candidate: data.candidate, sdp_mid: data.sdpMid, sdp_mline_index: data.sdpMLineIndex }
          : data),
        ...(kind === "offer" && { streams: [{ mid: "0", kind: "mic" }] }),
      });
    const tracks = (this.#microphone?.getTracks() ?? []).map((track) => ({ track, stream: this.#microphone }));
    const peer = new Peer({
      userID,
      deviceID,
      generation,
      isPolite,
      iceServers: this.#iceServers,
      tracks,
      send,
    });
    this.#peers.set(userID, peer);
    return peer;
  }

  #close(userID) {
    this.#peers.get(userID)?.close();
    this.#peers.delete(userID);
    store.apply("SPEAKING", { user_id: userID, isSpeaking: false });
  }

  #peerOf({ pc, generation }) {
    const peer = this.#peers.get(pc);
    return peer?.generation === generation ? peer : null;
  }

  #hearOffer({ pc, sdp, generation }) {
    if (!this.#devices.has(pc)) return;
    const known = this.#peers.get(pc);
    if (known && known.generation > generation) return;
    if (known && known.generation < generation) this.#close(pc);
    const peer = this.#peers.get(pc) ?? this.#open({
      userID: pc,
      deviceID: this.#devices.get(pc),
      generation,
      isPolite: false,
    });
    return peer.describe("offer", sdp).then(() => this.apply(), console.error);
  }
}

export const call = new Call();

/** Whoever came into sight of a channel was not told who is in it. What is told meanwhile is newer: then it is asked again. */
export async function learnVoices(channelID) {
  try {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const asked = store.state.told;
      const states = await api.get(`/channels/${channelID}/voice-states`);
      if (isOutdated(store.state, `voices:${channelID}`, asked)) continue;
      store.apply("VOICE_STATES", { channel_id: channelID, states });
      return call.apply();
    }
  } catch {
    // What is known is shown, and who is not known is not heard.
  }
}

/** The microphone, or why there is none: `no-tls`, `refused` or `no-microphone`. */
async function takeMicrophone() {
  if (!navigator.mediaDevices?.getUserMedia) return { stream: null, reason: "no-tls" };
  try {
    return { stream: await navigator.mediaDevices.getUserMedia({ audio: MICROPHONE }), reason: null };
  } catch (error) {
    return { stream: null, reason: error.name === "NotAllowedError" ? "refused" : "no-microphone" };
  }
}

function stop(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

export function startCalls() {
  // Those who speak are shown by their names, be they of a large server.
  store.watch(["voices"], () => {
    for (const people of store.state.voices.values()) {
      const [voice] = people.values();
      if (voice) learnMembers(voice.server_id, [...people.keys()]);
    }
  });
  session.listeners.add((name, data) => call.hear(name, data));
  session.farewells.add(() => call.leave());
  if (store.state.isReady && store.state.connection.status === "online") call.return();
}
