// The least of a WebSocket that measuring takes: text in frames that are whole.

import { randomBytes } from "node:crypto";
import { connect } from "node:net";

/** Calls `take` with the bytes of each frame's payload. */
export const openSocket = (port, address, take) => {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  let bytes = Buffer.alloc(0);
  let isUpgraded = false;
  socket.on("data", (part) => {
    bytes = bytes.length === 0 ? part : Buffer.concat([bytes, part]);
    if (!isUpgraded) {
      const end = bytes.indexOf("\r\n\r\n");
      if (end < 0) return;
      isUpgraded = true;
      bytes = bytes.subarray(end + 4);
    }
    bytes = bytes.subarray(eachFrame(bytes, take));
  });
  // The one who waits for what does not come any more says so.
  socket.on("error", () => {});
  const key = randomBytes(16).toString("base64");
  socket.write(
    `GET ${address} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
  );
  return { send: (value) => socket.write(maskedFrame(JSON.stringify(value))), close: () => socket.destroy() };
};

/** How many bytes the frames take that are there as a whole. */
const eachFrame = (bytes, take) => {
  let at = 0;
  while (bytes.length >= at + 2) {
    let length = bytes[at + 1] & 0x7f;
    const header = length < 126 ? 2 : length === 126 ? 4 : 10;
    if (bytes.length < at + header) break;
    if (length === 126) length = bytes.readUInt16BE(at + 2);
    else if (length === 127) length = Number(bytes.readBigUInt64BE(at + 2));
    const end = at + header + length;
    if (bytes.length < end) break;
    take(bytes.subarray(at + header, end));
    at = end;
  }
  return at;
};

/** With a mask of zeros, which changes nothing: what is sent is no secret to a proxy in between. */
const maskedFrame = (text) => {
  const payload = Buffer.from(text);
  const long = payload.length >= 126;
  const header = Buffer.alloc(long ? 8 : 6);
  header[0] = 0x81;
  header[1] = 0x80 | (long ? 126 : payload.length);
  if (long) header.writeUInt16BE(payload.length, 2);
  return Buffer.concat([header, payload]);
};
