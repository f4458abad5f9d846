// Stands between a node and PostgreSQL, and does to what passes what the file `words` in its folder says:
//   link.mjs FOLDER HOST PORT…
// It listens on a port of 127.0.0.1 for each PORT, and writes these into the file `port`, separated by commas.
//   nothing     passes everything on
//   cut         passes nothing on, in either direction
//   lose        drops notices (LISTEN)
//   double      brings each notice twice
//   reorder     brings each second notice before the first
//   delay MS    brings notices so much later; everything else comes at once

import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";

const [folder, host, ...ports] = process.argv.slice(2);
const NOTICE = "A".charCodeAt(0);
const [TLS_REQUEST, GSS_REQUEST] = [80877103, 80877104];

let words = ["nothing"];
const pairs = new Set();

function look() {
  try {
    words = readFileSync(`${folder}/words`, "utf8").trim().split(/\s+/);
  } catch {
    words = ["nothing"];
  }
  for (const { client, server } of pairs) {
    for (const socket of [client, server]) words[0] === "cut" ? socket.pause() : socket.resume();
  }
}
setInterval(look, 50);

/** Cuts a stream of bytes into messages: a type (but for the first ones of a client), a length, the rest. */
class Messages {
  #bytes = Buffer.alloc(0);
  add(bytes) {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
  }
  take(lead) {
    if (this.#bytes.length < lead + 4) return null;
    const length = lead + this.#bytes.readUInt32BE(lead);
    if (this.#bytes.length < length) return null;
    const message = this.#bytes.subarray(0, length);
    this.#bytes = this.#bytes.subarray(length);
    return message;
  }
  takeByte() {
    if (this.#bytes.length === 0) return null;
    const byte = this.#bytes.subarray(0, 1);
    this.#bytes = this.#bytes.subarray(1);
    return byte;
  }
}

/** What asks for encryption is answered by one byte alone. */
function passRequests(client, server, awaited) {
  const messages = new Messages();
  let hasStarted = false;
  client.on("data", (bytes) => {
    server.write(bytes);
    if (hasStarted) return;
    messages.add(bytes);
    for (let message; (message = messages.take(0));) {
      if (![TLS_REQUEST, GSS_REQUEST].includes(message.readUInt32BE(4))) return (hasStarted = true);
      awaited.bytes += 1;
    }
  });
}

function passAnswers(client, server, awaited) {
  const messages = new Messages();
  let held = null;
  const notice = (message) => {
    const write = () => client.writable && client.write(message);
    switch (words[0]) {
      case "lose":
        return;
      case "double":
        write();
        return write();
      case "delay":
        return setTimeout(write, Number(words[1]));
      case "reorder":
        if (!held) return (held = message);
        write();
        client.write(held);
        return (held = null);
      default:
        write();
    }
  };
  server.on("data", (bytes) => {
    messages.add(bytes);
    while (awaited.bytes > 0) {
      const byte = messages.takeByte();
      if (!byte) return;
      awaited.bytes -= 1;
      client.write(byte);
    }
    for (let message; (message = messages.take(1));) {
      if (message[0] === NOTICE) notice(message);
      else client.write(message);
    }
  });
}

function listen(port) {
  return new Promise((resolve) => {
    const listener = createServer({ allowHalfOpen: false }, (client) => {
      const server = connect(Number(port), host);
      const pair = { client, server };
      const awaited = { bytes: 0 };
      pairs.add(pair);
      passRequests(client, server, awaited);
      passAnswers(client, server, awaited);
      for (const [one, other] of [[client, server], [server, client]]) {
        one.setNoDelay(true);
        one.on("error", () => {});
        one.on("close", () => {
          pairs.delete(pair);
          other.destroy();
        });
      }
      look();
    });
    listener.listen(0, "127.0.0.1", () => resolve(listener.address().port));
  });
}

const own = await Promise.all(ports.filter(Boolean).map(listen));
writeFileSync(`${folder}/port.new`, own.join(","));
renameSync(`${folder}/port.new`, `${folder}/port`);
