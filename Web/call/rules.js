// What of a call is heard, seen and sent: what everybody's states say (contract: Voice), and nothing else.

/** What somebody can send, each once. */
export const KINDS = ["mic", "camera", "screen", "screen_audio"];

export const isSound = (kind) => kind === "mic" || kind === "screen_audio";

/** What is in a media section that nobody has described. */
export const plainKind = (media) => media === "audio" ? "mic" : "camera";

/**
 * Whether something that comes from somebody is played.
 * @param {object} about `own` and `other`: the states of both; `isDeafened`: whether one wants to hear nothing.
 */
export function isPlayed(kind, { own, other, isDeafened }) {
  // Who is not known to be there is neither heard nor seen.
  if (!other) return false;
  if (kind === "camera") return other.self_video;
  if (kind === "screen") return other.self_stream;
  const isHeard = !isDeafened && !own?.deaf && !other.mute && !other.suppress;
  return isHeard && (kind === "mic" || other.self_stream);
}

/** Whether a device is sent something. Who may hear nothing is sent no sound. */
export const isSentTo = (kind, other) => Boolean(other) && !(isSound(kind) && other.deaf);

/** Whether one's own sound goes out, besides what the microphone's gate says. */
export const isOwnSoundSent = (own, isMuted) => !isMuted && !own?.mute && !own?.suppress;

/**
 * What an offer is to who knows of another attempt (null for none): `old` counts for nothing, `same` goes on with the
 * connection, `new` begins another one.
 */
export function judgeOffer(known, generation) {
  if (known === null || generation > known) return "new";
  return generation < known ? "old" : "same";
}

/** How somebody's voice reaches the others: by the loudness of the microphone, or while a key is held. */
export const talkMode = (wish, rights) => wish === "push" || !rights.has("voice.use_vad") ? "push" : "activity";
