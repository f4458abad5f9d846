// Ids are 63-bit numbers in decimal, so they are compared as texts (contract: conventions).

const EPOCH_MS = Date.UTC(2024, 0, 1);

/** Less than 0 when `a` is older than `b`. */
export function compareIDs(a, b) {
  if (a === b) return 0;
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : 1;
}

export const isNewer = (a, b) => !b || compareIDs(a, b) > 0;

/** When an id was made, in milliseconds since 1970. */
export const timeOf = (id) => Number(BigInt(id) >> 22n) + EPOCH_MS;

/** The least id of a moment, for jumping to a date. */
export const idAt = (time_ms) => String(BigInt(Math.max(0, Math.floor(time_ms) - EPOCH_MS)) << 22n || 1n);

/** A nonce, a UUID of version 4: what makes sending again harmless. Browsers make one by themselves only with TLS. */
export function makeNonce() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
