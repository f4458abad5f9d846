import { call } from "../../call/call.js";
import { inChannel } from "../../store/permissions.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { iconButton } from "../common/controls.js";
import { onDemand } from "../common/on-demand.js";
import { openTrouble } from "./lock.js";
import { showingOf } from "./showing.js";

/** What one does with one's own microphone, loudspeaker, camera and screen, and the way out. */
export function callControls() {
  const { status, isMuted, isDeafened, isPushToTalk, microphone } = store.state.call;
  if (status === "failed") return iconButton("close", t("close"), () => call.leave());
  const isSilent = isMuted || Boolean(microphone);
  return [
    iconButton(isSilent ? "mic-off" : "mic", t("call.mute"), () => call.toggleMute(), {
      pressed: isSilent,
      disabled: Boolean(microphone),
    }),
    isPushToTalk && !isSilent && talkButton(),
    iconButton(isDeafened ? "headphones-off" : "headphones", t("call.deafen"), () => call.toggleDeafen(), {
      pressed: isDeafened,
    }),
    showButton("camera", () => call.toggleCamera()),
    showButton("screen", () => call.toggleScreen()),
    iconButton("gear", t("call.settings"), () => onDemand.openCallSettings()),
    iconButton("hang-up", t("call.leave"), () => call.leave(), { className: "danger" }),
  ];
}

/** Shows a camera or a screen, or says why that can't be. */
function showButton(kind, toggle) {
  const { hasVideo, isStreaming, channelID } = store.state.call;
  const isShown = kind === "camera" ? hasVideo : isStreaming;
  const { reason } = showingOf(kind, inChannel(store.state, store.state.channels.get(channelID)));
  const label = reason ? `${t(`call.${kind}`)}: ${t(reason)}` : t(`call.${kind}`);
  return iconButton(isShown ? kind : `${kind}-off`, label, toggle, {
    pressed: isShown,
    disabled: Boolean(reason) && !isShown,
  });
}

/** For those who have no key to hold. */
const talkButton = () =>
  iconButton("voice", t("call.hold-to-talk"), null, {
    className: "talk",
    onpointerdown: (event) => {
      event.currentTarget.setPointerCapture?.(event.pointerId);
      call.media?.hold(true);
    },
    onpointerup: () => call.media?.hold(false),
    onpointercancel: () => call.media?.hold(false),
    onkeydown: (event) => isPress(event) && call.media?.hold(true),
    onkeyup: (event) => isPress(event) && call.media?.hold(false),
    onblur: () => call.media?.hold(false),
  });

const isPress = ({ key }) => key === " " || key === "Enter";

/** Why something of the call is not as one would like it; null when all is well. */
export function callTrouble() {
  const { status, reason, microphone, trouble, isInterrupted, isSoundHeld } = store.state.call;
  if (status === "failed" && reason.code === "elsewhere") return t("call.elsewhere");
  if (status === "failed" && reason.code === "plain") return t("call.encryption-required");
  if (status === "failed") return t("call.failed", { reason: reason.message });
  if (isInterrupted) return t("call.interrupted");
  if (isSoundHeld) return t("call.sound-held");
  if (trouble) return t(`call.trouble.${trouble}`);
  if (microphone === "no-tls") return t("call.no-tls");
  if (microphone === "refused") return t("call.refused");
  return microphone ? t("call.no-microphone") : openTrouble();
}
