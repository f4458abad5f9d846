// Messages on their way. Each has a nonce, so that sending again never makes a second one; they are kept until the server
// has answered, also when the page is closed meanwhile.

import { makeNonce } from "../kernel/snowflake.js";
import { sleep } from "../kernel/backoff.js";
import { load } from "../kernel/parts.js";
import { storage } from "../kernel/storage.js";
import { store } from "../store/store.js";
import { api } from "./api.js";

/** How long the server remembers a nonce. What is older is not sent by itself any more. */
const NONCE_LASTS_MS = 23 * 3_600_000;
const LONGEST_WAIT_S = 6 * 3600;

export class Outbox {
  #isFlushing = new Set();
  #arrivals = new Map();

  constructor(userID) {
    this.userID = userID;
    this.stop = store.watch(["outbox"], () => this.#changed());
  }

  get #key() {
    return `outbox:${this.userID}`;
  }

  async restore() {
    const kept = (await storage.get(this.#key)) ?? [];
    const items = kept.map((item) =>
      Date.now() - item.created_ms > NONCE_LASTS_MS
        ? { ...item, state: "failed", error: "old" }
        : { ...item, state: item.state === "failed" ? "failed" : "waiting" }
    );
    store.apply("OUTBOX", items);
    const files = items.flatMap((item) => item.files ?? []);
    if (files.length > 0) (await load(() => import("./uploads.js"))).restore(files);
  }

  /**
   * Takes a message and begins to send it.
   * @param {object} draft `content`, `reply_to_id`, `reply_to` (as it is shown), `files` (their keys, uploads.js).
   */
  add(channelID, draft) {
    const item = {
      nonce: makeNonce(),
      channel_id: channelID,
      created_ms: Date.now(),
      state: "waiting",
      error: null,
      ...draft,
    };
    this.#change([...store.state.outbox, item]);
    this.flush();
    return item.nonce;
  }

  retry(nonce) {
    this.#set(nonce, { state: "waiting", error: null });
    this.flush();
  }

  /** What one of the client's own events took away has come through. */
  #changed() {
    storage.set(this.#key, store.state.outbox);
    for (const [nonce, resolve] of this.#arrivals) if (!this.#has(nonce)) resolve(null);
  }

  #has(nonce) {
    return store.state.outbox.some((item) => item.nonce === nonce);
  }

  remove(nonce) {
    this.#change(store.state.outbox.filter((item) => item.nonce !== nonce));
  }

  /** Sends what waits: in each channel one after the other, in the order in which it was written. */
  flush() {
    for (const channelID of new Set(store.state.outbox.map((item) => item.channel_id))) this.#flush(channelID);
  }

  async #flush(channelID) {
    if (this.#isFlushing.has(channelID)) return;
    this.#isFlushing.add(channelID);
    try {
      for (;;) {
        const next = store.state.outbox.find((item) => item.channel_id === channelID && item.state === "waiting");
        if (!next || !(await this.#send(next))) break;
      }
    } finally {
      this.#isFlushing.delete(channelID);
    }
  }

  /** Whether to go on with the next one. */
  async #send(item) {
    try {
      const attachments = await this.#attachmentsOf(item);
      // It was taken back, or a file of it is refused.
      if (!attachments) return true;
      // The event may be here before the answer, or without it.
      const message = await Promise.race([this.#post(item, attachments), this.#arrivalOf(item.nonce)]);
      if (message) store.apply("MESSAGE_CREATE", message);
      this.remove(item.nonce);
      return true;
    } catch (error) {
      if (error.status === 429 && error.retryAfter_s !== null && error.retryAfter_s < LONGEST_WAIT_S) {
        // Slow mode. The message keeps its turn.
        this.#set(item.nonce, { retryAt_ms: Date.now() + error.retryAfter_s * 1000 });
        await sleep(error.retryAfter_s * 1000);
        return true;
      }
      // Without an answer it waits for the connection; a refusal is final.
      if (error.isTemporary || error.endsSession) {
        setTimeout(() => this.flush(), 5000);
        return false;
      }
      this.#set(item.nonce, { state: "failed", error: error.message, details: error.details ?? [] });
      return true;
    } finally {
      this.#arrivals.delete(item.nonce);
    }
  }

  #post(item, attachments) {
    return api.post(
      `/channels/${item.channel_id}/messages`,
      {
        content: item.content || null,
        reply_to_id: item.reply_to_id ?? null,
        nonce: item.nonce,
        attachments: attachments.map((attachment) => attachment.id),
        ...(item.allowed_mentions ? { allowed_mentions: item.allowed_mentions } : {}),
      },
      { hasNonce: true },
    );
  }

  #arrivalOf(nonce) {
    return new Promise((resolve) => this.#arrivals.set(nonce, resolve));
  }

  /** A message waits for its files, and those behind it wait for the message. Null where it is not to be sent. */
  async #attachmentsOf(item) {
    if (!item.files?.length) return [];
    try {
      const { attachmentsOf } = await load(() => import("./uploads.js"));
      const attachments = await attachmentsOf(item.files);
      return this.#has(item.nonce) ? attachments : null;
    } catch (error) {
      this.#set(item.nonce, { state: "failed", error: error.message === "File lost" ? "lost" : "files" });
      return null;
    }
  }

  #set(nonce, change) {
    this.#change(store.state.outbox.map((item) => (item.nonce === nonce ? { ...item, ...change } : item)));
  }

  #change(items) {
    store.apply("OUTBOX", items);
    storage.set(this.#key, items);
  }
}
