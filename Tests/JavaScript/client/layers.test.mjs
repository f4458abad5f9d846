import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const file = fileURLToPath(new URL("../../../Web/kernel/layers.js", import.meta.url));

/** A browser's history, which moves a moment after it was asked to. */
class History {
  constructor() {
    this.entries = [{ state: null, path: "/start" }];
    this.index = 0;
  }
  get state() {
    return this.entries[this.index].state;
  }
  pushState(state, _, path = location.pathname) {
    this.entries.splice(this.index + 1, Infinity, { state: structuredClone(state), path });
    this.index += 1;
  }
  replaceState(state, _, path = location.pathname) {
    this.entries[this.index] = { state: structuredClone(state), path };
  }
  go(steps) {
    setTimeout(() => {
      const index = this.index + steps;
      if (index < 0 || index >= this.entries.length) return;
      this.index = index;
      listener();
    }, 1);
  }
}

let listener;
let copies = 0;

async function page(history = new History()) {
  globalThis.history = history;
  globalThis.location = {
    hash: "",
    get pathname() {
      return history.entries[history.index].path;
    },
  };
  globalThis.addEventListener = (_, heard) => (listener = heard);
  copies += 1;
  const layers = await import(`${file}?${copies}`);
  layers.startLayers(() => {});
  const quiet = () => new Promise((resolve) => setTimeout(resolve, 12));
  await quiet();
  const open = new Set();
  return {
    history,
    open,
    add(stays = false) {
      const layer = { close: () => stays || layer.gone() };
      const closed = layers.addLayer(() => layer.close());
      layer.gone = () => (open.delete(layer), closed());
      open.add(layer);
      return layer;
    },
    async back() {
      history.go(-1);
      await quiet();
    },
    async forward() {
      history.go(1);
      await quiet();
    },
    enter: layers.enter,
    quiet,
  };
}

test("Back closes one layer after the other, and then leaves the place", async () => {
  const one = await page();
  one.enter("/a");
  for (let depth = 1; depth <= 3; depth += 1) {
    one.add();
    await one.quiet();
  }
  for (const left of [2, 1, 0]) {
    await one.back();
    assert.deepEqual([one.open.size, location.pathname], [left, "/a"]);
  }
  await one.forward();
  assert.deepEqual([one.open.size, location.pathname], [0, "/a"]);
  await one.back();
  assert.equal(location.pathname, "/start");
});

test("a layer that something is unsaved in stays, and Back asks again", async () => {
  const one = await page();
  one.enter("/a");
  one.add(true);
  await one.quiet();
  for (let time = 0; time < 3; time += 1) {
    await one.back();
    assert.deepEqual([one.open.size, location.pathname], [1, "/a"]);
  }
});

test("going on from layers leaves none of them behind", async () => {
  const one = await page();
  one.enter("/a");
  const [first, second] = [one.add(), one.add()];
  await one.quiet();
  second.gone();
  first.gone();
  one.enter("/b");
  await one.quiet();
  assert.deepEqual(one.history.entries.map((entry) => entry.path), ["/start", "/a", "/b"]);
});

test("from a window one goes on at once, into the entry that it leaves", async () => {
  const one = await page();
  one.enter("/a");
  const window = one.add();
  await one.quiet();
  window.gone();
  let isThere = false;
  one.enter("/b", {}, () => (isThere = true));
  assert.deepEqual([isThere, location.pathname], [true, "/b"]);
  await one.quiet();
  assert.deepEqual(one.history.entries.map((entry) => entry.path), ["/start", "/a", "/b"]);
  await one.back();
  assert.deepEqual([location.pathname, one.open.size], ["/a", 0]);
});

test("a layer in the place of another takes its entry", async () => {
  const one = await page();
  one.enter("/a");
  const first = one.add();
  await one.quiet();
  first.gone();
  one.add();
  await one.quiet();
  assert.equal(one.history.entries.length, 3);
  await one.back();
  assert.deepEqual([one.open.size, location.pathname], [0, "/a"]);
});

test("after a reload the entries of layers are passed", async () => {
  const one = await page();
  one.enter("/a");
  one.add();
  one.add();
  await one.quiet();
  const again = await page(one.history);
  assert.deepEqual([again.history.index, location.pathname], [1, "/a"]);
  await again.back();
  assert.equal(location.pathname, "/start");
});

test("whatever is done in whatever order, one Back does one thing", async () => {
  let seed = 20;
  const random = (below) => (seed = (seed * 1103515245 + 12345) % 2147483648) % below;
  const one = await page();
  const places = ["/start"];
  for (let step = 0; step < 120; step += 1) {
    const act = random(5);
    if (act <= 1) one.add();
    else if (act === 2) [...one.open].at(random(one.open.size || 1))?.gone();
    else if (act === 3) {
      places.push(`/place${step}`);
      one.enter(places.at(-1));
    } else {
      const open = one.open.size;
      await one.back();
      if (open > 0 && one.open.size === open) places.pop();
      else if (open > 0) assert.equal(one.open.size, open - 1);
      else if (places.length > 1) places.pop();
    }
    await one.quiet();
    assert.equal(location.pathname, places.at(-1), `step ${step}`);
  }
});
