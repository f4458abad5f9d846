import { store } from "../../store/store.js";

const TYPES = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"];

/**
 * In what form something said is recorded: one that the browser makes and the server takes. Undefined where there is none.
 * Without `MediaRecorder` that is found out when one tries, with words.
 */
export function recordingType() {
  const taken = store.state.capabilities?.voice_message_types ?? [];
  const isTaken = (type) => taken.includes(type.split(";")[0]);
  return TYPES.find((type) => isTaken(type) && (globalThis.MediaRecorder?.isTypeSupported(type) ?? true));
}
