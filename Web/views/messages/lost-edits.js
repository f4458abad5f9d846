// A message may be deleted while one changes it, here or in another channel. What was written by then is not lost: it goes
// to the field below, or is shown where something else is written there.

import { addToDraft, endEdits, endReplies, readDraft } from "../../server/drafts.js";
import { session } from "../../server/session.js";
import { deletedBy } from "../../store/message-list.js";
import { t } from "../../texts/text.js";
import { notify } from "../common/dialog.js";

/** Hears of the gateway what is deleted. */
export function keepLostEdits(name, data) {
  const ids = deletedBy(name, data);
  if (ids.length === 0) return;
  endEdits(ids).forEach(keep);
  endReplies(ids);
  session.outbox?.endReplies(ids);
}

function keep({ channelID, text }) {
  if (!text.trim()) return;
  const put = () => addToDraft(channelID, text);
  if (readDraft(channelID).text) {
    return notify(t("editor.lost", { text }), { action: { label: t("editor.put"), run: put } });
  }
  put();
  notify(t("editor.lost-kept"));
}
