// Sounds that people play in the call of this page: each is fetched once, kept, and played at VOICE_SOUND_PLAY.

import { readSetting } from "../store/settings.js";
import { EVERYWHERE, soundOf } from "../store/soundboard.js";
import { store } from "../store/store.js";
import { isOutdated } from "../store/told.js";
import { api, fetchFile } from "./api.js";
import { session } from "./session.js";

/** More at once nobody can tell apart. */
const MOST_AT_ONCE = 8;
const MOST_TRIES = 3;

let audio = null;
/** sound id → a promise of what is in its file, which never changes. */
const files = new Map();
/** Under whose name sounds are being asked for, a promise of them. */
const underway = new Map();
/** What sounds at the moment. */
const sources = new Set();
let isInCall = false;

/** Asks for the sounds that may be played in a server, unless they are known. */
export async function learnSounds(serverID) {
  await Promise.all([learn(serverID, `/servers/${serverID}/sounds`), learn(EVERYWHERE, "/sounds/default")]);
}

async function learn(key, path) {
  if (store.state.sounds.has(key)) return;
  if (!underway.has(key)) underway.set(key, ask(key, path).finally(() => underway.delete(key)));
  await underway.get(key);
}

async function ask(key, path) {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const asked = store.state.told;
    const sounds = await api.get(path);
    // What is told meanwhile is newer: then it is asked again.
    if (isOutdated(store.state, `sounds:${key}`, asked)) continue;
    return store.apply("SOUNDS", { server_id: key, sounds });
  }
}

/** Has everybody in the call play a sound; one that can't be played now is not played later. */
export const playToAll = (soundID) =>
  api.post(`/channels/${store.state.call.channelID}/sounds/${soundID}/play`, undefined, { tries: 1 });

/** Plays a sound to oneself alone, as loud as others make it sound. */
export async function listen(sound) {
  start(await bufferOf(sound), sound.volume);
}

/** What is in the file of a sound. */
async function bufferOf(sound) {
  audio ??= new AudioContext();
  if (!files.has(sound.id)) files.set(sound.id, fetchFile(sound.url.replace("/api/v1", "")).then(decoded));
  try {
    return await files.get(sound.id);
  } catch (error) {
    files.delete(sound.id);
    throw error;
  }
}

function start(buffer, volume) {
  if (sources.size >= MOST_AT_ONCE || volume <= 0) return;
  // A page that was loaded anew makes no sound before it was used.
  if (audio.state === "suspended") audio.resume();
  const [source, gain] = [audio.createBufferSource(), audio.createGain()];
  source.buffer = buffer;
  gain.gain.value = Math.min(1, volume);
  source.connect(gain).connect(audio.destination);
  source.onended = () => sources.delete(source);
  sources.add(source);
  source.start();
}

const decoded = async (file) => audio.decodeAudioData(await file.arrayBuffer());

/** From 0 to 1, as this person wants it; 0 for who hears nothing. */
function ownVolume() {
  const { call, voices, me } = store.state;
  const own = voices.get(call.channelID)?.get(me.id);
  if (call.isDeafened || own?.deaf || own?.self_deaf) return 0;
  return readSetting(store.state, "client.soundboard").volume / 100;
}

async function hear({ channel_id, server_id, user_id, sound_id, volume }) {
  const isHere = () => store.state.call?.channelID === channel_id && store.state.call.status !== "failed";
  if (!isHere()) return;
  await learnSounds(server_id);
  const sound = soundOf(store.state, server_id, sound_id);
  if (!sound?.available || !isHere()) return;
  const mark = { ...sound };
  store.apply("SOUNDING", { user_id, sound: mark });
  setTimeout(() => {
    if (store.state.sounding.get(user_id) === mark) store.apply("SOUNDING", { user_id, sound: null });
  }, sound.duration_ms);
  const buffer = await bufferOf(sound);
  if (isHere()) start(buffer, ownVolume() * volume);
}

function silence() {
  for (const source of sources) source.stop();
}

/** Nothing goes on sounding after a call, or for who wants to hear nothing; what may be played is here beforehand. */
function follow() {
  const { call, channels, capabilities, sounds } = store.state;
  const wasInCall = isInCall;
  isInCall = Boolean(call) && call.status !== "failed";
  // What is listened to in settings goes on.
  if (!isInCall && !wasInCall) return;
  if (!isInCall || ownVolume() === 0) silence();
  if (!isInCall) return files.clear();
  const server = channels.get(call.channelID)?.server_id;
  if (server && capabilities?.soundboard && !sounds.has(server)) learnSounds(server).catch(() => {});
}

export function startSoundboard() {
  session.listeners.add((name, data) => {
    if (name === "VOICE_SOUND_PLAY") hear(data).catch(console.error);
  });
  store.watch(["call", "voices", "settings", "sounds", "capabilities"], follow);
}
