import { countDrafts } from "../../server/drafts.js";
import { session } from "../../server/session.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { confirm } from "./dialog.js";

/** Ends the login. Nothing of one's own stays in the browser then, so it asks where something was not sent. */
export async function logOut() {
  const count = store.state.outbox.length + countDrafts();
  if (count > 0 && !await confirm(t("log-out"), t("log-out.lost", { count }), { action: t("log-out") })) return;
  await session.logOut();
}
