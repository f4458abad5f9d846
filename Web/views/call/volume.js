import { changeVolume, volumeOf } from "../../call/call-settings.js";
import { h } from "../../dom/element.js";
import { store } from "../../store/store.js";
import { formatNumber, t } from "../../texts/text.js";
import { showPopup } from "../common/dialog.js";

/** How loud somebody is here, and their screen. */
export function showVolume(anchor, userID, name) {
  const label = t("call.volume-of", { name });
  showPopup(anchor, (popup) => [
    slider(popup, userID, "mic", label),
    isSharing(userID) && slider(popup, userID, "screen_audio", t("call.volume-of-screen", { name })),
  ], { label, className: "volume" });
}

const isSharing = (userID) => store.state.voices.get(store.state.call?.channelID)?.get(userID)?.self_stream === true;

function slider(popup, userID, kind, label) {
  const value = volumeOf(userID, kind);
  return h(
    "label",
    { key: kind },
    h("span", { dir: "auto" }, label),
    h("input", {
      type: "range",
      min: 0,
      max: 200,
      step: 5,
      value,
      "aria-valuetext": `${formatNumber(value)} %`,
      oninput: ({ target }) => {
        changeVolume(userID, kind, Number(target.value));
        popup.render();
      },
    }),
    h("span", { class: "soft" }, `${formatNumber(value)} %`),
  );
}
