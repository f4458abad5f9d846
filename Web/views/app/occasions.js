// Telling at once of events that begin soon, or are at another time or called off.

import { readSetting } from "../../store/settings.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { notify } from "../common/dialog.js";
import { occasionText } from "../common/occasions.js";
import { onDemand } from "../common/on-demand.js";

export function tellOccasion(item) {
  const text = occasionText(item);
  notify(text, { action: { label: t("event.show"), run: () => onDemand.showEvent(item.server_id, item.event.id) } });
  const { desktop } = readSetting(store.state, "client.notifications");
  if (desktop && document.hidden && window.Notification?.permission === "granted") show(item, text).catch(() => {});
}

/** One for each event, whichever windows of the browser tell of it. */
async function show({ server_id, event }, text) {
  const options = { tag: `event-${event.id}`, data: { path: `/channels/${server_id}` } };
  const registration = await navigator.serviceWorker?.getRegistration();
  if (registration) await registration.showNotification(text, options);
  else new Notification(text, options);
}
