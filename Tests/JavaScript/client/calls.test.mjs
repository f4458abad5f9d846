import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Credentials, renewalAfter_ms } from "../../../Web/call/credentials.js";
import { levelOf } from "../../../Web/call/loudness.js";
import { pace_ms } from "../../../Web/call/pace.js";
import { isForTalking } from "../../../Web/call/push-to-talk.js";
import { measure, rate, readReports } from "../../../Web/call/quality.js";
import { isOwnSoundSent, isPlayed, isSentTo, judgeOffer, KINDS, plainKind, talkMode } from "../../../Web/call/rules.js";
import { showingOf } from "../../../Web/views/call/showing.js";

const played = (about) => KINDS.filter((kind) => isPlayed(kind, { own: {}, isDeafened: false, ...about }));

test("of somebody that is played which their state says, and nothing of whoever is not known to be there", () => {
  assert.deepEqual(played({ other: undefined }), []);
  assert.deepEqual(played({ other: {} }), ["mic"]);
  assert.deepEqual(played({ other: { self_video: true } }), ["mic", "camera"]);
  assert.deepEqual(played({ other: { self_stream: true } }), ["mic", "screen", "screen_audio"]);
});

test("who is muted or suppressed is seen and not heard, and who hears nothing sees", () => {
  const other = { self_video: true, self_stream: true };
  const seen = ["camera", "screen"];
  assert.deepEqual(played({ other: { ...other, mute: true } }), seen);
  assert.deepEqual(played({ other: { ...other, suppress: true } }), seen);
  assert.deepEqual(played({ other, own: { deaf: true } }), seen);
  assert.deepEqual(played({ other, isDeafened: true }), seen);
  // Whoever has muted themselves is silent at their own end: what they say next is not lost here.
  assert.deepEqual(played({ other: { self_mute: true } }), ["mic"]);
});

test("no sound goes to who may hear nothing, and nothing to who is not there", () => {
  assert.deepEqual(KINDS.filter((kind) => isSentTo(kind, { deaf: true })), ["camera", "screen"]);
  assert.deepEqual(KINDS.filter((kind) => isSentTo(kind, {})), KINDS);
  assert.deepEqual(KINDS.filter((kind) => isSentTo(kind, undefined)), []);
});

test("one's own microphone is silent when one has muted it, or a moderator", () => {
  assert.equal(isOwnSoundSent(undefined, false), true);
  assert.equal(isOwnSoundSent({}, true), false);
  assert.equal(isOwnSoundSent({ mute: true }, false), false);
  assert.equal(isOwnSoundSent({ suppress: true }, false), false);
});

test("an offer counts by its generation", () => {
  assert.deepEqual([null, 3, 4, 5].map((known) => judgeOffer(known, 4)), ["new", "new", "same", "old"]);
  assert.equal(judgeOffer(null, 0), "new");
});

test("a section that nobody described is a microphone or a camera", () => {
  assert.deepEqual(["audio", "video"].map(plainKind), ["mic", "camera"]);
});

test("who has not the right to speak by loudness holds a key", () => {
  const rights = new Set(["voice.use_vad"]);
  assert.equal(talkMode("activity", rights), "activity");
  assert.equal(talkMode("push", rights), "push");
  assert.equal(talkMode("activity", new Set()), "push");
});

test("a key to talk is left to the field that takes letters, unless it is no letter", () => {
  const field = { matches: (selector) => /textarea/.test(selector) };
  const page = { matches: () => false };
  assert.equal(isForTalking({ code: "KeyV", key: "v", target: page }, "KeyV"), true);
  assert.equal(isForTalking({ code: "KeyV", key: "v", target: field }, "KeyV"), false);
  assert.equal(isForTalking({ code: "F8", key: "F8", target: field }, "F8"), true);
  assert.equal(isForTalking({ code: "KeyB", key: "b", target: page }, "KeyV"), false);
});

test("a level is heard as 0 to 1", () => {
  assert.equal(levelOf(0), 0);
  assert.equal(levelOf(1), 1);
  assert.equal(levelOf(4), 1);
  assert.ok(Math.abs(levelOf(0.001) - 0.5) < 1e-6, "30 decibels below the full range");
});

test("what fails again and again is tried after 1, 2, 4, 8 s, and up to half of that more", () => {
  assert.deepEqual([0, 1, 2, 3, 4, 40].map((count) => pace_ms(count, () => 0)), [1000, 2000, 4000, 8000, 8000, 8000]);
  assert.equal(pace_ms(3, () => 1), 12_000);
});

// MARK: Quality

const way = (local = { candidateType: "host", protocol: "udp" }) => ({
  type: "candidate-pair",
  nominated: true,
  state: "succeeded",
  currentRoundTripTime: 0.04,
  local,
});
const inbound = (packetsReceived, packetsLost, jitter = 0.005) => ({
  type: "inbound-rtp",
  kind: "audio",
  packetsReceived,
  packetsLost,
  jitter,
});
const outbound = (fractionLost, roundTripTime = 0.05) => ({
  type: "remote-inbound-rtp",
  kind: "audio",
  fractionLost,
  roundTripTime,
});

test("what was lost on the way here is that of the last seconds", () => {
  const before = readReports([way(), inbound(1000, 500)]);
  const after = readReports([way(), inbound(1090, 510), outbound(0.02)]);
  const measured = measure(before, after);
  assert.equal(measured.loss_down, 10);
  assert.equal(measured.loss_up, 2);
  assert.equal(measured.rtt_ms, 50);
  assert.equal(measured.jitter_ms, 5);
  assert.equal(measured.path, "udp");
});

test("before there is a way nothing is measured, and a new connection loses nothing", () => {
  assert.equal(measure(null, readReports([inbound(1, 0)])), null);
  const measured = measure(readReports([way(), inbound(1000, 100)]), readReports([way(), inbound(50, 0)]));
  assert.equal(measured.loss_down, 0);
});

test("of several ways the longest is told", () => {
  const tcp = way({ candidateType: "host", protocol: "tcp" });
  const relay = way({ candidateType: "relay", protocol: "udp" });
  const pathOf = (...ways) => measure(null, readReports(ways)).path;
  assert.equal(pathOf(way(), tcp), "tcp");
  assert.equal(pathOf(relay, tcp, way()), "relay");
  assert.equal(pathOf({ ...relay, nominated: false }, way()), "udp");
});

test("bars say how good it is, and the worst cause is named", () => {
  const good = { loss_down: 0, loss_up: 0, rtt_ms: 40, jitter_ms: 5 };
  assert.deepEqual(rate(good), { level: "good", bars: 3, cause: null, value: 0 });
  assert.deepEqual(rate({ ...good, loss_down: 12.3 }), { level: "poor", bars: 1, cause: "loss_down", value: 12 });
  assert.deepEqual(rate({ ...good, rtt_ms: 300 }), { level: "fair", bars: 2, cause: "rtt_ms", value: 300 });
  assert.equal(rate({ ...good, rtt_ms: 300, loss_up: 20 }).cause, "loss_up");
  assert.equal(rate({ ...good, jitter_ms: 200, loss_up: 4 }).cause, "jitter_ms");
});

test("what one may not show, or the browser has not, has a reason", () => {
  const rights = new Set(["voice.video"]);
  assert.equal(showingOf("camera", rights, true).reason, null);
  assert.equal(showingOf("camera", rights, false).reason, "call.camera-not-here");
  assert.equal(showingOf("screen", rights, true).reason, "call.screen-not-allowed");
});

// MARK: Credentials

test("credentials are renewed ten minutes before their end, and a minute from now at least", () => {
  const now_ms = 1_000_000_000;
  const inMinutes = (minutes) => renewalAfter_ms(now_ms / 1000 + minutes * 60, now_ms) / 60_000;
  assert.deepEqual([60, 30, 5, -60, 9999].map(inMinutes), [50, 20, 1, 1, 60]);
});

test("while a call goes on there are always credentials that count, also when the server does not answer once", async () => {
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const old = [{ urls: ["turn:a"], username: "1" }];
  let answer = Promise.reject(new Error("offline"));
  answer.catch(() => {});
  const used = [];
  let asked = 0;
  const ask = () => {
    asked += 1;
    return answer;
  };
  const credentials = new Credentials({ ask, use: (servers) => used.push(servers) });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  credentials.begin([{ urls: ["stun:a"] }]);
  mock.timers.tick(3_600_000);
  assert.equal(asked, 0, "nothing ends");
  credentials.begin(old);
  mock.timers.tick(50 * 60_000);
  await settle();
  assert.deepEqual([asked, used.length], [1, 0]);
  const fresh = [{ urls: ["turn:a"], username: "2" }];
  answer = Promise.resolve({ ice_servers: fresh, expires_at: Date.now() / 1000 + 3600 });
  mock.timers.tick(60_000);
  await settle();
  assert.deepEqual(used, [fresh]);
  credentials.end();
  mock.timers.tick(3_600_000);
  assert.equal(asked, 2);
  mock.timers.reset();
});
