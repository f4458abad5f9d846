// What moderators have done about one, in words.

import { t } from "../../texts/text.js";
import { shortMoment } from "../../texts/time.js";

/** @param {Notification} item of the type `moderation`. */
export function measureText({ action, server_name: server, ends_at }) {
  if (!ends_at) return t(`measure.${action}`, { server });
  const time = shortMoment(ends_at * 1000);
  return t(action === "ban" ? "measure.ban-until" : `measure.${action}`, { server, time });
}

/** What they say of why; null when they say nothing. */
export const measureReason = ({ reason }) => (reason ? t("measure.reason", { reason }) : null);
