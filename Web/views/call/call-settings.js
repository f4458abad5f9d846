// How this device takes part in calls. What is chosen holds at once.

import { call } from "../../call/call.js";
import { callSettings, changeCallSettings } from "../../call/call-settings.js";
import { h } from "../../dom/element.js";
import { keyOf } from "../../dom/keys.js";
import { inChannel } from "../../store/permissions.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { button, select, toggle } from "../common/controls.js";
import { Dialog } from "../common/dialog.js";
import { LevelMeter } from "./level-meter.js";

const DEVICES = { audioinput: "microphone", audiooutput: "loudspeaker", videoinput: "camera" };

export async function openCallSettings() {
  let devices = await listDevices();
  const look = async () => {
    devices = await listDevices();
    dialog.render();
  };
  const dialog = new Dialog(t("call.settings"), (dialog) => describe(dialog, devices), {
    className: "call-settings",
    onclose: () => navigator.mediaDevices?.removeEventListener("devicechange", look),
  });
  navigator.mediaDevices?.addEventListener("devicechange", look);
}

async function listDevices() {
  return await navigator.mediaDevices?.enumerateDevices().catch(() => []) ?? [];
}

function describe(dialog, devices) {
  const settings = callSettings();
  const change = (change) => {
    changeCallSettings(change);
    dialog.render();
  };
  const isOn = (name, label) =>
    toggle(label, { id: `call-${name}`, checked: settings[name], onchange: (on) => change({ [name]: on }) });
  return [
    choice("audioinput", devices, change),
    h(LevelMeter, { key: "level" }),
    voiceMode(dialog, settings, change),
    isOn("echoCancellation", t("call-settings.echo")),
    isOn("noiseSuppression", t("call-settings.noise")),
    isOn("autoGainControl", t("call-settings.gain")),
    choice("audiooutput", devices, change),
    choice("videoinput", devices, change),
    isOn("sounds", t("call-settings.sounds")),
    isOn("announces", t("call-settings.announce")),
  ];
}

function choice(kind, devices, change) {
  const name = DEVICES[kind];
  // Without a permission the browser tells no ids.
  const found = devices.filter((device) => device.kind === kind && device.deviceId && device.deviceId !== "default");
  const isFixed = kind === "audiooutput" && !("setSinkId" in HTMLMediaElement.prototype);
  const value = callSettings()[name];
  return select(t(`call-settings.${name}`), {
    id: `call-${name}`,
    value: found.some(({ deviceId }) => deviceId === value) ? value : "",
    options: [
      ["", t("call-settings.default-device")],
      ...found.map((
        { deviceId, label },
        index,
      ) => [deviceId, label || t("call-settings.device", { number: index + 1 })]),
    ],
    onchange: (id) => change({ [name]: id }),
    disabled: isFixed,
    hint: isFixed ? t("call-settings.loudspeaker-fixed") : null,
  });
}

/** By loudness or by a key. */
function voiceMode(dialog, { mode, threshold, key }, change) {
  const mayChoose = inChannel(store.state, store.state.channels.get(call.channelID)).has("voice.use_vad");
  const isPush = mode === "push" || !mayChoose;
  return [
    select(t("call-settings.mode"), {
      id: "call-mode",
      value: isPush ? "push" : "activity",
      options: ["activity", "push"].map((mode) => [mode, t(`call-settings.mode.${mode}`)]),
      onchange: (mode) => change({ mode }),
      disabled: !mayChoose,
      hint: mayChoose ? null : t("call-settings.only-push"),
    }),
    isPush
      ? button(
        dialog.state.isChoosing ? t("call-settings.choose-key") : t("call-settings.key", { key: key.name }),
        () => chooseKey(dialog, change),
        { key: "key" },
      )
      : h(
        "div",
        { key: "threshold", class: "field" },
        h("label", { for: "call-threshold" }, t("call-settings.threshold")),
        h("input", {
          id: "call-threshold",
          type: "range",
          min: 0,
          max: 0.9,
          step: 0.05,
          value: threshold,
          oninput: ({ target }) => change({ threshold: Number(target.value) }),
          "aria-describedby": "call-threshold-hint",
        }),
        h("p", { class: "hint", id: "call-threshold-hint" }, t("call-settings.threshold-text")),
      ),
  ];
}

/** Takes the next key that is pressed. */
function chooseKey(dialog, change) {
  if (dialog.state.isChoosing) return;
  dialog.set({ isChoosing: true });
  const take = (event) => {
    event.preventDefault();
    event.stopPropagation();
    dialog.element.removeEventListener("keydown", take, true);
    dialog.set({ isChoosing: false });
    const { code, key } = event;
    if (keyOf(event) !== "Escape" && code) change({ key: { code, name: key === " " ? code : key } });
  };
  dialog.element.addEventListener("keydown", take, true);
}
