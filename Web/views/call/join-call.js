import { loadCall } from "../../call/start.js";
import { local } from "../../kernel/local.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { confirm } from "../common/dialog.js";

const KEY = "aviary.call-address";

/** Joins a voice channel. Who has not done so before is told that others learn their address, where no server is between. */
export async function joinCall(channelID) {
  if (store.state.capabilities?.voice?.mode !== "sfu" && !local.get(KEY)) {
    const name = store.state.channels.get(channelID)?.name ?? "";
    const isAgreed = await confirm(t("call.join-in", { name }), t("call.address"), {
      action: t("call.join"),
      kind: "primary",
    });
    if (!isAgreed) return;
    local.set(KEY, "known");
  }
  const call = await loadCall();
  await call.join(channelID);
}
