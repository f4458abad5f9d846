// Bytes, as keys and frames are made of them.

export const utf8 = (text) => new TextEncoder().encode(text);

export function joined(...parts) {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let end = 0;
  for (const part of parts) {
    bytes.set(part, end);
    end += part.length;
  }
  return bytes;
}

export const isSame = (one, other) => one.length === other.length && one.every((byte, index) => byte === other[index]);

export const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

export const base64 = (bytes) => btoa(String.fromCharCode(...bytes));

/** What a text of Base64 stands for; null for one of another length, and for none. */
export function fromBase64(text, length) {
  try {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    return typeof text === "string" && bytes.length === length ? bytes : null;
  } catch {
    return null;
  }
}
