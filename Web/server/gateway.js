// The live connection (docs/gateway.md): it resumes where it was, identifies when it must, and keeps trying.

import { backoff_ms } from "../kernel/backoff.js";
import { CLIENT_VERSION } from "./api.js";

const OP = {
  DISPATCH: 0,
  HEARTBEAT: 1,
  IDENTIFY: 2,
  PRESENCE: 3,
  RESUME: 6,
  RECONNECT: 7,
  MEMBERS: 8,
  INVALID: 9,
  HELLO: 10,
  ACK: 11,
  STATUS: 12,
  VERSION: 13,
  OFFER: 22,
  ANSWER: 23,
  CANDIDATE: 24,
  SPEAKING: 25,
  QUALITY: 26,
  KEYS: 27,
  TYPING_START: 40,
  TYPING_STOP: 41,
};

const LONGEST_WAIT_MS = 30_000;
/** After a close that says "too much", waiting less only prolongs it (contract: one IDENTIFY per 5 seconds). */
const WAIT_AFTER_LIMIT_MS = 5500;
/** How long an answer may take before the connection is taken for dead. */
const PATIENCE_MS = 10_000;

/** The connection that the page has begun by itself (first.js), if it is this login's. It is had once. */
function takeEarly(token) {
  const early = globalThis.aviaryConnection;
  globalThis.aviaryConnection = null;
  if (!early || early.token === token) return early;
  early.socket.close();
  return null;
}

/** Whether the page has begun a new session by itself: then there is none to go on with. */
export const beginsAnew = () => globalThis.aviaryConnection?.hasIdentified === true;

export class Gateway {
  #socket = null;
  #attempt = 0;
  #timer = null;
  #heartbeat = null;
  #isAcknowledged = true;
  #isStopped = false;
  /** READY or RESUMED has come: before, calls have nothing to say. */
  #isLive = false;
  /** The page has identified before this was there. */
  #hasIdentified = false;

  /**
   * @param {string} token
   * @param {{id: string, sequence: number}|null} session to go on with.
   * @param {object} handlers `event(name, data, sequence)`, `status(connection)`, `ended(code)`, `outdated(body)`,
   *   `announced(notice)`; `mayResume(id)`: a promise of whether this window may go on with a session, or another one does.
   */
  constructor(token, session, handlers) {
    this.token = token;
    this.session = session;
    this.handlers = handlers;
    addEventListener("online", this.#hurry);
    addEventListener("offline", this.#lost);
    document.addEventListener("visibilitychange", this.#look);
    this.#connect();
  }

  stop() {
    this.#isStopped = true;
    removeEventListener("online", this.#hurry);
    removeEventListener("offline", this.#lost);
    document.removeEventListener("visibilitychange", this.#look);
    this.#drop();
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Tries at once instead of waiting. */
  retry() {
    this.#hurry();
  }

  /** Another window goes on with the session. */
  beginAnew() {
    this.session = null;
    this.#drop();
    this.#connect();
  }

  announceTyping = (channelID) => this.#send(OP.TYPING_START, { channel_id: channelID });
  announceTypingStopped = (channelID) => this.#send(OP.TYPING_STOP, { channel_id: channelID });
  announcePresence = (status) => this.#send(OP.PRESENCE, { status });
  /** What belongs to a call: its ops have the numbers of the contract. Says whether it was sent. */
  voice = (op, data) => this.#isLive && this.#send(op, data);
  requestMembers = (request) => this.#send(OP.MEMBERS, request);

  #connect() {
    this.#isLive = false;
    clearTimeout(this.#timer);
    if (this.#isStopped) return;
    this.handlers.status({ status: this.#attempt === 0 ? "connecting" : "reconnecting" });
    const early = takeEarly(this.token);
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = early?.socket ??
      new WebSocket(`${scheme}://${location.host}/gateway?client_version=${CLIENT_VERSION}`);
    this.#socket = socket;
    // A proxy may take the connection and never answer.
    this.#timer = setTimeout(() => socket.close(), PATIENCE_MS);
    socket.onopen = null;
    socket.onmessage = (event) => this.#receive(socket, event.data);
    socket.onclose = (event) => {
      if (socket === this.#socket) this.#closed(event.code, event.reason);
    };
    if (early) queueMicrotask(() => this.#catchUp(early));
  }

  /** Goes through what came before there was anybody to hear it. */
  #catchUp({ socket, frames, hasIdentified, closed }) {
    this.#hasIdentified = hasIdentified;
    for (const frame of frames) this.#receive(socket, frame);
    if (closed && socket === this.#socket) this.#closed(closed.code, closed.reason);
  }

  #drop() {
    clearTimeout(this.#timer);
    clearInterval(this.#heartbeat);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #send(op, d) {
    if (!this.isOpen) return false;
    this.#socket.send(JSON.stringify({ op, d }));
    return true;
  }

  #receive(socket, text) {
    if (socket !== this.#socket) return;
    let frame;
    try {
      frame = JSON.parse(text);
    } catch {
      socket.close();
      return;
    }
    switch (frame.op) {
      case OP.HELLO:
        return this.#greet(frame.d.heartbeat_interval);
      case OP.DISPATCH:
      case OP.OFFER:
      case OP.ANSWER:
      case OP.CANDIDATE:
      case OP.SPEAKING:
      case OP.QUALITY:
      case OP.KEYS:
        return this.#dispatch(frame);
      case OP.HEARTBEAT:
        return this.#send(OP.HEARTBEAT, this.session?.sequence ?? null);
      case OP.ACK:
        this.#isAcknowledged = true;
        return;
      case OP.RECONNECT:
        // Another server goes on where this one ends; nobody need be told.
        this.#drop();
        return this.#connect();
      case OP.INVALID:
        this.session = null;
        return this.#identify();
      case OP.STATUS:
        return this.handlers.announced(frame.d);
      case OP.VERSION:
        this.handlers.outdated(frame.d);
        return;
    }
  }

  #greet(interval_ms) {
    clearTimeout(this.#timer);
    this.#isAcknowledged = true;
    clearInterval(this.#heartbeat);
    this.#heartbeat = setInterval(() => this.#beat(), interval_ms);
    if (this.#hasIdentified) this.#hasIdentified = false;
    else this.#begin(this.#socket);
  }

  /** Goes on with the session, if it is there and this window's own; begins another one if not. */
  async #begin(socket) {
    const { session } = this;
    const isOwn = session && await this.handlers.mayResume(session.id);
    if (socket !== this.#socket) return;
    if (isOwn) return this.#send(OP.RESUME, { token: this.token, session_id: session.id, seq: session.sequence });
    this.session = null;
    this.#identify();
  }

  #identify() {
    this.#send(OP.IDENTIFY, {
      token: this.token,
      client_version: CLIENT_VERSION,
      properties: { client: "aviary-web" },
    });
  }

  #beat() {
    if (!this.#isAcknowledged) {
      // Nobody answered for a whole interval.
      this.#socket?.close();
      return;
    }
    this.#isAcknowledged = false;
    this.#send(OP.HEARTBEAT, this.session?.sequence ?? null);
  }

  #dispatch({ t, d, s }) {
    if (t === "READY" || t === "RESUMED") this.#isLive = true;
    if (t === "READY") this.session = { id: d.session_id, sequence: s };
    else if (this.session && typeof s === "number") this.session.sequence = Math.max(s, this.session.sequence);
    this.handlers.event(t, d);
    if (t === "READY" || t === "RESUMED") {
      this.#attempt = 0;
      this.handlers.status({ status: "online" });
    }
  }

  #closed(code, reason) {
    clearTimeout(this.#timer);
    clearInterval(this.#heartbeat);
    this.#socket = null;
    this.#isLive = false;
    if (this.#isStopped) return;
    switch (code) {
      case 4004:
        this.#isStopped = true;
        return this.handlers.ended(code);
      case 4015:
        this.#isStopped = true;
        return this.handlers.outdated({});
      case 4010:
      case 4012:
      case 4013:
      case 4014:
        this.#isStopped = true;
        return this.handlers.status({ status: "broken", reason });
      case 4007:
        this.session = null;
        return this.#wait(0);
      case 4008:
        return this.#wait(WAIT_AFTER_LIMIT_MS, { isFull: /connection/i.test(reason) });
      case 4016:
        // It is over when the server says so (`GET /status`); whoever listens then calls `retry`.
        this.#attempt = 0;
        return this.handlers.status({ status: navigator.onLine ? "maintenance" : "offline" });
      case 4017:
        return this.#wait(1000);
      default:
        return this.#wait(0);
    }
  }

  /** Tries again after `least_ms` and a random time that grows with the attempts. */
  #wait(least_ms, about = {}) {
    const wait_ms = least_ms + backoff_ms(this.#attempt, LONGEST_WAIT_MS);
    this.#attempt += 1;
    const status = !navigator.onLine ? "offline" : about.isFull ? "full" : "waiting";
    this.handlers.status({ status, retryAt: Date.now() + wait_ms });
    this.#timer = setTimeout(() => this.#connect(), wait_ms);
  }

  #hurry = () => {
    if (this.#socket || this.#isStopped) return;
    this.#attempt = 0;
    this.#connect();
  };

  #lost = () => {
    this.handlers.status({ status: "offline" });
    this.#socket?.close();
  };

  /** A device that slept may hold a connection that is long gone. */
  #look = () => {
    if (document.hidden) return;
    if (!this.#socket) return this.#hurry();
    if (!this.isOpen) return;
    const socket = this.#socket;
    this.#isAcknowledged = false;
    this.#send(OP.HEARTBEAT, this.session?.sequence ?? null);
    setTimeout(() => {
      if (!this.#isAcknowledged && socket === this.#socket) socket.close();
    }, PATIENCE_MS);
  };
}
