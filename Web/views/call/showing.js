// Whether one can show a camera or a screen here.

const RIGHTS = { camera: "voice.video", screen: "voice.stream" };

const CAN_SHOW = {
  camera: () => Boolean(globalThis.navigator?.mediaDevices?.getUserMedia),
  screen: () => Boolean(globalThis.navigator?.mediaDevices?.getDisplayMedia),
};

/** `{reason}`: the key of the text that says why not; null where nothing is in the way. */
export function showingOf(kind, rights, canShow = CAN_SHOW[kind]()) {
  if (!rights.has(RIGHTS[kind])) return { reason: `call.${kind}-not-allowed` };
  return { reason: canShow ? null : `call.${kind}-not-here` };
}
