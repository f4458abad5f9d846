import { h } from "../../dom/element.js";
import { avatarOf, nameOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { voicesIn } from "../../store/voices.js";
import { avatar } from "../common/controls.js";
import { icon } from "../common/icons.js";

export const isSpeaking = (channelID, userID) =>
  store.state.call?.channelID === channelID && store.state.speaking.has(userID);

const mark = (name, text) => [
  h("span", { class: "voice-mark", title: text }, icon(name, { size: 14 })),
  h("span", { class: "visually-hidden" }, text),
];

/** Whether somebody can be heard, and hears, and what they show. */
export function marks(voice) {
  return [
    (voice.mute || voice.self_mute || voice.suppress) && mark("mic-off", t("call.is-muted")),
    (voice.deaf || voice.self_deaf) && mark("headphones-off", t("call.is-deafened")),
    voice.self_video && mark("camera", t("call.has-camera")),
    voice.self_stream && mark("screen", t("call.has-screen")),
    voice.plain && mark("lock-open", t("call.is-plain")),
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
