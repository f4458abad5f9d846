import { h } from "../../dom/element.js";
import { avatarOf, nameOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { voicesIn } from "../../store/voices.js";
import { avatar } from "../common/controls.js";
import { icon } from "../common/icons.js";

const isSpeaking = (channelID, userID) => store.state.call?.channelID === channelID && store.state.speaking.has(userID);

/** Whether somebody can be heard, and hears. */
export function marks(voice) {
  const isDeaf = voice.deaf || voice.self_deaf;
  const isMute = voice.mute || voice.self_mute || voice.suppress;
  return [
    isMute && h("span", { class: "voice-mark", title: t("call.is-muted") }, icon("mic-off", { size: 14 })),
    isMute && h("span", { class: "visually-hidden" }, t("call.is-muted")),
    isDeaf && h("span", { class: "voice-mark", title: t("call.is-deafened") }, icon("headphones-off", { size: 14 })),
    isDeaf && h("span", { class: "visually-hidden" }, t("call.is-deafened")),
  ];
}

/** Those who are in a voice channel, below its name. */
export function renderVoices(channel) {
  const voices = voicesIn(store.state, channel.id);
  if (voices.length === 0) return null;
  return h(
    "ul",
    { class: "voices", "aria-label": t("call.people", { name: channel.name }) },
    voices.map((voice) =>
      h(
        "li",
        { key: voice.user_id, class: `voice${isSpeaking(channel.id, voice.user_id) ? " speaking" : ""}` },
        h(
          "button",
          { type: "button", class: "voice-name", "data-user": voice.user_id },
          avatar(avatarOf(store.state, voice.user_id), { size: 24 }),
          h("span", { class: "channel-name", dir: "auto" }, nameOf(store.state, voice.user_id, channel.server_id)),
        ),
        marks(voice),
      )
    ),
  );
}

/** The same as tiles. */
export function renderTiles(channel) {
  return h(
    "ul",
    { class: "voice-tiles", "aria-label": t("call.people", { name: channel.name }) },
    voicesIn(store.state, channel.id).map((voice) =>
      h(
        "li",
        { key: voice.user_id, class: `voice-tile${isSpeaking(channel.id, voice.user_id) ? " speaking" : ""}` },
        avatar(avatarOf(store.state, voice.user_id), { size: 80 }),
        h(
          "span",
          { class: "voice-tile-name" },
          h("span", { dir: "auto" }, nameOf(store.state, voice.user_id, channel.server_id)),
          marks(voice),
        ),
      )
    ),
  );
}
