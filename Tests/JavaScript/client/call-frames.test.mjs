// Frames of a call: each is opened once, as it was, by who has the key.

import assert from "node:assert/strict";
import { test } from "node:test";

import { clearLength, FrameSealer, Heard, openFrame, readEnd } from "../../../Web/call/encryption/frames.js";
import { freshSecret, KeyRing, ratcheted } from "../../../Web/call/encryption/sender-keys.js";

const KINDS = ["mic", "camera", "screen", "screen_audio"];
const frame = (length) => crypto.getRandomValues(new Uint8Array(length)).buffer;
const bytes = (data) => [...new Uint8Array(data)];

function opener(secret, epoch = 7) {
  const ring = new KeyRing();
  ring.set(epoch, secret);
  return (one) => ring.get(one, 0);
}

test("frames of every length and kind come out as they went in", async () => {
  const current = { epoch: 7, secret: freshSecret() };
  for (const [number, kind] of KINDS.entries()) {
    const sealer = new FrameSealer(kind, number);
    const secretOf = opener(current.secret);
    for (const type of ["key", "delta", undefined]) {
      for (const length of [0, 1, 2, 3, 9, 10, 11, 160, 65_536]) {
        const data = frame(length);
        const sealed = await sealer.seal(data, type, current);
        const clear = Math.min(clearLength(kind, type), length);
        assert.deepEqual(bytes(sealed).slice(0, clear), bytes(data).slice(0, clear));
        assert.equal(sealed.byteLength, length + 28);
        assert.deepEqual(bytes(await openFrame(sealed, kind, secretOf)), bytes(data));
      }
    }
  }
});

test("no frame is opened that was changed, cut or made longer", async () => {
  const current = { epoch: 7, secret: freshSecret() };
  const sealed = await new FrameSealer("mic", 0).seal(frame(20), undefined, current);
  const secretOf = opener(current.secret);
  for (const place of bytes(sealed).keys()) {
    for (const bit of [1, 0x10, 0x80]) {
      const changed = new Uint8Array(sealed.slice());
      changed[place] ^= bit;
      assert.equal(await openFrame(changed.buffer, "mic", secretOf), null, `byte ${place}`);
    }
  }
  for (let length = 0; length < sealed.byteLength; length += 1) {
    assert.equal(await openFrame(sealed.slice(0, length), "mic", secretOf), null, `${length} bytes`);
  }
  const longer = new Uint8Array([...bytes(sealed), 0]);
  assert.equal(await openFrame(longer.buffer, "mic", secretOf), null);
  assert.ok(await openFrame(sealed, "mic", secretOf), "as it was");
});

test("nothing is opened twice, with another key, of another epoch or as another kind", async () => {
  const current = { epoch: 7, secret: freshSecret() };
  const sealed = await new FrameSealer("camera", 3).seal(frame(50), "key", current);
  assert.equal(await openFrame(sealed, "camera", opener(freshSecret())), null);
  assert.equal(await openFrame(sealed, "camera", opener(current.secret, 8)), null);
  assert.equal(await openFrame(sealed, "camera", () => null), null);
  assert.equal(await openFrame(sealed, "screen", opener(current.secret)), null);
  const secretOf = opener(current.secret);
  assert.ok(await openFrame(sealed, "camera", secretOf));
  assert.equal(await openFrame(sealed, "camera", secretOf), null);
  // Also not when both come at once.
  const twice = await new FrameSealer("camera", 4).seal(frame(50), "key", current);
  const both = await Promise.all([openFrame(twice, "camera", secretOf), openFrame(twice, "camera", secretOf)]);
  assert.equal(both.filter(Boolean).length, 1);
});

test("frames that overtake each other are opened, and no stream takes a frame of another for its own", async () => {
  const current = { epoch: 7, secret: freshSecret() };
  const secretOf = opener(current.secret);
  const sealers = [new FrameSealer("mic", 0), new FrameSealer("mic", 1)];
  const all = [];
  for (let count = 0; count < 40; count += 1) {
    for (const sealer of sealers) all.push(await sealer.seal(frame(8), undefined, current));
  }
  for (const sealed of all.reverse()) assert.ok(await openFrame(sealed, "mic", secretOf));
  for (const sealed of all) assert.equal(await openFrame(sealed, "mic", secretOf), null);
});

test("the same bytes are never sealed the same way twice", async () => {
  const current = { epoch: 7, secret: freshSecret() };
  const data = new Uint8Array(40).buffer;
  const seen = new Set();
  for (const kind of KINDS) {
    for (const stream of [0, 1]) {
      const sealer = new FrameSealer(kind, stream);
      for (let count = 0; count < 20; count += 1) {
        const sealed = new Uint8Array(await sealer.seal(data, "delta", current));
        seen.add(Buffer.from(sealed.subarray(10, 40)).toString("hex"));
      }
    }
  }
  const next = { epoch: 8, secret: await ratcheted(current.secret, 8) };
  const later = new Uint8Array(await new FrameSealer("mic", 0).seal(data, undefined, next));
  seen.add(Buffer.from(later.subarray(10, 40)).toString("hex"));
  assert.equal(seen.size, KINDS.length * 2 * 20 + 1);
});

test("a stream that has no number left sends nothing", async () => {
  const current = { epoch: 7, secret: freshSecret() };
  assert.equal(await new FrameSealer("mic", 65_536).seal(frame(8), undefined, current), null);
  assert.ok(await new FrameSealer("mic", 65_535).seal(frame(8), undefined, current));
});

test("a secret ends, and the same one again lets nothing be heard once more", async () => {
  const current = { epoch: 7, secret: freshSecret() };
  const ring = new KeyRing();
  ring.set(7, current.secret);
  const sealed = await new FrameSealer("mic", 0).seal(frame(8), undefined, current);
  assert.ok(await openFrame(sealed, "mic", (epoch) => ring.get(epoch, 0)));
  ring.set(7, current.secret.slice());
  assert.equal(await openFrame(sealed, "mic", (epoch) => ring.get(epoch, 0)), null);
  ring.endBefore(8, 100);
  assert.ok(ring.get(7, 99));
  assert.equal(ring.get(7, 100), null);
  for (let epoch = 10; epoch < 100; epoch += 1) ring.set(epoch, freshSecret());
  assert.equal([...Array(100).keys()].filter((epoch) => ring.get(epoch, 0)).length, 8);
});

test("what was heard is known for as long as frames may come late", () => {
  const heard = new Heard();
  assert.ok(heard.add(0));
  assert.ok(!heard.add(0));
  assert.ok(heard.add(5000));
  assert.ok(!heard.add(5000 - Heard.reach), "too late to be told from one that was heard");
  assert.ok(heard.add(5000 - Heard.reach + 1));
  assert.ok(!heard.add(5000 - Heard.reach + 1));
  assert.ok(heard.add(0xffff_ffff));
  assert.ok(!heard.add(5000));
  // Held against a set that forgets nothing.
  const [other, all] = [new Heard(), new Set()];
  let [top, number] = [0, 1];
  for (let count = 0; count < 20_000; count += 1) {
    number = (number * 48_271) % 0x7fff_ffff;
    const counter = Math.max(0, top + (number % 40) - 35);
    top = Math.max(top, counter);
    assert.equal(other.add(counter), !all.has(counter));
    all.add(counter);
  }
});

test("random bytes are no frame, and do no harm", async () => {
  const secretOf = opener(freshSecret());
  for (let count = 0; count < 2000; count += 1) {
    const data = new Uint8Array(frame(count % 70));
    if (data.length > 0 && count % 2) data[data.length - 1] = 0xa1;
    readEnd(data);
    assert.equal(await openFrame(data.buffer, KINDS[count % 4], secretOf), null);
  }
});
