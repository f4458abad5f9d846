// What the inbox holds, and what one does with it.

import { store } from "../store/store.js";
import { api } from "./api.js";
import { session } from "./session.js";

const PAGE = 50;

let loading = null;

export function loadNotifications() {
  loading ??= load().finally(() => (loading = null));
  return loading;
}

async function load() {
  store.apply("NOTIFICATIONS_LOADING");
  try {
    store.apply("NOTIFICATIONS", await api.get("/users/@me/notifications", { limit: PAGE }));
  } catch (error) {
    store.apply("NOTIFICATIONS_FAILED");
    throw error;
  }
}

const whenQuiet = (work) =>
  globalThis.requestIdleCallback ? requestIdleCallback(work, { timeout: 2000 }) : setTimeout(work, 500);

/** The bell counts from the beginning, and again after events that nobody replays. */
export function startNotifications() {
  // What one reads comes first. Opening the inbox tries again.
  const begin = () => whenQuiet(() => loadNotifications().catch(() => {}));
  session.listeners.add((name) => {
    if (name === "READY" || (name === "RESUMED" && !store.state.notifications.isLoaded)) begin();
  });
  if (store.state.connection.status === "online") begin();
}

export async function markRead(item) {
  if (!item.read) store.apply("NOTIFICATION_UPDATE", await api.put(`/users/@me/notifications/${item.id}/read`));
}

export async function markAllRead() {
  await api.put("/users/@me/notifications/read-all");
  await loadNotifications();
}

/** Becomes friends with who asked; what the inbox says of the request is read with it. */
export async function acceptRequest(userID) {
  store.apply("RELATIONSHIP_ADD", await api.put(`/relationships/${userID}/accept`));
  for (const item of store.state.notifications.items) {
    if (item.type === "friend_request" && item.user_id === userID) await markRead(item);
  }
}

/** Ends whatever there is between two people: a friendship, a request, a block. */
export async function endRelationship(userID) {
  await api.delete(`/relationships/${userID}`);
  store.apply("RELATIONSHIP_REMOVE", { user_id: userID });
}
