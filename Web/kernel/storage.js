// What outlives the page: a key-value store in IndexedDB, one per browser. Everything in it can be had again from the
// server, but for what was written and not yet sent. Where the browser refuses (private windows), is full or does not
// answer, it lasts as long as the page.

const NAME = "aviary";
/** A browser that does not answer must not hold the page back. */
const LONGEST_OPENING_MS = 3000;
/** What the browser did not take. It is newer than what the browser has under the same key. */
const fallback = new Map();
/** What the page has begun to read by itself (first.js): the opening of the browser's store, and what it was asked for. */
const early = globalThis.aviaryStorage ?? { opening: null, values: new Map() };
let isSealed = false;
let opening = null;
let patience = null;

function open() {
  if (!opening) {
    opening = begin();
    patience = new Promise((_, reject) => {
      setTimeout(() => reject(new Error("IndexedDB does not answer")), LONGEST_OPENING_MS);
    });
  }
  // What opens late is used from then on.
  return Promise.race([opening, patience]);
}

function begin() {
  return new Promise((resolve, reject) => {
    const request = early.opening ?? indexedDB.open(NAME, 1);
    early.opening = null;
    request.onupgradeneeded = () => request.result.createObjectStore("values");
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const database = request.result;
      // Another tab, with a later version of the client, must not wait for this one.
      database.onversionchange = () => {
        database.close();
        opening = null;
      };
      database.onclose = () => (opening = null);
      resolve(database);
    };
    if (request.readyState !== "done") return;
    if (request.error) request.onerror();
    else request.onsuccess();
  });
}

/** What the page has asked for by itself. It is had once, and only as long as nothing was written since. */
async function takeEarly(key) {
  const request = early.values.get(key);
  early.values.delete(key);
  if (request?.readyState === "done") return request.result;
  return request && new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function transact(mode, work) {
  if (mode === "readwrite") early.values.clear();
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
  /** Nothing more is put into it by this page, which is about to be left; what is there can still be removed. */
  seal() {
    isSealed = true;
  },

  async get(key) {
    let kept;
    try {
      await open();
      kept = await takeEarly(key) ?? await transact("readonly", (values) => values.get(key));
    } catch {
      // It may be in the page.
    }
    return fallback.has(key) ? fallback.get(key) : kept;
  },

  async set(key, value) {
    if (isSealed) return;
    try {
      await transact("readwrite", (values) => values.put(value, key));
      fallback.delete(key);
    } catch {
      fallback.set(key, value);
    }
  },

  /**
   * Changes a value, and no other tab in between.
   * @param {(value: any) => any} change what to make of the value that is there, which may be `undefined`; `undefined`
   *   removes it.
   */
  async change(key, change) {
    if (isSealed) return;
    let after;
    try {
      await transact("readwrite", (values) => {
        values.get(key).onsuccess = ({ target }) => {
          after = change(fallback.get(key) ?? target.result);
          try {
            if (after === undefined) values.delete(key);
            else values.put(after, key);
          } catch {
            target.transaction.abort();
          }
        };
      });
      fallback.delete(key);
    } catch {
      after ??= change(fallback.get(key));
      if (after === undefined) fallback.delete(key);
      else fallback.set(key, after);
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
    let kept = [];
    try {
      kept = await transact("readonly", (values) => values.getAllKeys(startingWith(prefix)));
    } catch {
      // They may be in the page.
    }
    return [...new Set([...kept, ...[...fallback.keys()].filter((key) => key.startsWith(prefix))])];
  },

  /** The values whose keys begin with `prefix`. */
  async all(prefix) {
    const keys = await this.keys(prefix);
    return (await Promise.all(keys.map((key) => this.get(key)))).filter((value) => value !== undefined);
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
