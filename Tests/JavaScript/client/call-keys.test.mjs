// The keys of people in a room: who hears whom when people come, go and can't encrypt.

import assert from "node:assert/strict";
import { test } from "node:test";

import { base64 } from "../../../Web/call/encryption/bytes.js";
import { FrameSealer } from "../../../Web/call/encryption/frames.js";
import { makeKeyPair } from "../../../Web/call/encryption/hpke.js";
import { wordsOf } from "../../../Web/call/encryption/roster.js";
import { EncryptionSession } from "../../../Web/call/encryption/session.js";
import { WORDS } from "../../../Web/call/encryption/words.js";

/** A room as the server keeps it, with a clock of its own. */
class Room {
  time = 0;
  epoch = 0;
  people = [];
  e2ee = true;

  async enter(userID, { isPlain = false } = {}) {
    const place = { channelID: "9", userID, deviceID: `device-${userID}`, now: () => this.time };
    const session = isPlain ? null : await EncryptionSession.begin(place);
    const person = { userID, session, sealer: new FrameSealer("mic", 0), sealed: [] };
    this.people.push(person);
    return person;
  }

  leave(person) {
    this.people = this.people.filter((one) => one !== person);
  }

  get roster() {
    return this.people.map(({ userID, session }) => ({
      user_id: userID,
      device_id: `device-${userID}`,
      ...(session && { public_key: session.publicKey }),
    }));
  }

  /** Everybody is told who is there. */
  async tell() {
    this.epoch += 1;
    const event = {
      epoch: this.epoch,
      e2ee: this.e2ee && this.people.every(({ session }) => session),
      roster: this.roster,
    };
    for (const person of this.people) {
      const answer = await person.session?.meet(event);
      person.sealed = (answer?.keys ?? []).map((key) => ({ ...key, epoch: this.epoch, from: person }));
      person.answer = answer;
    }
  }

  /** What was sealed comes to whom it is for. */
  async deliver() {
    for (const { user_id, epoch, sealed, from } of this.people.flatMap((person) => person.sealed)) {
      await this.people.find(({ userID }) => userID === user_id)?.session.hear({
        epoch,
        sealed,
        from_user_id: from.userID,
        from_device_id: `device-${from.userID}`,
      });
    }
  }

  async change() {
    await this.tell();
    await this.deliver();
    this.time += 1000;
  }
}

const word = () => crypto.getRandomValues(new Uint8Array(30)).buffer;
const says = (person, data = word()) => person.session.outgoing(data, undefined, person.sealer);
const hears = (person, frame, from) => person.session.incoming(frame, "mic", from.userID);

async function understands(person, from) {
  const data = word();
  const frame = await says(from, data);
  const heard = frame && await hears(person, frame, from);
  return heard !== null && Buffer.from(heard).equals(Buffer.from(data));
}

async function room(...names) {
  const room = new Room();
  const people = [];
  for (const name of names) {
    people.push(await room.enter(name));
    await room.change();
  }
  return [room, ...people];
}

test("all in a room understand each other, and what goes out is sealed", async () => {
  const [, ...people] = await room("1", "2", "3");
  for (const one of people) {
    for (const other of people.filter((each) => each !== one)) assert.ok(await understands(one, other));
    const data = word();
    const frame = await says(one, data);
    assert.ok(!Buffer.from(frame).includes(Buffer.from(data).subarray(1)));
  }
});

test("nothing goes out and nothing is played before the room is known", async () => {
  const room = new Room();
  const alice = await room.enter("1");
  assert.equal(await says(alice), null);
  assert.equal(await hears(alice, word(), { userID: "2" }), null);
});

test("who has no key, or a wrong one, hears nothing", async () => {
  const [, alice, bob] = await room("1", "2");
  const [, , stranger] = await room("1", "2");
  const frame = await says(alice);
  assert.equal(await hears(stranger, frame, alice), null, "in a room of their own");
  assert.ok(await hears(bob, frame, alice), "who is in the room does");
  assert.equal(await hears(bob, await says(alice), { userID: "3" }), null, "nobody is taken for another one");
  assert.equal(await hears(bob, word(), alice), null, "and what is not sealed is not played");
});

test("who comes later can't hear what was said before, and everybody goes on hearing", async () => {
  const [room_, alice, bob] = await room("1", "2");
  const before = await says(alice);
  const late = await says(alice);
  const carol = await room_.enter("3");
  await room_.tell();
  assert.ok(await hears(bob, late, alice), "what is on its way is heard");
  room_.time += 200;
  // Those who were there need not wait for what is sealed for them.
  assert.ok(await understands(bob, alice));
  assert.ok(!await understands(carol, alice));
  await room_.deliver();
  assert.ok(await understands(carol, alice));
  assert.ok(await understands(alice, carol));
  assert.equal(await hears(carol, before, alice), null);
});

test("who has left hears nothing that is said later, and the others miss nothing", async () => {
  const [room_, alice, bob, carol] = await room("1", "2", "3");
  room_.leave(carol);
  const late = await says(alice);
  await room_.tell();
  assert.ok(await understands(bob, alice), "before the new key was handed on");
  assert.ok(await hears(bob, late, alice));
  await room_.deliver();
  room_.time += 400;
  const frame = await says(alice);
  assert.equal(await hears(carol, frame, alice), null);
  assert.ok(await hears(bob, frame, alice));
  const old = await alice.session.outgoing(word(), undefined, alice.sealer);
  assert.ok(await hears(bob, old, alice));
});

test("frames of an epoch that is over are taken for two seconds", async () => {
  const [room_, alice, bob, carol] = await room("1", "2", "3");
  const [soon, late] = [await says(alice), await says(alice)];
  room_.leave(carol);
  await room_.tell();
  await room_.deliver();
  room_.time += 1999;
  assert.ok(await hears(bob, soon, alice));
  room_.time += 1;
  assert.equal(await hears(bob, late, alice), null);
  assert.ok(await understands(bob, alice));
});

test("who has not heard yet that somebody came is understood until they have", async () => {
  const [room_, alice, bob] = await room("1", "2");
  const carol = await room_.enter("3");
  const frame = await says(alice);
  room_.epoch += 1;
  const event = { epoch: room_.epoch, e2ee: true, roster: room_.roster };
  for (const person of [bob, carol]) await person.session.meet(event);
  room_.time += 10_000;
  assert.ok(await hears(bob, frame, alice));
  assert.ok(await understands(bob, alice));
});

test("one device that can't encrypt makes all send openly, and it is said whose; without it they encrypt again", async () => {
  const [room_, alice, bob] = await room("1", "2");
  const [sealed, late] = [await says(alice), await says(alice)];
  const carol = await room_.enter("3", { isPlain: true });
  await room_.change();
  assert.deepEqual([alice.answer.status, alice.answer.plain, alice.answer.keys], ["plain", ["3"], []]);
  assert.equal(await alice.session.words(), null);
  const data = word();
  assert.equal(await says(alice, data), data);
  assert.equal(await hears(bob, data, carol), data);
  assert.ok(await hears(bob, sealed, alice), "what was sealed before is no noise");
  assert.equal(await hears(bob, sealed, alice), null);
  room_.time += 60_000;
  assert.equal(await hears(bob, late, alice), null, "also of who has not heard for long that it is so");
  room_.leave(carol);
  await room_.change();
  assert.equal(alice.answer.status, "on");
  assert.ok(await understands(bob, alice));
  assert.equal(await hears(bob, word(), alice), null);
});

test("where the channel does not want it, nothing is sealed", async () => {
  const [room_, alice] = await room("1", "2");
  room_.e2ee = false;
  await room_.change();
  assert.equal(alice.answer.status, "off");
  const data = word();
  assert.equal(await says(alice, data), data);
});

test("a place that is taken up again keeps its keys; a new one of the same person has others", async () => {
  const [room_, alice, bob] = await room("1", "2");
  await room_.change();
  assert.ok(await understands(bob, alice));
  room_.leave(alice);
  const again = await room_.enter("1");
  await room_.change();
  assert.ok(await understands(bob, again));
  assert.ok(await understands(again, bob));
  room_.time += 5000;
  assert.equal(await hears(bob, await says(alice), again), null, "of the device that is gone");
});

test("what the server says of this device's own key is not believed where it is wrong", async () => {
  const [room_, alice] = await room("1", "2");
  const other = base64((await makeKeyPair()).publicKey);
  for (const change of [{ public_key: other }, { public_key: undefined }, { user_id: "7" }, { device_id: "x" }]) {
    const roster = room_.roster.map((entry) => (entry.user_id === "1" ? { ...entry, ...change } : entry));
    assert.equal(await alice.session.meet({ epoch: 50, e2ee: true, roster }), null, JSON.stringify(change));
  }
  assert.equal(await alice.session.meet({ epoch: 1, e2ee: true, roster: room_.roster }), null, "an epoch that is over");
  assert.equal(alice.session.status, "on");
});

test("who hands the keys on can't put one of their own in the place of a sender's", async () => {
  const [room_, alice, bob, carol] = await room("1", "2", "3");
  room_.leave(carol);
  await room_.tell();
  // Sealed by one for another, and said to be of a third: also to another room, or of an epoch before.
  const [toBob] = alice.sealed;
  const event = { epoch: room_.epoch, sealed: toBob.sealed, from_device_id: "device-1" };
  await bob.session.hear({ ...event, from_user_id: "3" });
  await bob.session.hear({ ...event, from_user_id: "2", from_device_id: "device-2" });
  await bob.session.hear({ ...event, epoch: room_.epoch - 1, from_user_id: "1" });
  room_.time += 400;
  assert.ok(!await understands(bob, alice));
  await bob.session.hear({ ...event, from_user_id: "1" });
  assert.ok(await understands(bob, alice));
});

test("a key that comes before its epoch waits for it", async () => {
  const [room_, alice, bob] = await room("1", "2");
  await room_.enter("3");
  room_.epoch += 1;
  const event = { epoch: room_.epoch, e2ee: true, roster: room_.roster };
  const { keys } = await alice.session.meet(event);
  const { sealed } = keys.find(({ user_id }) => user_id === "2");
  const key = { epoch: room_.epoch, from_user_id: "1", from_device_id: "device-1", sealed };
  await bob.session.hear(key);
  for (let count = 0; count < 500; count += 1) await bob.session.hear({ ...key, epoch: 1e6, sealed: "x" });
  await bob.session.hear(key);
  await bob.session.meet(event);
  room_.time += 200;
  assert.ok(await understands(bob, alice));
});

test("somebody whose key is none takes nothing from the others", async () => {
  const [room_, alice, bob] = await room("1", "2");
  const roster = [...room_.roster, { user_id: "3", device_id: "d", public_key: base64(new Uint8Array(32)) }];
  room_.epoch += 1;
  for (const person of [alice, bob]) {
    const { keys, status } = await person.session.meet({ epoch: room_.epoch, e2ee: true, roster });
    assert.equal(status, "on");
    assert.deepEqual(keys.map(({ user_id }) => user_id), [person === alice ? "2" : "1"]);
  }
  room_.time += 200;
  assert.ok(await understands(bob, alice));
});

test("odd messages change nothing", async () => {
  const [, alice, bob] = await room("1", "2");
  const odd = [
    {},
    { epoch: 2 },
    { epoch: "3", e2ee: true, roster: [] },
    { epoch: NaN, roster: [] },
    { epoch: 99, e2ee: true, roster: [{}] },
    { epoch: 99, e2ee: true, roster: [null] },
    { epoch: 99, e2ee: true, roster: "x" },
    { epoch: 2, from_user_id: "1", from_device_id: "device-1", sealed: null },
    { epoch: 2, from_user_id: "1", from_device_id: "device-1", sealed: "!" },
    { epoch: 2, from_user_id: "1", from_device_id: "device-1", sealed: base64(new Uint8Array(80)) },
  ];
  for (const event of odd) {
    await bob.session.meet(event).catch(() => {});
    await bob.session.hear(event).catch(() => {});
  }
  assert.equal(bob.session.status, "on");
  assert.ok(await understands(bob, alice));
});

test("both see the same words, which change with who is there and with their keys", async () => {
  const [room_, alice, bob] = await room("1", "2");
  const words = await alice.session.words();
  assert.equal(words.length, 8);
  assert.deepEqual(await bob.session.words(), words);
  assert.deepEqual(await wordsOf(room_.roster.toReversed()), words, "in whichever order");
  const [first, second] = room_.roster;
  for (
    const other of [
      [first],
      [first, { ...second, public_key: first.public_key }],
      [first, { ...second, device_id: "other" }],
      [first, { ...second, user_id: "3" }],
      [first, second, { ...second, user_id: "3" }],
    ]
  ) assert.notDeepEqual(await wordsOf(other), words);
  const mallory = base64((await makeKeyPair()).publicKey);
  assert.notDeepEqual(await wordsOf([first, { ...second, public_key: mallory }]), words);
});

test("the words are 256 that can be told apart", () => {
  assert.equal(new Set(WORDS).size, 256);
  assert.deepEqual(WORDS.filter((word) => !/^[a-z]{3,10}$/.test(word)), []);
});
