import assert from "node:assert/strict";
import { test } from "node:test";
import { alone, haveAlone, openLine } from "../../../Web/kernel/tabs.js";

const withBrowser = (navigator) =>
  Object.defineProperty(globalThis, "navigator", { value: navigator, configurable: true });

/** Locks as the browser gives them: who asks gets it when those before have let go, or at once or not at all. */
function makeLocks() {
  let last = Promise.resolve();
  let waiting = 0;
  const request = (name, { ifAvailable }, work) => {
    if (ifAvailable && waiting > 0) return Promise.resolve(work(null));
    waiting += 1;
    last = last.then(() => work({ name })).finally(() => (waiting -= 1));
    return last;
  };
  return { request };
}

async function twoAtOnce() {
  const order = [];
  const work = (name) => async () => {
    order.push(`${name} begins`);
    await null;
    await null;
    order.push(`${name} ends`);
    return name;
  };
  const results = await Promise.all([alone("x", work("a")), alone("x", work("b"))]);
  return { order, results };
}

test("one tab at a time has its turn, and work that fails ends it", async () => {
  withBrowser({ locks: makeLocks() });
  await assert.rejects(alone("x", () => Promise.reject(new Error("broken"))), /broken/);
  const { order, results } = await twoAtOnce();
  assert.deepEqual(order, ["a begins", "a ends", "b begins", "b ends"]);
  assert.deepEqual(results, ["a", "b"]);
});

test("the work is done also where the browser has no locks or refuses them", async () => {
  for (const browser of [{}, { locks: { request: () => Promise.reject(new Error("SecurityError")) } }]) {
    withBrowser(browser);
    assert.deepEqual((await twoAtOnce()).results, ["a", "b"]);
  }
});

test("where the browser refuses a line to the other tabs, telling them does nothing", () => {
  const given = globalThis.BroadcastChannel;
  globalThis.BroadcastChannel = class {
    constructor() {
      throw new Error("SecurityError");
    }
  };
  openLine("x", () => {})();
  globalThis.BroadcastChannel = given;
});

test("what one tab has no other one has until it is let go, and who waits has it then", async () => {
  withBrowser({ locks: makeLocks() });
  const letGo = await haveAlone("x");
  assert.equal(await haveAlone("x", { waits: false }), null);
  const later = haveAlone("x");
  letGo();
  assert.equal(typeof (await later), "function");
});
