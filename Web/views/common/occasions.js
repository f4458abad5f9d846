// What one is told of planned events, in words.

import { t } from "../../texts/text.js";
import { formatTime, relativeTime } from "../../texts/time.js";

/** @param {Notification} item of the types `event_reminder` and `event_update`. */
export function occasionText({ type, event }) {
  const { name, starts_at, status } = event;
  if (type === "event_reminder") {
    return t("notification.event_reminder", { name, when: relativeTime(starts_at * 1000) });
  }
  const when = formatTime(starts_at * 1000, "f");
  return t(status === "cancelled" ? "notification.event_cancelled" : "notification.event_update", { name, when });
}
