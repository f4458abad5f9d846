// A voice channel: who is there, and the way in.

import { learnVoices } from "../../call/learn-voices.js";
import { h, patch } from "../../dom/element.js";
import { inChannel } from "../../store/permissions.js";
import { store } from "../../store/store.js";
import { isForAway, voicesIn } from "../../store/voices.js";
import { t } from "../../texts/text.js";
import { button, empty } from "../common/controls.js";
import { attempt } from "../common/dialog.js";
import { Island } from "../common/island.js";
import { whenConnected } from "../common/loading.js";
import { soundboardButton } from "../soundboard/button.js";
import { callControls, callTrouble } from "./controls.js";
import { joinCall } from "./join-call.js";
import { isTooPlain, lockButton, prospect } from "./lock.js";
import { renderTiles } from "./tiles.js";

export class VoiceRoom extends Island {
  constructor({ channelID }) {
    super("div", "voice-room");
    this.channelID = channelID;
    const topics = [
      "voices",
      "call",
      "speaking",
      "streams",
      "sounding",
      "users",
      "capabilities",
      "servers",
      `channel:${channelID}`,
    ];
    this.watch(topics, () => this.render());
    // Whoever came into sight of it was not told who had come before.
    this.atEnd(whenConnected(() => learnVoices(channelID)));
    if (store.state.connection.status === "online") learnVoices(channelID);
    this.render();
  }

  get channel() {
    return store.state.channels.get(this.channelID);
  }

  render() {
    if (this.isOver || !this.channel) return;
    patch(this.element, this.#content());
  }

  #content() {
    const { call, capabilities } = store.state;
    if (capabilities && !capabilities.voice?.enabled) {
      return empty("voice", t("voice.off"), t("voice.off-text"));
    }
    const isHere = call?.channelID === this.channelID && call.status !== "failed";
    const voices = voicesIn(store.state, this.channelID);
    const count = voices.length;
    return [
      isForAway(store.state, this.channel) && h("p", { key: "away", class: "soft" }, t("afk.room")),
      count > 0 ? renderTiles(this.channel) : empty("voice", t("call.nobody"), t("call.nobody-text")),
      isHere && callTrouble() && h("p", { key: "trouble", class: "call-trouble", role: "status" }, callTrouble()),
      h(
        "div",
        { key: "controls", class: "call-controls", role: "toolbar", "aria-label": t("call.yours") },
        isHere
          ? [lockButton(), soundboardButton(), callControls()]
          : this.#entrance(voices.filter(({ user_id }) => user_id !== store.state.me.id).length),
      ),
    ];
  }

  #entrance(count) {
    const { call, capabilities } = store.state;
    const rights = inChannel(store.state, this.channel);
    if (!rights.has("voice.connect")) return h("p", { class: "soft" }, t("call.not-allowed"));
    const limit = rights.has("voice.move_members") ? 0 : this.channel.user_limit;
    const { mode, max_mesh } = capabilities?.voice ?? {};
    const most = Math.min(limit || Infinity, mode === "sfu" ? Infinity : max_mesh ?? Infinity);
    return [
      button(t("call.join"), () => attempt(() => joinCall(this.channelID)), {
        kind: "primary",
        disabled: count >= most || isTooPlain(this.channel),
      }),
      prospect(this.channel),
      count >= most && h("p", { class: "soft" }, t("call.full", { count: most })),
      call?.status === "failed" && call.channelID === this.channelID &&
      h("p", { class: "call-trouble", role: "alert" }, callTrouble()),
    ];
  }
}
