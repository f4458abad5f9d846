// Messages on their way. Each has a nonce, so that sending again never makes a second one; they are kept until the server
// has answered, also when the page is closed meanwhile. All tabs of a browser have the same ones: each message has an entry
// of its own in the storage, a tab that changes one tells the others, and one tab at a time sends.

import { makeNonce } from "../kernel/snowflake.js";
import { backoff_ms, sleep } from "../kernel/backoff.js";
import { load } from "../kernel/parts.js";
import { storage } from "../kernel/storage.js";
import { alone, openLine } from "../kernel/tabs.js";
import { store } from "../store/store.js";
import { api } from "./api.js";

/** How long the server remembers a nonce. What is older is not sent by itself any more. */
const NONCE_LASTS_MS = 23 * 3_600_000;
const LONGEST_WAIT_S = 6 * 3600;
const TRIES = 6;
const AGAIN_AFTER_MS = 5000;
/** What the server asks to wait for longer, such as the end of a maintenance, may be over before. */
const LONGEST_PAUSE_MS = 60_000;

const WITHOUT_REPLY = { reply_to_id: null, reply_to: null };

/** In a maintenance the gateway is closed, and REST is open to administrators. */
function isConnected() {
  const { connection, me } = store.state;
  return connection.status === "online" || (connection.status === "maintenance" && Boolean(me?.admin));
}

/** Whether a message can be taken back: not while the server may have it already. */
export const canTakeBack = (item) => item.state === "failed" || !item.isRequested;

export class Outbox {
  #isFlushing = new Set();
  #departures = new Map();
  #known = new Set();
  #changes = 0;
  /** When all that was added here is in the storage, where the state is read from. */
  #isWritten = null;
  #tell;
  #toSent;

  /** @param {(text: string, serverID: string) => Promise<string>} toSent makes what is sent of what was written. */
  constructor(userID, toSent) {
    this.#toSent = toSent;
    this.prefix = `outbox:${userID}:`;
    // Each tab waits for its turn, in case that the one whose turn it is gets closed. Without turns, all would send at once.
    this.#tell = openLine(`aviary.${this.prefix}`, () => (navigator.locks ? this.flush() : this.#read()));
    store.watch(["outbox"], () => this.#settle());
  }

  #key(nonce) {
    return `${this.prefix}${nonce}`;
  }

  async restore() {
    await this.#read();
    const files = store.state.outbox.flatMap((item) => item.files ?? []);
    // Where the part cannot be had, the message says so when it is its turn.
    if (files.length > 0) load(() => import("./uploads.js")).then((uploads) => uploads.restore(files)).catch(() => {});
  }

  /**
   * Takes a message and begins to send it.
   * @param {object} draft `text`, as it was written, or `content`, as it is sent; `reply_to_id`, `reply_to` (as it is
   *   shown), `files` (their keys, uploads.js), `forward`, `stickers`, `poll` (what goes along).
   */
  add(channelID, draft) {
    const last_ms = store.state.outbox.at(-1)?.created_ms ?? 0;
    const item = {
      nonce: makeNonce(),
      channel_id: channelID,
      created_ms: Math.max(Date.now(), last_ms + 1),
      state: "waiting",
      error: null,
      isRequested: false,
      ...draft,
    };
    const isWritten = storage.set(this.#key(item.nonce), item).then(() => this.#tell());
    this.#isWritten = Promise.all([this.#isWritten, isWritten]);
    this.#show([...store.state.outbox, item]);
    this.flush();
    return item.nonce;
  }

  async retry(nonce) {
    await this.#change(nonce, { state: "waiting", error: null, created_ms: Date.now() });
    this.flush();
  }

  remove(nonce) {
    store.apply("OUTBOX", store.state.outbox.filter((item) => item.nonce !== nonce));
    this.#settle();
  }

  /** Takes a message back, if the server can't have it yet. Returns whether it was so. */
  async takeBack(nonce) {
    let isTaken = false;
    await storage.change(this.#key(nonce), (item) => {
      isTaken = Boolean(item) && canTakeBack(item);
      return isTaken ? undefined : item;
    });
    if (isTaken) this.remove(nonce);
    else await this.#read();
    return isTaken;
  }

  /** Nothing answers the messages that are gone. What is asked for already hears of it by the answer. */
  async endReplies(messageIDs) {
    for (const item of store.state.outbox) {
      if (messageIDs.includes(item.reply_to_id) && canTakeBack(item)) await this.#change(item.nonce, WITHOUT_REPLY);
    }
  }

  // MARK: What all tabs have

  /** Shows what is kept, with what other tabs have added and taken away. */
  async #read() {
    this.#settle();
    const changes = this.#changes;
    await this.#isWritten;
    const items = await storage.all(this.prefix);
    this.#settle();
    // It was changed here meanwhile.
    if (changes !== this.#changes) return this.#read();
    const shown = items.map(withAge).sort((a, b) => a.created_ms - b.created_ms);
    if (JSON.stringify(shown) !== JSON.stringify(store.state.outbox)) this.#show(shown);
  }

  #show(items) {
    this.#settle();
    store.apply("OUTBOX", items);
    this.#known = new Set(items.map((item) => item.nonce));
    this.#changes += 1;
    this.#letGo();
  }

  /** Forgets what is not shown any more: it has come through, or was removed. */
  #settle() {
    for (const nonce of this.#known) {
      if (this.#has(nonce)) continue;
      this.#known.delete(nonce);
      this.#changes += 1;
      storage.remove(this.#key(nonce)).then(() => this.#tell());
    }
    this.#letGo();
  }

  #letGo() {
    for (const [nonce, resolve] of this.#departures) if (!this.#has(nonce)) resolve(null);
  }

  #has(nonce) {
    return store.state.outbox.some((item) => item.nonce === nonce);
  }

  async #change(nonce, values) {
    await storage.change(this.#key(nonce), (item) => item && { ...item, ...values });
    this.#tell();
    await this.#read();
  }

  // MARK: Sending

  /**
   * Sends what waits: in each channel one after the other, in the order in which it was written. The tab whose turn it is
   * sends what others have written as well, and the next one goes on where a tab was closed.
   */
  async flush() {
    await this.#read();
    const waiting = store.state.outbox.filter((item) => item.state === "waiting");
    for (const channelID of new Set(waiting.map((item) => item.channel_id))) this.#flush(channelID);
  }

  async #flush(channelID) {
    if (this.#isFlushing.has(channelID) || !isConnected()) return;
    this.#isFlushing.add(channelID);
    await alone(`aviary.${this.prefix}${channelID}`, async () => {
      try {
        for (;;) {
          await this.#read();
          const next = store.state.outbox.find((item) => item.channel_id === channelID && item.state === "waiting");
          if (!next || !isConnected() || !(await this.#send(next))) break;
        }
      } finally {
        this.#isFlushing.delete(channelID);
      }
    });
  }

  /** Whether to go on with the next one. */
  async #send(item) {
    // Its event may be here before the answer, or without it; or it is taken back.
    const departure = new Promise((resolve) => this.#departures.set(item.nonce, resolve));
    try {
      const content = await Promise.race([this.#contentOf(item), departure]);
      if (content === null) return true;
      const attachments = await Promise.race([this.#attachmentsOf(item), departure]);
      if (!attachments) return true;
      const message = await Promise.race([this.#post({ ...item, content }, attachments), departure]);
      if (message) store.apply("MESSAGE_CREATE", message);
      this.remove(item.nonce);
      return true;
    } catch (error) {
      if (error.status === 429 && error.retryAfter_s !== null && error.retryAfter_s < LONGEST_WAIT_S) {
        // Slow mode. The message keeps its turn.
        await this.#change(item.nonce, { retryAt_ms: Date.now() + error.retryAfter_s * 1000 });
        await Promise.race([sleep(error.retryAfter_s * 1000), departure]);
        return true;
      }
      // Without an answer it waits for the connection; a refusal is final.
      if (error.isTemporary || error.endsSession) {
        const pause_ms = Math.max(AGAIN_AFTER_MS, (error.retryAfter_s ?? 0) * 1000);
        setTimeout(() => this.flush(), Math.min(pause_ms, LONGEST_PAUSE_MS));
        return false;
      }
      // Whoever tries again, or takes it back, answers nothing.
      const answersNothing = item.reply_to_id && error.message === "Message not found";
      const failure = answersNothing ? { ...WITHOUT_REPLY, error: "reply" } : { error: error.message };
      await this.#change(item.nonce, { state: "failed", details: error.details ?? [], ...failure });
      return true;
    } finally {
      this.#departures.delete(item.nonce);
    }
  }

  async #post(item, attachments) {
    for (let attempt = 0;; attempt += 1) {
      const before = await this.#request(item.nonce);
      if (!before) return null;
      try {
        return await this.#postOnce(item, attachments);
      } catch (error) {
        // An answer says that it was not done. Without one nobody knows.
        if (error.status > 0 && !before.isRequested) await this.#change(item.nonce, { isRequested: false });
        const isLate = attempt >= TRIES - 1 || error.status === 429 || !isConnected();
        const pause_ms = error.retryAfter_s === null ? backoff_ms(attempt) : error.retryAfter_s * 1000;
        // Whoever waits here keeps others from trying as soon as there is a connection again.
        if (!error.isTemporary || isLate || pause_ms > AGAIN_AFTER_MS) throw error;
        await sleep(pause_ms);
      }
    }
  }

  /** From now on the message can't be taken back. Returns it as it was, or null where another tab took it away. */
  async #request(nonce) {
    let before = null;
    await storage.change(this.#key(nonce), (item) => {
      before = item ?? null;
      return item && { ...item, isRequested: true, retryAt_ms: null };
    });
    await this.#read();
    return before;
  }

  #postOnce(item, attachments) {
    return api.post(
      `/channels/${item.channel_id}/messages`,
      {
        content: item.content || null,
        reply_to_id: item.reply_to_id ?? null,
        nonce: item.nonce,
        attachments: attachments.map((attachment) => attachment.id),
        ...(item.allowed_mentions ? { allowed_mentions: item.allowed_mentions } : {}),
        ...(item.forward ? { forward: item.forward } : {}),
        ...(item.stickers ? { sticker_ids: item.stickers.map((sticker) => sticker.id) } : {}),
        ...(item.poll ? { poll: item.poll } : {}),
      },
      { hasNonce: true, tries: 1 },
    );
  }

  /** Who is named in a text may have to be asked for: until then it stands as it was written. */
  #contentOf({ text, content, channel_id }) {
    return text === undefined ? content ?? "" : this.#toSent(text, store.state.channels.get(channel_id)?.server_id);
  }

  /** A message waits for its files, and those behind it wait for the message. Null where it is not to be sent. */
  async #attachmentsOf(item) {
    if (!item.files?.length) return [];
    try {
      const { attachmentsOf } = await load(() => import("./uploads.js"));
      const attachments = await attachmentsOf(item.files);
      return this.#has(item.nonce) ? attachments : null;
    } catch (error) {
      await this.#change(item.nonce, { state: "failed", error: error.message === "File lost" ? "lost" : "files" });
      return null;
    }
  }
}

const withAge = (item) =>
  item.state === "waiting" && Date.now() - item.created_ms > NONCE_LASTS_MS
    ? { ...item, state: "failed", error: "old" }
    : item;
