// The tabs of a browser that show the client at the same time.

/** Whether one tab can have something for itself. */
export const canHaveAlone = () => Boolean(navigator.locks);

/**
 * Has something for this tab alone, until it is let go or the page ends. Where the browser has no locks, or does not allow
 * them, it is had at once.
 * @param {{waits?: boolean}} options whether to wait until no other tab has it.
 * @returns {Promise<(() => void) | null>} what lets it go; null where another tab has it.
 */
export async function haveAlone(name, { waits = true } = {}) {
  let letGo;
  const isOver = new Promise((resolve) => (letGo = resolve));
  try {
    const isHad = await new Promise((resolve, reject) => {
      navigator.locks.request(name, { ifAvailable: !waits }, (lock) => {
        resolve(Boolean(lock));
        return lock && isOver;
      }).catch(reject);
    });
    return isHad ? letGo : null;
  } catch {
    // Then whatever is done must bear to be done twice.
    return letGo;
  }
}

/**
 * Does something while no other tab does anything under the same name.
 * @param {() => Promise<any>} work
 */
export async function alone(name, work) {
  const letGo = await haveAlone(name);
  try {
    return await work();
  } finally {
    letGo();
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
