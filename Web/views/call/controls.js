import { call } from "../../server/call.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { iconButton } from "../common/controls.js";

/** What one does with one's own microphone and loudspeaker, and the way out. */
export function callControls() {
  const { status, isMuted, isDeafened, microphone } = store.state.call;
  if (status === "failed") return iconButton("close", t("close"), () => call.leave());
  const isSilent = isMuted || Boolean(microphone);
  return [
    iconButton(isSilent ? "mic-off" : "mic", t("call.mute"), () => call.toggleMute(), {
      pressed: isSilent,
      disabled: Boolean(microphone),
    }),
    iconButton(isDeafened ? "headphones-off" : "headphones", t("call.deafen"), () => call.toggleDeafen(), {
      pressed: isDeafened,
    }),
    iconButton("hang-up", t("call.leave"), () => call.leave(), { className: "danger" }),
  ];
}

/** Why something of the call is not as one would like it; null when all is well. */
export function callTrouble() {
  const { status, reason, microphone } = store.state.call;
  if (status === "failed" && reason.code === "elsewhere") return t("call.elsewhere");
  if (status === "failed") return t("call.failed", { reason: reason.message });
  if (microphone === "no-tls") return t("call.no-tls");
  if (microphone === "refused") return t("call.refused");
  return microphone ? t("call.no-microphone") : null;
}
