// Where the keys of a call are, and where its frames pass: a worker, so that nothing that the page does holds them up.
// (W3C, WebRTC Encoded Transform.)

import { FrameSealer } from "./frames.js";
import { EncryptionSession } from "./session.js";

/** Codecs of which it is known what has to stay clear. */
const CODECS = ["audio/opus", "video/vp8"];
/** How often at most a whole picture is asked for. */
const PICTURE_MS = 1000;

let session = null;
/** What the server says is taken up one after the other, in its order. */
let last = Promise.resolve();
let streamCount = 0;
/** What each sender and receiver of the page is for, by its number. */
const uses = new Map();
/** What has passed since the call began. */
const counts = { sealed: 0, opened: 0, clear: 0, dropped: 0 };

const deeds = {
  async begin(place) {
    session = await EncryptionSession.begin(place);
    return { publicKey: session.publicKey };
  },
  async epoch(event) {
    const answer = await session.meet(event);
    // They take a while, for which nobody waits.
    if (answer) session.words().then((words) => postMessage({ type: "words", epoch: answer.epoch, words }), ignore);
    return answer;
  },
  keys: (event) => session.hear(event),
  counts: () => ({ ...counts }),
};

const ignore = () => {};

globalThis.onmessage = ({ data: { type, number, data } }) => {
  if (type === "use") return uses.set(number, data);
  last = last.then(() => deeds[type](data)).then(
    (answer) => postMessage({ type: "answer", number, answer: answer ?? null }),
    // What can't be understood changes nothing.
    () => postMessage({ type: "answer", number, answer: null }),
  );
};

globalThis.onrtctransform = ({ transformer }) => {
  const { number, side } = transformer.options;
  const use = () => uses.get(number);
  const pass = side === "send" ? outgoing(use) : incoming(use, transformer);
  transformer.readable.pipeThrough(new TransformStream({ transform: guarded(pass) }))
    .pipeTo(transformer.writable).catch(ignore).finally(() => uses.delete(number));
};

/** Whatever happens to one frame, the next one comes. */
const guarded = (pass) => async (frame, controller) => {
  try {
    const before = frame.data;
    const data = await pass(frame);
    if (data === null) {
      counts.dropped += 1;
      return;
    }
    if (data === before) counts.clear += 1;
    frame.data = data;
    controller.enqueue(frame);
  } catch {
    counts.dropped += 1;
  }
};

function outgoing(use) {
  let sealer = null;
  return async (frame) => {
    const { kind } = use() ?? {};
    if (!kind) return null;
    if (sealer?.kind !== kind) sealer = new FrameSealer(kind, streamCount++);
    const codec = frame.getMetadata?.().mimeType?.toLowerCase();
    const isOpen = session?.status === "plain" || session?.status === "off";
    if (!session || (!isOpen && codec && !CODECS.includes(codec))) return null;
    const { data } = frame;
    const sealed = await session.outgoing(data, frame.type, sealer);
    if (sealed && sealed !== data) counts.sealed += 1;
    return sealed;
  };
}

function incoming(use, transformer) {
  let isBehind = false;
  let askedAt = -Infinity;
  return async (frame) => {
    const { data } = frame;
    const { kind, userID } = use() ?? {};
    const opened = session && kind && await session.incoming(data, kind, userID);
    if (!opened) {
      isBehind = true;
      return null;
    }
    if (opened !== data) counts.opened += 1;
    if (frame.type === "key") isBehind = false;
    // What changes of a picture is of no use without the picture.
    if (isBehind && frame.type === "delta" && performance.now() - askedAt > PICTURE_MS) {
      askedAt = performance.now();
      transformer.sendKeyFrameRequest?.().catch(ignore);
    }
    return opened;
  };
}
