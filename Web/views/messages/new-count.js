import { timeOf } from "../../kernel/snowflake.js";
import { MOST_UNREAD } from "../../store/unread.js";
import { t, upTo } from "../../texts/text.js";
import { shortMoment } from "../../texts/time.js";

/** How many messages are new, and since when; who never read the channel has no such moment. */
export function newCount(unread, readBefore) {
  const count = upTo(unread, MOST_UNREAD);
  return readBefore
    ? t("messages.new-count", { count, time: shortMoment(timeOf(readBefore)) })
    : t("messages.new-all", { count });
}
