// The web client's part of a call whose other part is written in Swift: takes what that one has sealed, and seals for it.
//   node voice_keys.mjs '{"keys": {"d", "x"}, "place": {...}, "event": VOICE_EPOCH, "key": VOICE_KEYS, "frame": base64, "says": base64}'
// Prints {"keys": what was sealed, "heard": base64, "frame": base64, "words": [...]}.

import { FrameSealer } from "../../Web/call/encryption/frames.js";
import { EncryptionSession } from "../../Web/call/encryption/session.js";

const input = JSON.parse(process.argv[2]);
const bytes = (text) => Uint8Array.from(Buffer.from(text, "base64"));
const base64 = (data) => data && Buffer.from(data).toString("base64");

const pair = {
  privateKey: await crypto.subtle.importKey(
    "jwk",
    { kty: "OKP", crv: "X25519", ...input.keys },
    { name: "X25519" },
    false,
    ["deriveBits"],
  ),
  publicKey: Uint8Array.from(Buffer.from(input.keys.x, "base64url")),
};
let time = 0;
const session = new EncryptionSession(input.place, pair, () => time);
const { keys } = await session.meet(input.event);
await session.hear(input.key);
time += 1000;
const heard = await session.incoming(bytes(input.frame).buffer, "mic", input.key.from_user_id);
const frame = await session.outgoing(bytes(input.says).buffer, undefined, new FrameSealer("mic", 5));
console.log(JSON.stringify({ keys, heard: base64(heard), frame: base64(frame), words: await session.words() }));
