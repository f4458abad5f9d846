import assert from "node:assert/strict";
import { test } from "node:test";
import { local } from "../../../Web/kernel/local.js";

let number = 0;
/** The store of a page of its own, in a browser whose IndexedDB opens as `open` says. */
async function storageWith(open) {
  globalThis.indexedDB = { open };
  return (await import(`../../../Web/kernel/storage.js?${number += 1}`)).storage;
}

globalThis.IDBKeyRange = { bound: (from, to) => ({ from, to }) };

/** A data base with the little that is used of it. */
function database(values, { isFull = false } = {}) {
  const answer = (result) => {
    const request = { result };
    queueMicrotask(() => request.onsuccess?.({ target: request }));
    return request;
  };
  return {
    close() {
      this.isClosed = true;
    },
    transaction() {
      if (this.isClosed) throw new Error("InvalidStateError");
      const transaction = {
        objectStore: () => ({
          get: (key) => answer(values.get(key)),
          getAllKeys: ({ from, to }) => answer([...values.keys()].filter((key) => key >= from && key <= to)),
          delete: (key) => answer(values.delete(key)),
          put: (value, key) => {
            if (!isFull) return answer(values.set(key, value));
            transaction.error = new Error("QuotaExceededError");
          },
        }),
      };
      setTimeout(() => (transaction.error ? transaction.onabort() : transaction.oncomplete()));
      return transaction;
    },
  };
}

const opening = (result) => () => {
  const request = { result };
  queueMicrotask(() => request.onsuccess());
  return request;
};

test("a browser that never opens its store holds nothing back, and one that opens late is used from then on", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const request = {};
  const storage = await storageWith(() => request);
  const kept = storage.set("a", 1).then(() => storage.get("a"));
  t.mock.timers.tick(60_000);
  assert.equal(await kept, 1);
  t.mock.timers.reset();
  const values = new Map();
  request.result = database(values);
  request.onsuccess();
  await storage.set("b", 2);
  assert.equal(values.get("b"), 2);
  assert.equal(await storage.get("a"), 1);
});

test("an open page gives way to a later version of the store, and opens it again", async () => {
  const values = new Map();
  const opened = [];
  const storage = await storageWith(() => {
    opened.push(database(values));
    return opening(opened.at(-1))();
  });
  await storage.set("a", 1);
  opened[0].onversionchange();
  assert.equal(opened[0].isClosed, true);
  assert.equal(await storage.get("a"), 1);
  opened[1].onclose();
  assert.equal(await storage.get("a"), 1);
  assert.equal(opened.length, 3);
});

test("what a full browser does not take is newer than what it has", async () => {
  const storage = await storageWith(opening(database(new Map([["a", 1], ["b", 1]]), { isFull: true })));
  await storage.set("a", 2);
  assert.equal(await storage.get("a"), 2);
  await storage.change("b", (value) => value + 1);
  assert.equal(await storage.get("b"), 2);
  assert.deepEqual((await storage.all("")).sort(), [2, 2]);
  await storage.change("b", () => undefined);
  assert.deepEqual(await storage.all("b"), []);
});

test("a change sees what is there, and removes it by making nothing of it", async () => {
  const values = new Map([["a", 1]]);
  const storage = await storageWith(opening(database(values)));
  await storage.change("a", (value) => value + 1);
  assert.equal(values.get("a"), 2);
  await storage.change("a", () => undefined);
  await storage.change("none", (value) => value && value + 1);
  assert.deepEqual([...values], []);
});

test("texts last as long as the page where the browser refuses or is full", () => {
  const refuse = () => {
    throw new DOMException("denied", "SecurityError");
  };
  Object.defineProperty(globalThis, "localStorage", { get: refuse, configurable: true });
  assert.equal(local.get("a"), null);
  local.set("a", "1");
  assert.equal(local.get("a"), "1");
  local.remove("a");
  assert.equal(local.get("a"), null);
  const kept = new Map([["b", "old"]]);
  const value = { getItem: (key) => kept.get(key) ?? null, setItem: refuse, removeItem: (key) => kept.delete(key) };
  Object.defineProperty(globalThis, "localStorage", { value, configurable: true });
  local.set("b", "new");
  assert.equal(local.get("b"), "new");
  local.remove("b");
  assert.equal(local.get("b"), null);
});

test("what the page has begun to read by itself is had once, and not after anything was written", async (t) => {
  t.after(() => delete globalThis.aviaryStorage);
  const done = (result) => ({ readyState: "done", result });
  const nobody = () => assert.fail("it is open already");
  const values = new Map([["a", "newer"], ["b", "newer"]]);
  const begun = () => ({
    opening: done(database(values)),
    values: new Map([["a", done("early")], ["b", done("early")]]),
  });

  globalThis.aviaryStorage = begun();
  const storage = await storageWith(nobody);
  assert.equal(await storage.get("a"), "early");
  assert.equal(await storage.get("a"), "newer");
  await storage.set("b", "mine");
  assert.equal(await storage.get("b"), "mine");

  // It is on its way still.
  const [opening, value] = [{ readyState: "pending" }, { readyState: "pending" }];
  globalThis.aviaryStorage = { opening, values: new Map([["a", value]]) };
  const other = await storageWith(nobody);
  const kept = other.get("a");
  Object.assign(opening, done(database(values))).onsuccess();
  await new Promise(setImmediate);
  Object.assign(value, done("late")).onsuccess();
  assert.equal(await kept, "late");
});
