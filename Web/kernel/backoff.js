// How long to wait before trying again (docs/clients.md): full jitter below a bound that doubles, so that a thousand
// clients do not come back at once.

const FIRST_BOUND_MS = 500;

export const backoff_ms = (attempt, largest_ms = 8000) =>
  Math.random() * Math.min(largest_ms, FIRST_BOUND_MS * 2 ** attempt);

export const sleep = (time_ms, signal) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, time_ms);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
