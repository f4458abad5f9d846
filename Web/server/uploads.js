// Sending files: small ones as a form, large ones in pieces that survive a broken connection (docs/files.md).

import { backoff_ms, sleep } from "../kernel/backoff.js";
import { store } from "../store/store.js";
import { api, APIError, upload } from "./api.js";

const FROM_CHUNKS_BYTES = 5 * 1024 * 1024;
const TRIES = 8;

/**
 * Uploads a file for a channel and returns the attachment.
 * @param {(share: number) => void} onProgress from 0 to 1.
 * @throws {APIError}; a `DOMException` named `AbortError` when it was cancelled.
 */
export async function uploadFile(file, channelID, { name = file.name, onProgress, signal }) {
  const limit = store.state.capabilities?.max_file_size;
  // The tier may allow more than everybody has; the server knows.
  if (file.size === 0) throw new APIError(400, { message: "Invalid file type" });
  if (file.size > FROM_CHUNKS_BYTES) return uploadInChunks(file, channelID, { name, onProgress, signal, limit });
  const form = new FormData();
  form.append("file", file, name);
  return repeat(() => upload("POST", `/channels/${channelID}/attachments`, form, { onProgress, signal }), signal);
}

async function uploadInChunks(file, channelID, { name, onProgress, signal }) {
  const session = await api.post("/media/upload/session", {
    filename: name,
    content_type: file.type || null,
    total_size: file.size,
    channel_id: channelID,
  });
  signal?.addEventListener("abort", () => api.delete(`/media/upload/${session.id}`).catch(() => {}));
  for (let number = 0; number < session.chunk_count; number += 1) {
    const start = number * session.chunk_size;
    const piece = file.slice(start, start + session.chunk_size);
    const progress = (share) => onProgress((start + share * piece.size) / file.size);
    await repeat(
      () => upload("PUT", `/media/upload/${session.id}/${number}`, piece, { onProgress: progress, signal }),
      signal,
    );
  }
  return api.post(`/media/upload/complete/${session.id}`, {}, { hasNonce: true, signal });
}

/** A file that came twice does no harm: what no message uses is removed. */
async function repeat(work, signal) {
  for (let attempt = 0;; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof APIError) || !error.isTemporary || attempt >= TRIES - 1) throw error;
      await sleep(error.retryAfter_s === null ? backoff_ms(attempt) : error.retryAfter_s * 1000, signal);
    }
  }
}
