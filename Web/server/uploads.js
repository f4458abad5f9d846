// Files on their way to the server: those of the messages that are being written, and those that a queued message waits for.
// They go on whatever the page shows, and are kept in the browser until their message was sent, so that they also go on when
// the page is opened again. Small ones are sent as a form, large ones in pieces (docs/files.md).

import { backoff_ms, sleep } from "../kernel/backoff.js";
import { makeNonce } from "../kernel/snowflake.js";
import { storage } from "../kernel/storage.js";
import { canHaveAlone, haveAlone } from "../kernel/tabs.js";
import { store } from "../store/store.js";
import { api, APIError, upload as sendForm } from "./api.js";

const FROM_CHUNKS_BYTES = 5 * 1024 * 1024;
const TRIES = 8;
/** Whoever has to wait longer than this is told so instead. */
const LONGEST_WAIT_S = 20;
/** The server forgets what no message uses after a day. */
const ATTACHMENT_LASTS_MS = 23 * 3_600_000;
const FILE_LASTS_MS = 7 * 24 * 3_600_000;

/** What of an upload is kept in the browser; the file itself has an entry of its own, which never changes. */
const KEPT = ["key", "channelID", "nonce", "isSpoiler", "added_ms", "session", "attachment", "uploaded_ms"];

const storageKey = (key = "") => `upload:${store.state.session.userID}:${key}`;
const fileKey = (key) => `${storageKey(key)}:file`;
const uploadOf = (key) => store.state.uploads.get(key);

const controls = new Map();
const runs = new Map();
const restorations = new Map();
/** key → a promise of what lets go of a file that this tab has alone, or waits for. */
const holds = new Map();
/** The files of drafts that this tab has. A draft is shared by all tabs, and each of its files belongs to one of them. */
const own = new Set();

/** The files of the message that is being written in a channel. */
export const filesOf = (channelID) =>
  [...store.state.uploads.values()].filter((item) => item.channelID === channelID && !item.nonce);

/** Takes a file for a message and begins to upload it. */
export function add(channelID, file) {
  const key = makeNonce();
  storage.set(fileKey(key), file);
  change(key, { key, channelID, file, preview: previewOf(file), nonce: null, isSpoiler: false, added_ms: Date.now() });
  keep(key);
  have(key);
  own.add(key);
  start(key);
}

/** Uploads a file once more. */
export function again(key) {
  controls.get(key)?.abort();
  start(key);
}

/** A file's name says that it is to be hidden, so it is uploaded again under the other name. */
export function toggleSpoiler(key) {
  endSession(uploadOf(key));
  change(key, { isSpoiler: !uploadOf(key).isSpoiler, session: null });
  again(key);
}

/** Files go to the queued message that waits for them, or with null back to the one that is being written. */
export function give(keys, nonce) {
  for (const key of keys.filter(uploadOf)) {
    change(key, { nonce });
    // Whoever waits for the file reads whose it is.
    const isKept = keep(key);
    if (nonce) isKept.then(() => release(key));
    else {
      have(key);
      own.add(key);
    }
  }
}

export function forget(key) {
  const item = uploadOf(key);
  letGo(key);
  if (item) endSession(item);
  storage.removeAll(storageKey(key)).then(() => release(key));
}

/** This page has nothing to do with a file any more; another one may. */
function letGo(key) {
  const item = uploadOf(key);
  controls.get(key)?.abort();
  if (item?.preview) URL.revokeObjectURL(item.preview);
  for (const map of [controls, runs, restorations]) map.delete(key);
  if (item) store.apply("UPLOAD_GONE", item);
}

function endSession({ session, attachment }) {
  if (session && !attachment) api.delete(`/media/upload/${session.id}`).catch(() => {});
}

/** Shows files of an earlier visit again, in their order, and goes on uploading them. */
export async function restore(keys) {
  for (const key of keys) {
    await bringBack(key);
    if (uploadOf(key) && !isThere(key)) start(key);
  }
}

/**
 * The attachments of a queued message, once all of its files are there.
 * @throws what keeps one of them from being uploaded.
 */
export async function attachmentsOf(keys) {
  for (const key of keys) await bringBack(key);
  const isLost = keys.some((key) => !uploadOf(key));
  if (isLost) throw new APIError(400, { message: "File lost" });
  await Promise.all(keys.filter((key) => !isThere(key)).map(start));
  const [failed] = keys.map(uploadOf).filter((item) => item && !item.attachment);
  if (failed) throw failed.error;
  return keys.map((key) => uploadOf(key)?.attachment);
}

function bringBack(key) {
  if (!restorations.has(key)) restorations.set(key, uploadOf(key) ? Promise.resolve() : load(key));
  return restorations.get(key);
}

async function load(key) {
  const [kept, file] = await Promise.all([storage.get(storageKey(key)), storage.get(fileKey(key))]);
  if (kept && file) change(key, { ...kept, file, preview: previewOf(file) });
}

const previewOf = (file) => (file.type.startsWith("image/") ? URL.createObjectURL(file) : null);

function isThere(key) {
  const { attachment, uploaded_ms } = uploadOf(key);
  return Boolean(attachment) && Date.now() - uploaded_ms < ATTACHMENT_LASTS_MS;
}

function change(key, values) {
  store.apply("UPLOAD", { ...uploadOf(key), ...values });
}

function keep(key) {
  const item = uploadOf(key);
  return storage.set(storageKey(key), Object.fromEntries(KEPT.map((name) => [name, item[name]])));
}

// MARK: Tabs

/** Shows the files of a draft again, in their order. One that another tab has comes when that is closed. */
export async function adopt(keys) {
  for (const key of keys.filter((key) => own.has(key) || !holds.has(key))) {
    if (own.has(key) || await have(key, { waits: false })) await inherit(key);
    else have(key).then(() => inherit(key));
  }
}

/** Takes over what no other tab has, unless it was sent or removed. */
async function inherit(key) {
  const kept = store.state.session && (uploadOf(key) ?? await storage.get(storageKey(key)));
  // Nobody has it any more, so the draft is not to name it.
  if (!kept) own.add(key);
  if (!kept || kept.nonce) return release(key);
  await restore([key]);
  own.add(key);
}

/** The keys of a draft as they are to be kept: those that other tabs have, and this one's. */
export function draftKeys(channelID, kept) {
  const mine = filesOf(channelID).map((item) => item.key);
  const others = kept.filter((key) => !own.has(key) && !mine.includes(key));
  for (const key of kept) if (!mine.includes(key)) own.delete(key);
  return [...others, ...mine];
}

/** Where no tab can have a file alone, another one may have sent or removed it. */
export function followDraft(channelID, kept) {
  if (canHaveAlone()) return;
  for (const { key } of filesOf(channelID).filter(({ key }) => !kept.includes(key))) {
    own.delete(key);
    letGo(key);
  }
}

function have(key, options) {
  const hold = haveAlone(`aviary.${storageKey(key)}`, options);
  holds.set(key, hold);
  return hold;
}

function release(key) {
  holds.get(key)?.then((letGo) => letGo?.());
  holds.delete(key);
}

// MARK: Sending

/** Begins to upload a file, unless that is going on. Ends once it is there or has failed. */
function start(key) {
  if (!controls.get(key) || controls.get(key).signal.aborted || !uploadOf(key).isUploading) {
    const control = new AbortController();
    controls.set(key, control);
    runs.set(key, run(key, control.signal));
  }
  return runs.get(key);
}

async function run(key, signal) {
  change(key, { isUploading: true, error: null, attachment: null, share: 0 });
  try {
    const attachment = await transfer(key, signal);
    change(key, { attachment, uploaded_ms: Date.now(), isUploading: false });
  } catch (error) {
    // Whoever took it back has forgotten it, or has begun anew.
    if (signal.aborted) return runs.get(key);
    change(key, { error, isUploading: false });
  }
  keep(key);
}

function transfer(key, signal) {
  const { file, isSpoiler, channelID } = uploadOf(key);
  const name = (isSpoiler ? "SPOILER_" : "") + file.name;
  const onProgress = (share) => !signal.aborted && change(key, { share });
  if (file.size === 0) throw new APIError(400, { message: "Empty file" });
  if (file.size > FROM_CHUNKS_BYTES) return transferInChunks(key, name, onProgress, signal);
  const form = new FormData();
  form.append("file", file, name);
  return repeat(() => sendForm("POST", `/channels/${channelID}/attachments`, form, { onProgress, signal }), signal);
}

async function transferInChunks(key, name, onProgress, signal) {
  const { file } = uploadOf(key);
  const session = await sessionOf(key, name, signal);
  for (let number = 0; number < session.chunk_count; number += 1) {
    if (session.received_chunks?.includes(number)) continue;
    const start = number * session.chunk_size;
    const piece = file.slice(start, start + session.chunk_size);
    const progress = (share) => onProgress((start + share * piece.size) / file.size);
    await repeat(
      () => sendForm("PUT", `/media/upload/${session.id}/${number}`, piece, { onProgress: progress, signal }),
      signal,
    );
  }
  return repeat(() => api.post(`/media/upload/complete/${session.id}`, {}, { hasNonce: true, signal }), signal);
}

/** The server's side of an upload in chunks: the one that was begun before, if the server still has it. */
async function sessionOf(key, name, signal) {
  const { session, file, channelID } = uploadOf(key);
  const begun = session && (await repeat(() => known(session.id), signal));
  if (begun) return begun;
  const made = await repeat(() =>
    api.post("/media/upload/session", {
      filename: name,
      content_type: file.type || null,
      total_size: file.size,
      channel_id: channelID,
    }), signal);
  if (signal.aborted) throw signal.reason;
  change(key, { session: { id: made.id } });
  keep(key);
  return made;
}

async function known(id) {
  try {
    return await api.get(`/media/upload/${id}`);
  } catch (error) {
    if (error.status === 404) return null;
    throw error;
  }
}

/** Without a connection it waits for one. A file that came twice does no harm: what no message uses is removed. */
async function repeat(work, signal) {
  for (let attempt = 0;; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const isHopeless = !(error instanceof APIError) || !error.isTemporary ||
        (!error.isOffline && attempt >= TRIES - 1) || error.retryAfter_s > LONGEST_WAIT_S;
      if (isHopeless) throw error;
      await sleep(error.retryAfter_s === null ? backoff_ms(attempt) : error.retryAfter_s * 1000, signal);
    }
  }
}

// MARK: Clearing up

store.watch(["outbox"], () => {
  const waiting = new Set(store.state.outbox.map((item) => item.nonce));
  for (const item of store.state.uploads.values()) if (item.nonce && !waiting.has(item.nonce)) forgetSent(item);
});

/** The file of a message that was sent; where another tab took the message back, the file is there now. */
async function forgetSent({ key, nonce }) {
  const kept = await storage.get(storageKey(key));
  if (uploadOf(key)?.nonce !== nonce) return;
  if (kept?.nonce === nonce) forget(key);
  else letGo(key);
}

/** What a page left behind that ended in between. */
async function removeOld() {
  for (const key of await storage.keys(storageKey())) {
    if (key.endsWith(":file")) continue;
    const kept = await storage.get(key);
    if (Date.now() - kept.added_ms > FILE_LASTS_MS) await storage.removeAll(key);
  }
}

if (store.state.session) removeOld();
