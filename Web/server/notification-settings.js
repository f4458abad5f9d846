// What one wants to be told of: shown at once, sent a moment later.

import { FOREVER, placeWishes } from "../store/notification-settings.js";
import { readSetting } from "../store/settings.js";
import { store } from "../store/store.js";
import { api } from "./api.js";
import { changeSetting } from "./settings.js";
import { change } from "./unsent.js";

const PATH = "/users/@me/notification-settings";
const SAVE_AFTER_MS = 400;

/** Changes how one is told of what one missed. */
export function changeNotifications(values) {
  const body = { ...unsentPreferences(), ...values };
  change("notifications", { method: "PUT", path: PATH, body, event: ["NOTIFICATION_SETTINGS", values] }, SAVE_AFTER_MS);
}

function unsentPreferences() {
  const { email, digest_hour, push_preview, quiet_hours } = store.state.notificationSettings;
  const { capabilities } = store.state;
  return {
    quiet_hours,
    // What is of a module that is off is not taken.
    ...(capabilities?.email_notifications ? { email, digest_hour } : {}),
    ...(capabilities?.push ? { push_preview } : {}),
  };
}

/**
 * Changes what one wants of a server, a category or a channel.
 * @param {"servers"|"channels"} kind
 * @param {object} values such as `{level}`; `null` takes one back.
 */
export function changePlace(kind, id, values) {
  const body = { ...placeWishes(store.state, kind, id), ...values };
  change(
    `notifications:${id}`,
    { method: "PUT", path: `${PATH}/${kind}/${id}`, body, event: ["NOTIFICATION_PLACE", { kind, id, wishes: body }] },
    SAVE_AFTER_MS,
  );
}

/** What a client of before kept for itself is the server's to know, and goes there once. */
async function moveOldWishes() {
  const old = readSetting(store.state, "client.notifications");
  const wishes = ["servers", "channels"].flatMap((kind) =>
    Object.entries(old[kind] ?? {}).map((one) => [kind, ...one])
  );
  if (wishes.length === 0) return;
  for (const [kind, id, { muted, level }] of wishes) {
    const body = { ...(muted ? { muted_until: FOREVER } : {}), ...(level ? { level } : {}) };
    try {
      if (Object.keys(body).length > 0) await api.put(`${PATH}/${kind}/${id}`, body);
    } catch (error) {
      // Of a place that is gone, or one that one has left, nothing is to be kept.
      if (error.isTemporary || error.endsSession) return;
    }
  }
  changeSetting("client.notifications", { servers: undefined, channels: undefined });
}

export function startNotificationSettings(session) {
  session.listeners.add((name) => {
    if (name === "READY") moveOldWishes();
  });
  if (store.state.connection.status === "online") moveOldWishes();
}
