// What one still has to do in a server. READY says it; later it is asked for where one is, or when one comes there.

import { store } from "../store/store.js";
import { api } from "./api.js";

/** Servers whose rules or questions are others by now. */
const stale = new Set();

/** Somebody has changed what a server asks of its members. */
export function hearOfOnboarding({ server_id }) {
  stale.add(server_id);
  if (store.state.route.server === server_id) ensureOnboarding(server_id);
}

/** Learns what one has to do in a server, if it may be other than what is known. */
export async function ensureOnboarding(serverID) {
  if (!stale.delete(serverID)) return;
  // Without an answer the server says no where it has to.
  await loadOnboarding(serverID).catch(() => stale.add(serverID));
}

export async function loadOnboarding(serverID) {
  const progress = await api.get(`/servers/${serverID}/onboarding/@me`);
  store.apply("ONBOARDING_PROGRESS", { server_id: serverID, progress });
  return progress;
}
