// What outlives the page: a key-value store in IndexedDB, one per browser. Everything in it can be had again from the
// server, but for what was written and not yet sent. Where the browser refuses (private windows), it lasts as long as
// the page.

const NAME = "aviary";
const fallback = new Map();
let opening = null;

function open() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore("values");
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opening;
}

async function transact(mode, work) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction("values", mode);
    const request = work(transaction.objectStore("values"));
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}

const startingWith = (prefix) => IDBKeyRange.bound(prefix, prefix + "\uffff");

export const storage = {
  async get(key) {
    try {
      return await transact("readonly", (values) => values.get(key));
    } catch {
      return fallback.get(key);
    }
  },

  async set(key, value) {
    try {
      await transact("readwrite", (values) => values.put(value, key));
    } catch {
      fallback.set(key, value);
    }
  },

  async remove(key) {
    fallback.delete(key);
    try {
      await transact("readwrite", (values) => values.delete(key));
    } catch {
      // Nothing was stored.
    }
  },

  /** The keys that begin with `prefix`. */
  async keys(prefix) {
    const kept = [...fallback.keys()].filter((key) => key.startsWith(prefix));
    try {
      return [...kept, ...(await transact("readonly", (values) => values.getAllKeys(startingWith(prefix))))];
    } catch {
      return kept;
    }
  },

  /** Removes everything whose key begins with `prefix`. */
  async removeAll(prefix) {
    for (const key of [...fallback.keys()]) if (key.startsWith(prefix)) fallback.delete(key);
    try {
      await transact("readwrite", (values) => values.delete(startingWith(prefix)));
    } catch {
      // Nothing was stored.
    }
  },
};
