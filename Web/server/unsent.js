// Small changes that show at once and are sent a moment later: settings, marks of what was read. They are written down
// first, so that closing the page, a crash or a broken connection only delays them. Each may be sent twice without harm.

import { local } from "../kernel/local.js";
import { store } from "../store/store.js";
import { api } from "./api.js";

const key = () => `aviary.unsent.${store.state.session?.userID}`;
const timers = new Map();

function read() {
  try {
    return JSON.parse(local.get(key())) ?? {};
  } catch {
    return {};
  }
}

function write(entries) {
  if (Object.keys(entries).length > 0) local.set(key(), JSON.stringify(entries));
  else local.remove(key());
}

/**
 * Makes a change here, and on the server after a moment; a newer one of the same name takes its place.
 * @param {string} name what it is about.
 * @param {{method: string, path: string, query?: object, body?: object, event: [string, object]}} change the request, and
 *   the event that shows its effect.
 */
export function change(name, change, after_ms) {
  store.apply(...change.event);
  if (!store.state.session) return;
  write({ ...read(), [name]: change });
  clearTimeout(timers.get(name));
  timers.set(name, setTimeout(() => send(name), after_ms));
}

/** Gives up a change that was not sent yet. */
export function giveUp(name) {
  clearTimeout(timers.get(name));
  timers.delete(name);
  const { [name]: _, ...others } = read();
  write(others);
}

async function send(name) {
  clearTimeout(timers.get(name));
  timers.delete(name);
  const entry = read()[name];
  if (!entry) return;
  try {
    await api.send(entry.method, entry.path, {
      query: entry.query,
      body: entry.body,
      hasNonce: true,
      outlivesPage: true,
    });
  } catch (error) {
    // It waits for the connection; what is refused is given up.
    if (error.isTemporary || error.endsSession) return;
  }
  const entries = read();
  if (JSON.stringify(entries[name]) !== JSON.stringify(entry)) return;
  delete entries[name];
  write(entries);
}

/** Shows the changes again after the state came from elsewhere, and sends what is left. */
export function resume() {
  for (const [name, { event }] of Object.entries(read())) {
    store.apply(...event);
    if (!timers.has(name)) send(name);
  }
}

addEventListener("pagehide", () => [...timers.keys()].forEach(send));
