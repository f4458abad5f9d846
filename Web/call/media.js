// The media of a call: what one sends, the way that it takes, and what comes from the others.

import { inChannel } from "../store/permissions.js";
import { store } from "../store/store.js";
import { api } from "../server/api.js";
import { endAudio, wakeAudio } from "./audio.js";
import { callSettings } from "./call-settings.js";
import { Credentials } from "./credentials.js";
import { Mesh } from "./mesh.js";
import { OwnTracks } from "./own-tracks.js";
import { measure, rate, report } from "./quality.js";
import { Remote } from "./remote.js";
import { followTalkKey } from "./push-to-talk.js";
import { isOwnSoundSent, isPlayed, talkMode } from "./rules.js";
import { SFU } from "./sfu.js";

const MEASURE_EVERY_MS = 5000;
const USED = ["pointerdown", "keydown"];

/**
 * Who wants to work on what is sent and received sets these before a call begins:
 * `onTransceiver(transceiver)` is told in the moment in which there is one: later, browsers let what is sent past whoever
 * wants to work on it. `onSender(sender, kind)` and `onReceiver(receiver, kind, userID)` say what each is for.
 */
export const hooks = { onTransceiver() {}, onSender() {}, onReceiver() {} };

export class Media {
  remote = new Remote();
  /** A Mesh or an SFU, once the server has said which. */
  #way = null;
  #mode = null;
  #reading = null;
  #measuring = null;
  #credentials = new Credentials({
    ask: () => api.get("/voice/ice-servers"),
    use: (servers) => this.#way?.configure(servers),
  });
  #isOver = false;

  /**
   * @param {object} call `send(kind, data)`, `stateOf(userID)`, `bitrate`, `lost()`: the server must be asked anew;
   *   `speaks(isSpeaking)`, `ended(kind, reason)` (own-tracks.js); `measured(quality)`: what the server is told of it.
   */
  constructor(call) {
    this.call = call;
    this.own = new OwnTracks({
      changed: (kind) => this.#way?.setTrack(kind),
      speaks: call.speaks,
      ended: call.ended,
    });
    for (const event of USED) addEventListener(event, this.#used);
    navigator.mediaDevices?.addEventListener("devicechange", this.#lookForDevices);
    this.#stopWatching = store.watch(["call-settings"], () => this.#follow());
    this.#stopFollowingKey = followTalkKey((isHeld) => this.hold(isHeld));
    this.#measuring = setInterval(() => this.#measure(), MEASURE_EVERY_MS);
  }

  #stopWatching;
  #stopFollowingKey;
  #settings = callSettings();

  // MARK: The way

  /** VOICE_SERVER_UPDATE: a mesh goes on as it is, a server has forgotten what was before. */
  begin({ mode, ice_servers }) {
    this.#credentials.begin(ice_servers);
    if (this.#way && mode === "mesh" && this.#mode === "mesh") return this.#way.configure(ice_servers);
    this.#way?.end();
    const { stateOf, bitrate, lost } = this.call;
    const options = {
      ...{ stateOf, bitrate, lost, hooks, remote: this.remote, sources: this.own.sources, iceServers: ice_servers },
      ownID: store.state.me.id,
      changed: this.#changed,
      send: (kind, data) => this.call.send(kind, kind === "candidate" ? written(data) : data),
    };
    this.#mode = mode;
    this.#reading = null;
    this.#way = mode === "sfu" ? new SFU(options) : new Mesh(options);
    this.apply();
  }

  /** The place is another one, or was lost: nothing of before goes on. */
  reset() {
    this.#way?.end();
    this.#way = null;
  }

  meet(event) {
    this.#way?.meet(event);
    this.apply();
  }

  hear(name, data) {
    const { candidate, sdp_mid, sdp_mline_index } = data;
    const isCandidate = name === "VOICE_ICE_CANDIDATE";
    const read = { candidate, sdpMid: sdp_mid ?? null, sdpMLineIndex: sdp_mline_index ?? null };
    return this.#way?.hear(name, isCandidate ? { ...data, candidate: read } : data);
  }

  /** Somebody has left. */
  leave(userID) {
    this.#way?.leave(userID);
  }

  refused() {
    this.#way?.refused?.();
  }

  // MARK: What is sent and heard

  /** What is sent and heard is what everybody's states say. */
  apply() {
    const { call, me } = store.state;
    if (!call || this.#isOver) return;
    this.#followMode(call);
    const own = this.call.stateOf(me.id);
    this.own.microphone.isWanted = isOwnSoundSent(own, call.isMuted);
    this.remote.apply((kind, userID) =>
      isPlayed(kind, { own, other: this.call.stateOf(userID), isDeafened: call.isDeafened })
    );
    this.#way?.apply();
  }

  /** By a key or by loudness, as the settings and the rights in the channel say. */
  #followMode({ channelID }) {
    const rights = inChannel(store.state, store.state.channels.get(channelID));
    const mode = talkMode(callSettings().mode, rights);
    this.own.microphone.mode = mode;
    store.apply("CALL", { isPushToTalk: mode === "push" });
  }

  /** Whether the key to talk, or the button, is held. */
  hold(isHeld) {
    this.own.microphone.isHeld = isHeld;
  }

  #follow() {
    const before = this.#settings;
    this.#settings = callSettings();
    this.own.follow(before).catch(console.error);
    if (before.loudspeaker !== this.#settings.loudspeaker) this.remote.useLoudspeaker(this.#settings.loudspeaker);
    this.apply();
  }

  /** Devices have come or gone. */
  #lookForDevices = () => {
    this.own.lookForMicrophone().catch(console.error);
    this.remote.useLoudspeaker(callSettings().loudspeaker);
  };

  /** Browsers hold sounds back until a page is used. */
  #used = () => {
    // What was to be louder than it came waited for this.
    wakeAudio().then((isAwake) => isAwake && this.apply());
    if (!store.state.call?.isSoundHeld) return;
    store.apply("CALL_SOUND_HELD", false);
    this.remote.resume();
  };

  /** The picture of somebody, or of what one shows oneself; null where there is none. */
  picture(userID, kind) {
    return userID === store.state.me.id ? this.own.picture(kind) : this.remote.picture(userID, kind);
  }

  // MARK: How it goes

  #changed = () => {
    const isInterrupted = Boolean(this.#way?.isInterrupted);
    if (store.state.call && store.state.call.isInterrupted !== isInterrupted) store.apply("CALL", { isInterrupted });
  };

  async #measure() {
    if (!this.#way || this.#way.connections.length === 0) return;
    const reading = await report(this.#way.connections).catch(() => null);
    const measured = reading && measure(this.#reading, reading);
    this.#reading = reading;
    if (!measured || this.#isOver) return;
    const quality = { ...measured, ...rate(measured) };
    store.apply("CALL", { quality });
    this.call.measured(quality);
  }

  end() {
    this.#isOver = true;
    clearInterval(this.#measuring);
    this.#credentials.end();
    navigator.mediaDevices?.removeEventListener("devicechange", this.#lookForDevices);
    this.#stopWatching();
    this.#stopFollowingKey();
    for (const event of USED) removeEventListener(event, this.#used);
    this.reset();
    this.remote.end();
    this.own.end();
    endAudio();
  }
}

/** How a candidate is written for the server. */
const written = ({ candidate, sdpMid, sdpMLineIndex, pc, generation }) => ({
  ...{ pc, generation, candidate },
  sdp_mid: sdpMid ?? undefined,
  sdp_mline_index: sdpMLineIndex ?? undefined,
});
