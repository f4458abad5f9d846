// Requests to the REST API, with the manners that docs/clients.md asks for: errors are one class, waiting is as long as the
// server says, and what may be repeated is repeated.

import { backoff_ms, sleep } from "../kernel/backoff.js";
import { learnTime } from "../kernel/clock.js";

export const CLIENT_VERSION = "a.1.0-1";

const TRIES = 6;
/** Whoever has to wait longer than this is told so instead. */
const LONGEST_WAIT_MS = 20_000;

/** An answer that is no success, or none at all (`status` 0). */
export class APIError extends Error {
  constructor(status, error = {}, cause = undefined) {
    super(error.message ?? "No answer", { cause });
    this.status = status;
    this.code = error.code ?? status;
    this.details = error.details ?? [];
    this.retryAfter_s = error.retry_after ?? null;
    this.retryAt_ms = this.retryAfter_s === null ? null : Date.now() + this.retryAfter_s * 1000;
    this.body = error;
  }

  get isOffline() {
    return this.status === 0;
  }

  /** Whether the login itself is over, not only this request. */
  get endsSession() {
    return this.status === 401 && ["Authentication required", "Invalid token", "Token expired"].includes(this.message);
  }

  /** Whether the same request may do better later. */
  get isTemporary() {
    return (
      this.message !== "Module not available" && [0, 408, 429, 500, 502, 503, 504].includes(this.status)
    );
  }
}

const listeners = { ended: () => {}, outdated: () => {} };
let token = null;

export const api = {
  /** Sets whose requests these are. */
  setToken(value) {
    token = value;
  },

  /** What to call when the login is over (401) and when the client is too old (426). */
  listen({ ended, outdated }) {
    Object.assign(listeners, { ended, outdated });
  },

  get: (path, query) => send("GET", path, { query }),
  post: (path, body, options) => send("POST", path, { body, ...options }),
  put: (path, body, options) => send("PUT", path, { body, ...options }),
  patch: (path, body, options) => send("PATCH", path, { body, ...options }),
  delete: (path, body, options) => send("DELETE", path, { body, ...options }),
  send,
};

/**
 * Sends a request and returns what the answer holds.
 * @param {object} options `query`, `body` (JSON, or a `FormData` or `Blob` as it is), `reason` for the audit log,
 *   `hasNonce` when sending twice does no harm, `outlivesPage`, `tries`, `signal`.
 * @throws {APIError}
 */
async function send(method, path, options = {}) {
  const isRepeatable = options.hasNonce || ["GET", "PUT", "DELETE"].includes(method);
  const tries = options.tries ?? TRIES;
  for (let attempt = 0;; attempt += 1) {
    try {
      return await sendOnce(method, path, options);
    } catch (error) {
      if (!(error instanceof APIError)) throw error;
      if (error.endsSession) listeners.ended(error);
      if (error.status === 426) listeners.outdated(error.body);
      // Without an answer nobody knows whether it was done. With one it was not.
      const mayRepeat = error.isTemporary && (error.status !== 0 || isRepeatable);
      if (!mayRepeat || attempt >= tries - 1) throw error;
      const wait_ms = error.retryAfter_s === null ? backoff_ms(attempt) : error.retryAfter_s * 1000;
      if (wait_ms > LONGEST_WAIT_MS) throw error;
      await sleep(wait_ms, options.signal);
    }
  }
}

async function sendOnce(method, path, { query, body, reason, signal, withoutLogin, outlivesPage = false }) {
  const headers = { "X-Client-Version": CLIENT_VERSION };
  if (token && !withoutLogin) headers.Authorization = `Bearer ${token}`;
  if (reason) headers["X-Audit-Log-Reason"] = encodeURIComponent(reason);
  const isRaw = body instanceof FormData || body instanceof Blob;
  if (body !== undefined && !isRaw) headers["Content-Type"] = "application/json";
  const asked_ms = Date.now();
  let answer;
  try {
    answer = await fetch(address(path, query), {
      method,
      headers,
      body: body === undefined || isRaw ? body : JSON.stringify(body),
      // A signal ends with the page, and would take the request along.
      signal: outlivesPage ? undefined : (signal ?? AbortSignal.timeout(30_000)),
      keepalive: outlivesPage,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new APIError(0, { message: "No answer" }, error);
  }
  learnTime(answer.headers.get("Date"), asked_ms);
  if (!answer.ok) throw new APIError(answer.status, await errorIn(answer));
  if (answer.status === 204) return null;
  try {
    return await answer.json();
  } catch (error) {
    // The connection broke within the answer.
    throw new APIError(0, { message: "No answer" }, error);
  }
}

async function errorIn(answer) {
  try {
    return (await answer.json()).error ?? {};
  } catch {
    // A proxy between may answer with a page of its own.
    return { message: answer.statusText };
  }
}

function address(path, query) {
  const parameters = Object.entries(query ?? {}).filter(([, value]) =>
    value !== null && value !== undefined && value !== ""
  );
  return `/api/v1${path}${parameters.length > 0 ? "?" + new URLSearchParams(parameters) : ""}`;
}

/** Fetches a file that needs the login, such as an export. */
export async function fetchFile(path) {
  const answer = await fetch(`/api/v1${path}`, { headers: { Authorization: `Bearer ${token}` } });
  if (!answer.ok) throw new APIError(answer.status, await errorIn(answer));
  return answer.blob();
}

/**
 * Sends a form and says how far it is; `fetch` can't.
 * @param {(share: number) => void} onProgress from 0 to 1.
 */
export function upload(method, path, body, { onProgress = () => {}, signal } = {}) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, `/api/v1${path}`);
    request.setRequestHeader("Authorization", `Bearer ${token}`);
    request.setRequestHeader("X-Client-Version", CLIENT_VERSION);
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onload = () => {
      let answer = {};
      try {
        answer = JSON.parse(request.responseText);
      } catch {
        // Not ours; the status tells enough.
      }
      if (request.status < 300) resolve(answer);
      else reject(new APIError(request.status, answer.error));
    };
    request.onerror = request.ontimeout = () => reject(new APIError(0));
    request.onabort = () => reject(new DOMException("Cancelled", "AbortError"));
    signal?.addEventListener("abort", () => request.abort());
    request.send(body);
  });
}
