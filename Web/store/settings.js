// What the person has set. It is kept on the server and reaches their other devices; each setting is one JSON text.

const DEFAULTS = {
  "client.appearance": {
    theme: "system",
    density: "comfortable",
    textSize: 16,
    motion: "system",
    direction: "auto",
  },
  "client.notifications": { desktop: false, sounds: true },
  "client.language": { code: "" },
  "client.rail": { order: [], folders: [] },
  "client.collapsed": { categories: [], members: false },
  "client.last_channels": {},
  "client.emoji": { recent: [], tone: 0 },
  "client.presence": { status: "online" },
  "client.voice": { speed: 1 },
  "client.soundboard": { volume: 50 },
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
