// The sounds that one can play in a call.

import { h } from "../../dom/element.js";
import { alongLine } from "../../dom/keys.js";
import { changeSetting } from "../../server/settings.js";
import { learnSounds, playToAll } from "../../server/soundboard.js";
import { readSetting } from "../../store/settings.js";
import { EVERYWHERE } from "../../store/soundboard.js";
import { store } from "../../store/store.js";
import { voicesIn } from "../../store/voices.js";
import { t } from "../../texts/text.js";
import { attempt, showPopup } from "../common/dialog.js";
import { icon } from "../common/icons.js";
import { LoadedView } from "../common/loaded-view.js";
import { soundName } from "./names.js";

/** Opens the soundboard of the call that one is in; it ends with the call. */
export function showSoundboard(anchor, channelID) {
  showPopup(anchor, ({ close }) => h(SoundboardPanel, { key: "panel", channelID, close }), {
    label: t("sound.board"),
    className: "soundboard",
  });
}

class SoundboardPanel extends LoadedView {
  /** A connection that begins anew has them loaded again. */
  events = { GUILD_SOUNDBOARD_UPDATE: () => {} };

  topics() {
    return ["sounds", "call", "voices", "settings"];
  }

  get className() {
    return "soundboard-panel";
  }

  get server() {
    const { channels, servers } = store.state;
    return servers.get(channels.get(this.properties.channelID)?.server_id);
  }

  async load() {
    await learnSounds(this.server.id);
  }

  render() {
    const { channelID, close } = this.properties;
    if (store.state.call?.channelID !== channelID || !this.server) return close();
    super.render();
  }

  describe() {
    const { sounds } = store.state;
    const shelves = [
      { id: this.server.id, name: this.server.name, sounds: sounds.get(this.server.id) ?? [] },
      { id: EVERYWHERE, name: t("sound.everywhere"), sounds: sounds.get(EVERYWHERE) ?? [] },
    ];
    return [
      volumeSlider(),
      !isHeard() && h("p", { key: "unheard", class: "soft" }, t("sound.unheard")),
      h(
        "div",
        { key: "shelves", onkeydown: arrows },
        shelves.filter((shelf) => shelf.sounds.length > 0).map((shelf) =>
          h(
            "section",
            { key: shelf.id, "aria-label": shelf.name },
            h("h2", { dir: "auto" }, shelf.name),
            h("div", { class: "sound-grid" }, shelf.sounds.filter((sound) => sound.available).map(choice)),
          )
        ),
      ),
    ];
  }
}

function volumeSlider() {
  const { volume } = readSetting(store.state, "client.soundboard");
  return h(
    "div",
    { key: "volume", class: "field" },
    h("label", { for: "soundboard-volume" }, volume > 0 ? t("sound.volume", { count: volume }) : t("sound.volume-off")),
    h("input", {
      id: "soundboard-volume",
      type: "range",
      min: 0,
      max: 100,
      step: 5,
      value: String(volume),
      oninput: (event) => changeSetting("client.soundboard", { volume: Number(event.target.value) }),
    }),
  );
}

/** Who is muted by moderators, or may not speak, plays nothing to others. */
function isHeard() {
  const { call, me } = store.state;
  const own = voicesIn(store.state, call?.channelID).find(({ user_id }) => user_id === me.id);
  return Boolean(own && !own.mute && !own.deaf && !own.suppress);
}

const choice = (sound) =>
  h(
    "button",
    {
      key: sound.id,
      type: "button",
      class: "button sound-choice",
      disabled: !isHeard(),
      onclick: () => attempt(() => playToAll(sound.id)),
    },
    h("span", { class: "sound-emoji", "aria-hidden": "true" }, sound.emoji ?? icon("soundboard", { size: 18 })),
    h("span", { class: "sound-name", dir: "auto" }, soundName(sound)),
  );

function arrows(event) {
  const step = alongLine(event, event.currentTarget);
  const all = [...event.currentTarget.querySelectorAll(".sound-choice")];
  const at = all.indexOf(document.activeElement);
  if (!step || at < 0) return;
  event.preventDefault();
  all[at + step]?.focus();
}
