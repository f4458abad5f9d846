// The place in the list of messages, in a list of plain numbers: what the reader scrolls and what the layout moves are told
// apart in whatever order they come.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Place } from "../../../Web/views/messages/place.js";

const HEIGHT_PX = 600;

/** A list as a browser lays it out, as far as a place asks. */
class List {
  #top_px = 0;
  clientHeight = HEIGHT_PX;

  constructor(heights) {
    this.rows = heights.map((height, index) => ({ id: `${1000 + index}`, height }));
    this.place = new Place(this, this);
    this.place.settle();
  }

  get scrollHeight() {
    return Math.max(this.clientHeight, this.rows.reduce((sum, row) => sum + row.height, 0));
  }

  get end_px() {
    return this.scrollHeight - this.clientHeight;
  }

  /** A browser keeps the position within the list by itself. */
  get scrollTop() {
    return Math.min(this.#top_px, this.end_px);
  }

  set scrollTop(px) {
    this.#top_px = Math.max(0, Math.min(px, this.end_px));
  }

  get children() {
    return this.layOut();
  }

  layOut() {
    let top = 0;
    return this.rows.map((row) => {
      const offsetTop = this.clientHeight > 0 ? top : 0;
      top += row.height;
      row.element ??= { dataset: { id: row.id } };
      return Object.assign(row.element, {
        offsetTop,
        offsetHeight: row.height,
        getBoundingClientRect: () => ({ top: offsetTop - this.scrollTop }),
      });
    });
  }

  getBoundingClientRect() {
    return { top: -this.scrollTop };
  }

  hide() {
    this.clientHeight = 0;
    this.scrollTop = 0;
  }

  showAgain() {
    this.clientHeight = HEIGHT_PX;
    this.layOut();
  }

  querySelector(selector) {
    const id = /data-id="(\d+)"/.exec(selector)?.[1];
    return this.children.find((row) => id === undefined || row.dataset.id === id) ?? null;
  }

  /** Where a message stands on the screen, in pixels from its upper edge. */
  onScreen(id) {
    const row = this.children.find((row) => row.dataset.id === id);
    return row ? row.offsetTop - this.scrollTop : null;
  }

  /** The first message that one sees from its beginning. */
  get firstInSight() {
    return this.children.find((row) => row.offsetTop >= this.scrollTop).dataset.id;
  }
}

const list = (count = 40) => new List(Array.from({ length: count }, (_, index) => 30 + (index % 5) * 10));

test("a list begins at its end and stays there while messages and pictures come", () => {
  const messages = list();
  assert.equal(messages.scrollTop, messages.end_px);
  messages.rows.push({ id: "2000", height: 300 });
  messages.place.settle();
  messages.rows.at(-1).height = 500;
  messages.clientHeight = 400;
  messages.place.settle();
  assert.ok(messages.place.isAtEnd);
  assert.equal(messages.scrollTop, messages.end_px);
});

for (const step_px of [1, 5, 20, 59, 60, 300]) {
  test(`whoever goes up by ${step_px} px leaves the end, whatever comes in the same frame`, () => {
    for (
      const happens of [() => {}, (m) => (m.rows.at(-1).height += 200), (m) => m.rows.push({ id: "2000", height: 90 })]
    ) {
      const messages = list();
      const id = messages.firstInSight;
      const before_px = messages.onScreen(id);
      messages.scrollTop -= step_px;
      happens(messages);
      messages.place.settle();
      messages.place.settle();
      assert.ok(!messages.place.isAtEnd);
      assert.equal(messages.onScreen(id), before_px + step_px);
    }
  });
}

test("whoever comes down near to the end is there; the end of what is loaded is none", () => {
  const messages = list();
  messages.scrollTop -= 500;
  messages.place.settle();
  messages.scrollTop += 450;
  messages.place.settle();
  assert.equal(messages.scrollTop, messages.end_px - 50, "a hand that moves is not moved");
  messages.place.settle();
  assert.equal(messages.scrollTop, messages.end_px);
  messages.place.hasEnd = false;
  messages.place.settle();
  messages.rows.push({ id: "2000", height: 900 });
  messages.place.settle();
  assert.ok(!messages.place.isAtEnd);
  assert.equal(messages.scrollTop, messages.end_px - 900);
});

test("a message that the upper edge cuts grows and shrinks above it, and nothing below it moves", () => {
  const messages = list();
  messages.scrollTop -= 315;
  messages.place.settle();
  const id = messages.firstInSight;
  const before_px = messages.onScreen(id);
  const cut = messages.rows[messages.rows.findIndex((row) => row.id === id) - 1];
  for (const height of [cut.height + 200, cut.height - 10]) {
    cut.height = height;
    messages.place.settle();
    assert.equal(messages.onScreen(id), before_px);
  }
});

test("the first message may lose its head when earlier ones come, and what stands below it does not move", () => {
  const messages = list();
  messages.scrollTop = 0;
  messages.place.settle();
  const before_px = messages.onScreen("1001");
  messages.rows[0].height -= 20;
  messages.rows.unshift({ id: "999", height: 70 });
  messages.place.settle();
  assert.equal(messages.onScreen("1001"), before_px);
});

test("rows that go above and come below leave the reader at the end of what is loaded where they are, also when they are shorter", () => {
  for (const [count, height] of [[10, 20], [10, 90], [3, 20], [0, 0]]) {
    const messages = list();
    messages.place.hasEnd = false;
    messages.scrollTop -= 30;
    messages.place.settle();
    const id = messages.firstInSight;
    const before_px = messages.onScreen(id);
    messages.rows.splice(0, 10);
    for (let number = 0; number < count; number += 1) messages.rows.push({ id: `${2000 + number}`, height });
    messages.place.settle();
    assert.equal(messages.onScreen(id), before_px);
    assert.ok(!messages.place.isAtEnd);
  }
});

test("whoever reads above the end is at the end when all below is taken away", () => {
  const messages = list();
  messages.scrollTop -= 200;
  messages.place.settle();
  messages.rows.splice(-8);
  messages.place.settle();
  assert.ok(messages.place.isAtEnd);
  messages.rows.push({ id: "2000", height: 90 });
  messages.place.settle();
  assert.equal(messages.scrollTop, messages.end_px);
});

test("a message that was asked for stays where it was put, whatever grows above it", () => {
  const messages = list();
  messages.place.show(messages.querySelector('[data-id="1010"]'), 1 / 2);
  const before_px = messages.onScreen("1010");
  assert.ok(Math.abs(before_px + 15 - HEIGHT_PX / 2) < 1);
  messages.rows[3].height += 240;
  messages.rows[9].height += 100;
  messages.place.settle();
  assert.equal(messages.onScreen("1010"), before_px);
});

test("a list without a layout goes where it was asked to as soon as it has one", () => {
  const messages = list();
  messages.hide();
  messages.place.show(messages.querySelector('[data-id="1010"]'), 1 / 2);
  messages.place.settle();
  assert.equal(messages.place.isKnown, false);
  assert.equal(messages.place.isAtEnd, false);
  assert.equal(messages.place.seen, null);
  messages.showAgain();
  assert.equal(messages.place.arrive(), true);
  assert.equal(messages.place.isKnown, true);
  assert.ok(Math.abs(messages.onScreen("1010") + 15 - HEIGHT_PX / 2) < 1);
});

test("of what was asked for without a layout the last counts", () => {
  const messages = list();
  messages.hide();
  messages.place.show(messages.querySelector('[data-id="1010"]'), 1 / 2);
  messages.place.toEnd();
  messages.showAgain();
  messages.place.settle();
  assert.equal(messages.scrollTop, messages.end_px);
  assert.equal(messages.place.isAtEnd, true);
});

test("a list that is hidden and shown again is where it was, wherever the browser puts it", () => {
  for (const isAtEnd of [false, true]) {
    const messages = list();
    if (!isAtEnd) messages.scrollTop -= 700;
    messages.place.settle();
    const id = messages.firstInSight;
    const before_px = messages.onScreen(id);
    messages.hide();
    assert.equal(messages.place.settle(), false);
    messages.rows.push({ id: "9000", height: 300 });
    messages.showAgain();
    assert.equal(messages.place.settle(), false);
    assert.equal(messages.place.isAtEnd, isAtEnd);
    if (isAtEnd) assert.equal(messages.scrollTop, messages.end_px);
    else assert.equal(messages.onScreen(id), before_px);
  }
});

test("what was seen is what was wholly in sight", () => {
  const messages = new List([100, 100, 100, 100, 100, 100, 100, 100, 1000]);
  messages.scrollTop = 150;
  messages.place.settle();
  assert.deepEqual(messages.place.seen, { first: "1001", last: "1006" });
});

/** The same numbers for the same seed (mulberry32). */
function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let value = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4294967296;
  };
}

test("nothing but the reader moves what the reader looks at", () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const next = random(seed);
    const below = (limit) => Math.floor(next() * limit);
    const messages = list(60);
    let newest = 5000;
    let oldest = 999;
    messages.scrollTop -= 700;
    messages.place.settle();
    for (let step = 0; step < 40; step += 1) {
      if (messages.place.isAtEnd || messages.scrollTop < 100) messages.scrollTop = messages.end_px / 2;
      messages.place.settle();
      const id = messages.firstInSight;
      const before_px = messages.onScreen(id);
      const scrolled_px = below(3) === 0 ? below(81) - 40 : 0;
      messages.scrollTop += scrolled_px;
      for (let times = below(4); times > 0; times -= 1) {
        const act = below(4);
        if (act === 0) messages.rows.push({ id: `${newest += 1}`, height: 20 + below(200) });
        else if (act === 1) messages.rows.unshift({ id: `${oldest -= 1}`, height: 20 + below(200) });
        else if (act === 2) messages.rows[below(messages.rows.length)].height += below(300);
        else {
          const index = below(messages.rows.length);
          if (messages.rows[index].id !== id) messages.rows.splice(index, 1);
        }
      }
      messages.place.settle();
      const clamped = messages.scrollTop === 0 || messages.scrollTop === messages.end_px;
      if (!clamped) assert.equal(messages.onScreen(id), before_px - scrolled_px, `seed ${seed}, step ${step}`);
    }
  }
});
