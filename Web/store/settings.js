// What the person has set. It is kept on the server and reaches their other devices; each setting is one JSON text.

import { api } from "../server/api.js";
import { store } from "./store.js";

const DEFAULTS = {
  "client.appearance": { theme: "system", density: "comfortable", textSize: 16, motion: "system", direction: "auto", foreignPictures: true },
  "client.notifications": { desktop: false, sounds: true, servers: {}, channels: {} },
  "client.language": { code: "" },
  "client.rail": { order: [], folders: [] },
  "client.collapsed": { categories: [], members: false },
  "client.last_channels": {},
  "client.emoji": { recent: [], tone: 0 },
  "client.presence": { status: "online" },
  "client.keyboard": { sendWith: "enter" },
};

const parsed = new Map();

/** A setting's value; the default where it was never set or can't be read. */
export function readSetting(state, key) {
  const text = state.settings[key];
  if (text === undefined) return DEFAULTS[key];
  const known = parsed.get(key);
  if (known?.text === text) return known.value;
  let value = DEFAULTS[key];
  try {
    value = { ...DEFAULTS[key], ...JSON.parse(text) };
  } catch {
    // Another client wrote something else; the default does no harm.
  }
  parsed.set(key, { text, value });
  return value;
}

const SAVE_AFTER_MS = 400;
const waiting = new Map();

/** Changes a setting here at once and on the server soon: several changes in a row become one request. */
export function changeSetting(key, change) {
  const value = { ...readSetting(store.state, key), ...change };
  const text = JSON.stringify(value);
  store.apply("USER_SETTINGS_UPDATE", { settings: { [key]: text } });
  clearTimeout(waiting.get(key)?.timer);
  waiting.set(key, { text, timer: setTimeout(() => save(key), SAVE_AFTER_MS) });
}

function save(key) {
  const { text, timer } = waiting.get(key);
  clearTimeout(timer);
  waiting.delete(key);
  api.put(`/users/@me/settings/${key}`, { value: text }, { outlivesPage: true }).catch(() => {});
}

addEventListener("pagehide", () => [...waiting.keys()].forEach(save));
