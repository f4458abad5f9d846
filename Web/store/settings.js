// What the person has set. It is kept on the server and reaches their other devices; each setting is one JSON text.

import { change } from "../server/unsent.js";
import { store } from "./store.js";

const DEFAULTS = {
  "client.appearance": {
    theme: "system",
    density: "comfortable",
    textSize: 16,
    motion: "system",
    direction: "auto",
  },
  "client.notifications": { desktop: false, sounds: true, servers: {}, channels: {} },
  "client.language": { code: "" },
  "client.rail": { order: [], folders: [] },
  "client.collapsed": { categories: [], members: false },
  "client.last_channels": {},
  "client.emoji": { recent: [], tone: 0 },
  "client.presence": { status: "online" },
  "client.keyboard": { sendWith: "auto" },
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

/** Whether Enter sends a message. On a touch screen, which has no Shift beside it, it begins a line unless that was set. */
export function sendsWithEnter(state) {
  const { sendWith } = readSetting(state, "client.keyboard");
  return sendWith === "auto" ? !matchMedia("(pointer: coarse)").matches : sendWith === "enter";
}

const SAVE_AFTER_MS = 400;

/** Changes a setting here at once and on the server soon: several changes in a row become one request. */
export function changeSetting(key, values) {
  const value = JSON.stringify({ ...readSetting(store.state, key), ...values });
  const event = ["USER_SETTINGS_UPDATE", { settings: { [key]: value } }];
  change(
    `setting:${key}`,
    { method: "PUT", path: `/users/@me/settings/${key}`, body: { value }, event },
    SAVE_AFTER_MS,
  );
}
