// How this device takes part in calls: its microphone, loudspeaker and camera, and how loud the others are.

import { local } from "../kernel/local.js";
import { store } from "../store/store.js";

const DEFAULTS = {
  /** Ids as the browser gives them; empty for its own choice. */
  microphone: "",
  loudspeaker: "",
  camera: "",
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
  /** `activity` or `push` (to talk). */
  mode: "activity",
  /** The key that is held to talk, by its place on the keyboard, and what stands on it. */
  key: { code: "Backquote", name: "`" },
  /** From which level on the microphone is heard, 0–1; 0 sends everything. */
  threshold: 0,
  sounds: true,
  /** Whether a screen reader says who begins to speak. */
  announces: false,
  /** user id → in percent, 0–200. */
  volumes: {},
  screenVolumes: {},
};

/** Of so many people it is remembered how loud they are. */
const MOST_VOLUMES = 500;

const key = () => `aviary.call-settings.${store.state.session?.userID ?? ""}`;

export function callSettings() {
  try {
    return { ...DEFAULTS, ...JSON.parse(local.get(key()) ?? "{}") };
  } catch {
    return DEFAULTS;
  }
}

/** Changes some of them, and tells the call. */
export function changeCallSettings(change) {
  local.set(key(), JSON.stringify({ ...callSettings(), ...change }));
  store.touch("call-settings");
}

/** How loud somebody is here, in percent. */
export const volumeOf = (userID, kind) => {
  const { volumes, screenVolumes } = callSettings();
  return clamp((kind === "screen_audio" ? screenVolumes : volumes)[userID] ?? 100);
};

export function changeVolume(userID, kind, percent) {
  const name = kind === "screen_audio" ? "screenVolumes" : "volumes";
  const { [userID]: _, ...others } = callSettings()[name];
  const kept = Object.entries(others).slice(1 - MOST_VOLUMES);
  changeCallSettings({ [name]: Object.fromEntries([...kept, [userID, clamp(percent)]]) });
}

const clamp = (percent) => Math.min(200, Math.max(0, Number(percent) || 0));
