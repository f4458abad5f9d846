// The tabs of a browser that show the client at the same time.

/**
 * Does something while no other tab does anything under the same name. Where the browser has no locks, or does not allow
 * them, it is done at once.
 * @param {() => Promise<any>} work
 */
export async function alone(name, work) {
  let release;
  const isOver = new Promise((resolve) => (release = resolve));
  try {
    await new Promise((resolve, reject) => {
      navigator.locks.request(name, () => {
        resolve();
        return isOver;
      }).catch(reject);
    });
  } catch {
    // Then whatever is done must bear to be done twice.
  }
  try {
    return await work();
  } finally {
    release();
  }
}

/** Hears what other tabs tell under a name; returns what tells them something. */
export function openLine(name, listener) {
  try {
    const line = new BroadcastChannel(name);
    line.onmessage = ({ data }) => listener(data);
    return (data = null) => line.postMessage(data);
  } catch {
    // Not allowed: they learn it from the server.
    return () => {};
  }
}
