// What is the same for all connections, be they with a server or with another device: codecs, rates, directions, candidates.

import { isSound } from "./rules.js";

/** So much is sent at most, in bits a second. */
const MOST_BPS = { camera: 1_500_000, screen: 2_500_000, screen_audio: 128_000 };

const isWanted = ({ mimeType }) => /^(?:audio\/opus|video\/vp8|video\/rtx)$/i.test(mimeType);

/** Only Opus and VP8, which all browsers have, and what is sent again. */
export function preferCodecs(transceiver) {
  const { kind } = transceiver.receiver.track;
  const codecs = globalThis.RTCRtpReceiver?.getCapabilities?.(kind)?.codecs.filter(isWanted) ?? [];
  if (codecs.length === 0 || !transceiver.setCodecPreferences) return;
  try {
    transceiver.setCodecPreferences(codecs);
  } catch (error) {
    // Then the two ends agree on whatever both have.
    console.info(error);
  }
}

/** Adds a media section for something of one's own. */
export function addSection(connection, kind, { track, stream }, { direction, bitrate }) {
  const transceiver = connection.addTransceiver(track ?? (isSound(kind) ? "audio" : "video"), {
    direction,
    streams: stream ? [stream] : [],
    sendEncodings: [{ maxBitrate: MOST_BPS[kind] ?? bitrate }],
  });
  preferCodecs(transceiver);
  return transceiver;
}

/** Limits what is sent in a section that the other end has made. */
export async function limitRate({ sender }, bitrate) {
  const parameters = sender.getParameters?.();
  if (!parameters?.encodings?.length) return;
  for (const encoding of parameters.encodings) encoding.maxBitrate = bitrate;
  await sender.setParameters(parameters).catch(() => {});
}

/** Sends something else in a section, or nothing. Only where that changes what the section is for is there an offer. */
export function changeSection(transceiver, source) {
  const { direction } = transceiver;
  const receives = /recv/.test(direction);
  const wish = source ? (receives ? "sendrecv" : "sendonly") : receives ? "recvonly" : "inactive";
  if (wish !== direction) transceiver.direction = wish;
  return replaceTrack(transceiver.sender, source?.track ?? null);
}

export function replaceTrack(sender, track) {
  if (sender.track !== track) return sender.replaceTrack(track).catch(console.error);
}

/** The sections of one's own that something is sent in: `[{mid, kind}]`. */
export const describeSections = (transceivers, sources) =>
  [...transceivers].filter(([kind, { mid }]) => mid !== null && sources.has(kind))
    .map(([kind, { mid }]) => ({ mid, kind }));

/** A way to this device as it is told; null says that there are no more. Browsers say that once more with an empty one. */
export const describeCandidate = (candidate) =>
  candidate?.toJSON() ?? { candidate: "", sdpMid: null, sdpMLineIndex: null };
