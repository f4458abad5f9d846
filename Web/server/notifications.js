// What the inbox holds, and what one does with it.

import { store } from "../store/store.js";
import { api } from "./api.js";
import { session } from "./session.js";

const PAGE = 50;

export async function loadNotifications() {
  store.apply("NOTIFICATIONS", await api.get("/users/@me/notifications", { limit: PAGE }));
}

/** The bell counts from the beginning, and again after events that nobody replays. */
export function startNotifications() {
  // Opening the inbox tries again.
  const load = () => loadNotifications().catch(() => {});
  session.listeners.add((name) => {
    if (name === "READY" || (name === "RESUMED" && !store.state.notifications.isLoaded)) load();
  });
  if (store.state.connection.status === "online") load();
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
