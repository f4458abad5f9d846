// The camera, and a screen with its sound.

import { callSettings } from "./call-settings.js";

const CAMERA = {
  width: { ideal: 1280, max: 1280 },
  height: { ideal: 720, max: 720 },
  frameRate: { ideal: 30, max: 30 },
};
/** What is written on a screen must still be read. */
const SCREEN = { width: { max: 1920 }, height: { max: 1080 }, frameRate: { ideal: 24, max: 30 } };
/** A screen's sound is what it is: nothing in it is an echo or a noise. */
const SCREEN_SOUND = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };

/** The stream of the camera that was chosen, or of any other. Throws as the browser does. */
export async function takeCamera() {
  const { camera } = callSettings();
  const devices = navigator.mediaDevices;
  if (!camera) return await devices.getUserMedia({ video: CAMERA });
  return await devices.getUserMedia({ video: { ...CAMERA, deviceId: { exact: camera } } })
    .catch(() => devices.getUserMedia({ video: CAMERA }));
}

/** The stream of a screen, a window or a tab, with sound where the browser gives it. Throws as the browser does. */
export async function takeScreen() {
  const stream = await navigator.mediaDevices.getDisplayMedia({
    video: SCREEN,
    audio: SCREEN_SOUND,
    systemAudio: "include",
    surfaceSwitching: "include",
  });
  const [picture] = stream.getVideoTracks();
  picture.contentHint = "detail";
  for (const sound of stream.getAudioTracks()) sound.contentHint = "music";
  return stream;
}

export function stop(stream) {
  for (const track of stream?.getTracks() ?? []) {
    track.onended = null;
    track.stop();
  }
}
