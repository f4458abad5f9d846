// Those who are in a voice channel as tiles, with what they show.

import { call } from "../../call/call.js";
import { h } from "../../dom/element.js";
import { avatarOf, nameOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { voicesIn } from "../../store/voices.js";
import { t } from "../../texts/text.js";
import { avatar, iconButton } from "../common/controls.js";
import { attempt } from "../common/dialog.js";
import { soundMark } from "../soundboard/mark.js";
import { MovingPicture, putAbove } from "./picture.js";
import { isSpeaking, marks } from "./voices.js";
import { showVolume } from "./volume.js";

const isHere = (channel) => call.channelID === channel.id;
const pictureOf = (channel, userID, kind) => isHere(channel) ? call.media?.picture(userID, kind) ?? null : null;

export function renderTiles(channel) {
  const voices = voicesIn(store.state, channel.id);
  const screens = voices.filter(({ self_stream }) => self_stream && isHere(channel));
  return [
    screens.length > 0 && h(
      "ul",
      { key: "screens", class: "screen-tiles", "aria-label": t("call.screens") },
      screens.map((voice) => renderScreen(channel, voice)),
    ),
    h(
      "ul",
      { key: "tiles", class: "voice-tiles", "aria-label": t("call.people", { name: channel.name }) },
      voices.map((voice) => renderTile(channel, voice)),
    ),
  ];
}

function renderTile(channel, voice) {
  const { user_id } = voice;
  const isOwn = user_id === store.state.me.id;
  const name = nameOf(store.state, user_id, channel.server_id);
  const stream = voice.self_video || isOwn ? pictureOf(channel, user_id, "camera") : null;
  const classes = ["voice-tile", isSpeaking(channel.id, user_id) && "speaking", stream && "with-picture"];
  return h(
    "li",
    { key: user_id, class: classes.filter(Boolean).join(" ") },
    stream
      ? h(MovingPicture, { key: "picture", stream, isMirrored: isOwn, label: t("call.camera-of", { name }) })
      : avatar(avatarOf(store.state, user_id), { size: 80 }),
    soundMark(voice),
    h(
      "span",
      { class: "voice-tile-name" },
      h("span", { class: "channel-name", dir: "auto" }, name),
      marks(voice),
      !isOwn && isHere(channel) && volumeButton(name, user_id),
    ),
  );
}

const volumeButton = (name, userID) =>
  iconButton("voice", t("call.volume-of", { name }), ({ currentTarget }) => showVolume(currentTarget, userID, name), {
    className: "small",
  });

function renderScreen(channel, { user_id }) {
  const name = nameOf(store.state, user_id, channel.server_id);
  const label = t("call.screen-of", { name });
  const stream = pictureOf(channel, user_id, "screen");
  return h(
    "li",
    { key: user_id, class: "screen-tile" },
    stream
      ? h(MovingPicture, { key: "picture", stream, label })
      : h("p", { key: "waiting", class: "soft" }, t("call.screen-coming")),
    h(
      "span",
      { class: "voice-tile-name" },
      h("span", { class: "channel-name", dir: "auto" }, label),
      stream && iconButton("full-screen", t("call.full-screen"), (event) => attempt(() => fillScreen(event)), {
        className: "small",
      }),
      stream && document.pictureInPictureEnabled &&
        iconButton("above", t("call.above"), () => attempt(() => putAbove(stream)), { className: "small" }),
    ),
  );
}

async function fillScreen({ currentTarget }) {
  if (document.fullscreenElement) return await document.exitFullscreen();
  await currentTarget.closest(".screen-tile").requestFullscreen?.();
}
