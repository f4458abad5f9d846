// A call by way of a server: one connection on which one sends, and one on which all others come.

import { Publisher } from "./publisher.js";
import { Subscriber } from "./subscriber.js";

export class SFU {
  /**
   * @param {object} options as those of `Mesh`, and `lost()`: the server must be asked anew for everything.
   */
  constructor({ iceServers, sources, remote, hooks, bitrate, changed, send, lost }) {
    this.publisher = new Publisher({ iceServers, sources, hooks, bitrate, changed, send });
    this.subscriber = new Subscriber({ iceServers, remote, hooks, changed, send, lost });
  }

  /** Who is in the room; the server says by itself what comes from them. */
  meet() {}

  hear(name, data) {
    if (name === "VOICE_SDP_OFFER" && data.pc === "sub") return this.subscriber.offer(data);
    if (name === "VOICE_SDP_ANSWER" && data.pc === "pub") return this.publisher.answer(data);
  }

  setTrack(kind) {
    this.publisher.setTrack(kind);
  }

  /** Whom it sends to is the server's part. */
  apply() {}

  leave() {}

  /** What was offered is refused. */
  refused() {
    this.publisher.refused();
  }

  configure(iceServers) {
    for (const part of [this.publisher, this.subscriber]) {
      part.iceServers = iceServers;
      part.connection?.setConfiguration({ iceServers, bundlePolicy: "max-bundle" });
    }
  }

  get connections() {
    return [this.publisher.connection, this.subscriber.connection].filter(Boolean);
  }

  get isInterrupted() {
    return this.publisher.isInterrupted || this.subscriber.isInterrupted;
  }

  end() {
    this.publisher.end();
    this.subscriber.end();
  }
}
