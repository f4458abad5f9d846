// The least of HTTP/1.1 that measuring takes: one request after the other on a connection that is kept. Node's own
// client takes more processor time, which on a small machine would be taken from the servers.

import { connect } from "node:net";

export class Connection {
  #port;
  #socket;
  #bytes = Buffer.alloc(0);
  #waiting;

  constructor(port) {
    this.#port = port;
  }

  /** Opens the connection when there is none, as after the server has closed an idle one. */
  send(method, address, { token, body } = {}) {
    this.#socket ??= this.#open();
    const text = body === undefined ? "" : JSON.stringify(body);
    const authorization = token ? `Authorization: Bearer ${token}\r\n` : "";
    const length = Buffer.byteLength(text);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject, request: `${method} ${address}` };
      this.#socket.write(
        `${method} ${address} HTTP/1.1\r\nHost: localhost\r\n${authorization}Content-Type: application/json\r\n` +
          `Content-Length: ${length}\r\n\r\n${text}`,
      );
    });
  }

  close() {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #open() {
    const socket = connect({ port: this.#port, host: "127.0.0.1", noDelay: true });
    const end = (error) => {
      if (this.#socket === socket) this.#socket = undefined;
      const waiting = this.#waiting;
      this.#waiting = undefined;
      waiting?.reject(error ?? new Error(`${waiting.request}: closed`));
    };
    socket.on("data", (bytes) => this.#take(bytes)).on("error", end).on("close", () => end());
    this.#bytes = Buffer.alloc(0);
    return socket;
  }

  #take(bytes) {
    this.#bytes = this.#bytes.length === 0 ? bytes : Buffer.concat([this.#bytes, bytes]);
    const answer = parse(this.#bytes);
    if (!answer) return;
    this.#bytes = Buffer.alloc(0);
    const { resolve, reject, request } = this.#waiting;
    this.#waiting = undefined;
    if (answer.status < 300) resolve(answer.body && JSON.parse(answer.body));
    else reject(new Error(`${request}: ${answer.status} ${answer.body}`));
  }
}

/** Nothing while it is not there as a whole. */
const parse = (bytes) => {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const head = bytes.toString("latin1", 0, end);
  const status = Number(head.slice(9, 12));
  const length = /^content-length: *(\d+)/im.exec(head)?.[1];
  if (length === undefined && /^transfer-encoding: *chunked/im.test(head)) {
    const body = unchunked(bytes, end + 4);
    return body === undefined ? undefined : { status, body };
  }
  const last = end + 4 + Number(length ?? 0);
  return bytes.length < last ? undefined : { status, body: bytes.toString("utf8", end + 4, last) };
};

const unchunked = (bytes, start) => {
  const parts = [];
  for (let at = start;;) {
    const end = bytes.indexOf("\r\n", at);
    if (end < 0) return undefined;
    const size = parseInt(bytes.toString("latin1", at, end), 16);
    if (bytes.length < end + 2 + size + 2) return undefined;
    if (size === 0) return Buffer.concat(parts).toString("utf8");
    parts.push(bytes.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
};
