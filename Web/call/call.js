// The call of this page: a place in a voice channel, and what one does there.

import { perTab } from "../kernel/local.js";
import { load } from "../kernel/parts.js";
import { store } from "../store/store.js";
import { voicesIn } from "../store/voices.js";
import { session } from "../server/session.js";
import { CallKeys } from "./call-keys.js";
import { Comings } from "./comings.js";
import { KEPT } from "./kept.js";
import { learnVoices } from "./learn-voices.js";
import { Pace } from "./pace.js";
import { Showing } from "./showing.js";

const OP = {
  state: 4,
  connect: 20,
  disconnect: 21,
  offer: 22,
  answer: 23,
  candidate: 24,
  speaking: 25,
  quality: 26,
  keys: 27,
};
const MEDIA_OPS = [OP.offer, OP.answer, OP.candidate];
const BEGINNING = {
  status: "connecting",
  reason: null,
  isMuted: false,
  isDeafened: false,
  hasVideo: false,
  isStreaming: false,
  isInterrupted: false,
  isSoundHeld: false,
  microphone: null,
  trouble: null,
  quality: null,
  encryption: null,
};

class Call {
  /** What is sent and received; null without a call. */
  media = null;
  #keys = new CallKeys((keys) => this.#send(OP.keys, keys));
  /** Of this window, for as long as it is there. */
  #deviceID = crypto.randomUUID?.() ?? String(Math.random()).slice(2);
  /** Counts the calls: what belongs to an earlier one comes to nothing. */
  #number = 0;
  /** Whether the microphone was decided about, and the server asked for a place. */
  #mayEnter = false;
  #hasEntered = false;
  /** Of the place, once the media are open; with another device of the same person it is another one. */
  #placeID = null;
  #comings = new Comings();
  #showing = new Showing({ own: () => this.media?.own, change: (change) => this.#change(change) });
  /** Of asking the server anew for everything. */
  #pace = new Pace();

  get channelID() {
    const { call } = store.state;
    return call && call.status !== "failed" ? call.channelID : null;
  }

  /** Takes a place; the microphone is asked for meanwhile, and who has none listens. */
  async join(channelID) {
    if (this.channelID === channelID) return;
    this.leave();
    const number = this.#number += 1;
    store.apply("CALL", { ...BEGINNING, channelID });
    perTab.set(KEPT, channelID);
    this.#keys.begin(channelID, this.#deviceID);
    try {
      const { Media, hooks } = await load(() => import("./media.js"));
      if (number !== this.#number) return;
      Object.assign(hooks, this.#keys.hooks);
      this.media = new Media(this.#forMedia());
    } catch (error) {
      this.#end();
      throw error;
    }
    await this.media.own.takeMicrophone();
    if (number !== this.#number) return;
    this.#mayEnter = true;
    this.#enter();
    learnVoices(channelID);
  }

  #forMedia() {
    return {
      send: (kind, data) => this.#send(OP[kind], data),
      stateOf: (userID) => this.#stateOf(userID),
      bitrate: store.state.channels.get(this.channelID)?.bitrate ?? 64_000,
      lost: () => this.#connectAgain(),
      speaks: (isSpeaking) => this.#speak(isSpeaking),
      ended: (kind, reason) => this.#trackEnded(kind, reason),
      measured: ({ rtt_ms, loss_up, loss_down, jitter_ms, path, level }) =>
        this.#send(OP.quality, { rtt_ms, loss_up, loss_down, jitter_ms, path, level }),
    };
  }

  #send(op, data = {}) {
    return this.channelID !== null && session.gateway?.voice(op, { channel_id: this.channelID, ...data });
  }

  /** Goes on in the call that this window was in before it was loaded anew; one that was copied from it does not. */
  return() {
    const [navigation] = performance.getEntriesByType("navigation");
    const channelID = perTab.get(KEPT);
    if (navigation?.type !== "reload") perTab.remove(KEPT);
    else if (store.state.channels.has(channelID)) this.join(channelID).catch(console.error);
  }

  /** Where there is no place any more, only what was said of that goes. */
  leave() {
    if (this.channelID && this.#hasEntered) session.gateway?.voice(OP.state, { channel_id: null });
    if (store.state.call) this.#end();
  }

  // MARK: What one does

  toggleMute() {
    this.#change({ isMuted: !store.state.call.isMuted, isDeafened: false });
  }

  /** Who hears nothing is not heard either: nobody would know. */
  toggleDeafen() {
    const isDeafened = !store.state.call.isDeafened;
    this.#change({ isDeafened, isMuted: isDeafened });
  }

  toggleCamera() {
    return this.#showing.toggle("camera");
  }

  toggleScreen() {
    return this.#showing.toggle("screen");
  }

  /** The device or the browser has ended something; of the microphone, whether there is one. */
  #trackEnded(kind, reason) {
    if (!store.state.call) return;
    if (kind !== "mic") return this.#showing.stop(kind);
    const isOther = store.state.call.microphone !== reason;
    if (isOther && this.#hasEntered) this.#change({ microphone: reason });
    else if (isOther) store.apply("CALL", { microphone: reason });
    this.media.apply();
  }

  #change(change) {
    store.apply("CALL", change);
    this.#send(OP.state, this.#choice);
    this.media?.apply();
  }

  get #choice() {
    const { isMuted, isDeafened, microphone, hasVideo, isStreaming } = store.state.call;
    return {
      self_mute: isMuted || Boolean(microphone),
      self_deaf: isDeafened,
      self_video: hasVideo,
      self_stream: isStreaming,
    };
  }

  #speak(isSpeaking) {
    if (!this.#placeID) return;
    this.#send(OP.speaking, { speaking: isSpeaking ? 1 : 0 });
    store.apply("SPEAKING", { user_id: store.state.me.id, isSpeaking });
  }

  #stateOf(userID) {
    return store.state.voices.get(this.channelID)?.get(userID);
  }

  /** What is sent and heard is what everybody's states say. */
  apply() {
    if (this.channelID) this.media?.apply();
  }

  // MARK: The place

  #enter() {
    this.#placeID = null;
    this.media.reset();
    if (this.#hasEntered) this.#keys.begin(this.channelID, this.#deviceID);
    if (!this.#send(OP.state, this.#choice)) return;
    this.#hasEntered = true;
    this.#connect();
  }

  async #connect() {
    const [number, { channelID }] = [this.#number, this];
    const key = await this.#keys.own();
    if (number !== this.#number || channelID !== this.channelID) return;
    this.#send(OP.connect, { device_id: this.#deviceID, ...key });
  }

  /** What comes from the server has ended: it is asked anew, more and more rarely. */
  #connectAgain() {
    this.#pace.later(() => this.#connect());
  }

  #end(reason = null) {
    if (this.#placeID) this.#comings.end();
    this.#number += 1;
    this.media?.end();
    this.media = null;
    this.#keys.end();
    this.#placeID = null;
    this.#mayEnter = this.#hasEntered = false;
    this.#showing.end();
    this.#pace.stop();
    perTab.remove(KEPT);
    store.apply("CALL", reason ? { ...BEGINNING, status: "failed", reason } : null);
  }

  // MARK: What is heard from the server

  hear(name, data) {
    if (name === "READY" || name === "RESUMED") return this.#begunAnew(name);
    if (!this.channelID) return;
    if (name === "VOICE_ERROR") return this.#refused(data);
    if (name === "VOICE_STATE_UPDATE") return this.#hearState(data);
    if (data?.channel_id !== this.channelID || !this.media) return;
    switch (name) {
      case "VOICE_SERVER_UPDATE":
        return this.#begin(data);
      case "VOICE_EPOCH":
        return this.#meet(data);
      case "VOICE_KEYS":
        return this.#keys.hear(data);
      case "VOICE_SDP_OFFER":
      case "VOICE_SDP_ANSWER":
      case "VOICE_ICE_CANDIDATE":
        return this.media.hear(name, data);
      case "VOICE_SPEAKING":
        return store.apply("SPEAKING", { user_id: data.user_id, isSpeaking: (data.speaking & 3) > 0 });
    }
  }

  #begin(data) {
    if (!this.#placeID) this.#comings.begin();
    this.#placeID = data.session_id;
    store.apply("CALL", { status: "connected", mode: data.mode });
    this.media.begin(data);
  }

  #meet(event) {
    this.#comings.meet(event);
    this.#keys.meet(event);
    this.media.meet(event);
    // Who comes while one speaks sees it, too.
    if (this.media.own.microphone.isSpeaking) this.#speak(true);
  }

  /** A connection that is taken up again has its place still, one that begins anew takes it again. */
  #begunAnew(name) {
    if (!this.channelID) return this.return();
    if (!this.#mayEnter) return;
    if (name === "READY" || !this.#placeID) this.#enter();
    else this.#connect();
  }

  #refused({ op, code, message, channel_id, details }) {
    if (channel_id && channel_id !== this.channelID) return;
    const isForAMoment = code === 429 || code >= 500;
    if (MEDIA_OPS.includes(op)) return isForAMoment ? this.media?.refused() : undefined;
    if (op !== OP.state && op !== OP.connect) return;
    // What one wanted to show is refused, and the place is not.
    if (op === OP.state && this.#placeID && this.#showing.refused()) return;
    // A change that is refused for a moment ends nothing.
    if (this.#placeID && isForAMoment) return op === OP.connect ? this.#connectAgain() : undefined;
    this.#send(OP.disconnect);
    const isTooPlain = details?.some(({ field }) => field === "public_key");
    this.#end({ code: isTooPlain ? "plain" : code, message });
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
      this.#showing.follow(voice);
    }
    if (voice.channel_id !== this.channelID) this.#left(voice.user_id);
    this.apply();
  }

  #left(userID) {
    if (this.#stateOf(userID)) return;
    this.media?.leave(userID);
    store.apply("SPEAKING", { user_id: userID, isSpeaking: false });
  }

  /** Whoever is moved leaves one place and has another at once. */
  #waitForMove() {
    const number = this.#number;
    setTimeout(() => {
      const isElsewhere = [...store.state.voices.values()].some((people) => people.has(store.state.me?.id));
      if (number === this.#number && !isElsewhere) this.#end(this.#keys.isTooPlain ? { code: "plain" } : null);
    }, 500);
  }

  #moved(channelID) {
    this.media?.reset();
    this.#comings.begin();
    this.#keys.begin(channelID, this.#deviceID);
    store.apply("CALL", { channelID, status: "connecting", encryption: null });
    perTab.set(KEPT, channelID);
    this.#connect();
    learnVoices(channelID);
  }
}

export const call = new Call();
