import { inChannel } from "../../store/permissions.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { iconButton } from "../common/controls.js";
import { onDemand } from "../common/on-demand.js";

/** The way to the sounds that one can play in the call; null where there are none. */
export function soundboardButton() {
  const { call, channels, capabilities } = store.state;
  const channel = channels.get(call?.channelID);
  if (
    !capabilities?.soundboard || !channel?.server_id || !inChannel(store.state, channel).has("voice.use_soundboard")
  ) {
    return null;
  }
  return iconButton(
    "soundboard",
    t("sound.board"),
    (event) => onDemand.showSoundboard(event.currentTarget, channel.id),
    {
      "aria-haspopup": "dialog",
    },
  );
}
