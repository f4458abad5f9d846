const BARS = 48;

/**
 * What a waveform looks like: at most 48 bars, each between 0 and 1, as loud as its loudest part and compared with the
 * loudest of all.
 * @param {string} waveform base64 of bytes.
 */
export function bars(waveform) {
  const bytes = bytesOf(waveform);
  if (bytes.length === 0) return [0];
  const count = Math.min(BARS, bytes.length);
  const loudest = Math.max(1, ...bytes);
  return Array.from({ length: count }, (_, index) => {
    const [from, to] = [index, index + 1].map((edge) => Math.floor((edge * bytes.length) / count));
    return Math.max(...bytes.slice(from, to)) / loudest;
  });
}

function bytesOf(waveform) {
  try {
    return [...atob(waveform)].map((sign) => sign.charCodeAt(0));
  } catch {
    return [];
  }
}
