// Measures Aviary and its peers in turn, each started anew in each round. Started by scripts/peers.

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { aviary } from "./aviary.mjs";
import { ejabberd } from "./ejabberd.mjs";
import { processorSeconds, quiet, residentMemory, syncs, until } from "./machine.mjs";
import { prosody } from "./prosody.mjs";
import { median, quantile, report, table } from "./report.mjs";
import { synapse } from "./synapse.mjs";

const SENDERS = 64;
const LISTENERS = [50, 500];
const FANNED_OUT = 20;
const TRACED = 200;
/** So many are registered, or come in, at once. */
const ABREAST = 8;

const { values: settings } = parseArgs({
  options: {
    program: { type: "string" },
    folder: { type: "string" },
    seconds: { type: "string", default: "10" },
    rounds: { type: "string", default: "3" },
    only: { type: "string" },
    output: { type: "string" },
    markdown: { type: "string" },
  },
});
const seconds = Number(settings.seconds);
const PEERS = [
  aviary(path.resolve(settings.program)),
  synapse("SQLite"),
  synapse("PostgreSQL"),
  ejabberd("Mnesia"),
  ejabberd("SQLite"),
  prosody(),
];

const text = (what) => `${what}, of the length that messages usually have among people.`;

const eachOf = async (people, work) => {
  const waiting = people.values();
  const worker = async () => {
    for (const one of waiting) await work(one);
  };
  await Promise.all(Array.from({ length: ABREAST }, worker));
};

/** The first one founds the room. */
const gather = async (peer, prefix, count) => {
  const founder = await peer.register(`${prefix}0`);
  const crowd = { prefix, people: [founder], room: await peer.found(founder) };
  await grow(peer, crowd, count);
  return crowd;
};

/** Returns those who have come. */
const grow = async (peer, { prefix, people, room }, count) => {
  const newcomers = [];
  const names = Array.from({ length: count - people.length }, (_, index) => `${prefix}${people.length + index}`);
  await eachOf(names, async (name) => newcomers.push(await peer.register(name)));
  await eachOf(newcomers, (person) => peer.enter(person, room));
  people.push(...newcomers);
  return newcomers;
};

/** Everybody says the next thing when the last one is acknowledged, and it is over when all have heard everything. */
const flood = async (peer, { people, room }, heard, seconds) => {
  const times = [];
  const before = heard?.count ?? 0;
  const [begin, generator, server] = [performance.now(), process.cpuUsage(), processorSeconds(peer.processes())];
  await Promise.all(people.map(async (person) => {
    for (let last = performance.now(); last - begin < seconds * 1000;) {
      await peer.send(person, room, text("flood"));
      const now = performance.now();
      times.push(now - last);
      last = now;
    }
  }));
  const expected = before + times.length * people.length;
  if (heard) await until(() => heard.count >= expected, `${heard.count - before} of ${expected - before} heard`, 120);
  const elapsed = performance.now() - begin;
  const { user, system } = process.cpuUsage(generator);
  return {
    perSecond: times.length / elapsed * 1000,
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    generatorCores: (user + system) / 1000 / elapsed,
    serverCores: (processorSeconds(peer.processes()) - server) * 1000 / elapsed,
  };
};

const sends = async (peer, running) => {
  const crowd = await gather(running, "sender", SENDERS);
  const figures = {};
  if (!peer.everybodyListens) {
    await flood(running, crowd, undefined, 1);
    await quiet(running.processes());
    figures.unheard = await flood(running, crowd, undefined, seconds);
  }
  const heard = { count: 0 };
  const hear = (message) => heard.count += message.includes("flood") ? 1 : 0;
  await eachOf(crowd.people, (person) => running.listen(person, crowd.room, hear));
  await quiet(running.processes());
  await flood(running, crowd, heard, 1);
  await quiet(running.processes());
  figures.heard = await flood(running, crowd, heard, seconds);
  for (const person of crowd.people) person.close();
  return figures;
};

/** From the sending to its arrival at the last of them, message by message. */
const fanOut = async (running, { people: [sender], room }, heard, listeners) => {
  const times = [];
  for (let number = 0; number < FANNED_OUT; number++) {
    const expected = heard.count + listeners;
    const begin = performance.now();
    heard.last = 0;
    await running.send(sender, room, text("fan-out"));
    await until(() => heard.count >= expected, `${expected - heard.count} of ${listeners} have not heard`, 60);
    times.push(heard.last - begin);
  }
  return {
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    perSecond: listeners / median(times) * 1000,
  };
};

/** First few of them, then many: what a message costs by itself weighs more the fewer hear it. */
const listening = async (peer, running) => {
  const crowd = await gather(running, "listener", 1);
  const heard = { count: 0, last: 0 };
  const hear = (message) => {
    if (!message.includes("fan-out")) return;
    heard.count += 1;
    heard.last = performance.now();
  };
  const figures = {};
  for (const listeners of LISTENERS.filter((count) => count <= (peer.mostListeners ?? count))) {
    const newcomers = await grow(running, crowd, listeners + 1);
    for (const person of newcomers) person.rest();
    await eachOf(newcomers, (person) => running.listen(person, crowd.room, hear));
    await quiet(running.processes());
    const memory = residentMemory(running.processes());
    await running.send(crowd.people[0], crowd.room, text("The first one"));
    await quiet(running.processes());
    figures[`to${listeners}`] = { memory, ...await fanOut(running, crowd, heard, listeners) };
  }
  for (const person of crowd.people) person.close();
  await quiet(running.processes());
  return figures;
};

const syncsPerSend = async (running, folder) => {
  const { people: [person], room } = await gather(running, "alone", 1);
  await quiet(running.processes());
  const count = await syncs(running.processes(), folder, async () => {
    for (let number = 0; number < TRACED; number++) await running.send(person, room, text("traced"));
  });
  return count / TRACED;
};

/** The one that runs now, for whoever ends this. */
let current;
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, async () => {
    await current?.stop();
    process.exit(1);
  });
}

const round = async (peer) => {
  const folder = path.join(settings.folder, `${peer.name}-${peer.storage}`);
  mkdirSync(folder);
  const running = current = await peer.start(folder);
  try {
    await pause(2000);
    await quiet(running.processes());
    const idle = residentMemory(running.processes());
    return {
      idle,
      ...await listening(peer, running),
      ...await sends(peer, running),
      syncs: await syncsPerSend(running, folder),
    };
  } finally {
    await running.stop();
    current = undefined;
    rmSync(folder, { recursive: true, force: true });
  }
};

const wanted = settings.only?.split(",");
const chosen = PEERS.filter(({ name }) => name === "Aviary" || (wanted?.includes(name) ?? true));
const versions = chosen.map((peer) => peer.version());
const rounds = [];
for (let number = 1; number <= Number(settings.rounds); number++) {
  const figures = [];
  for (const peer of chosen) {
    const begin = performance.now();
    figures.push(await round(peer));
    const took = Math.round((performance.now() - begin) / 1000);
    console.error(`round ${number}: ${peer.name} on ${peer.storage}, ${took} s`);
  }
  rounds.push(figures);
}
const result = report(chosen.map((peer, index) => ({ ...peer, version: versions[index] })), rounds, {
  seconds,
  rounds: rounds.length,
});
const page = table(result);
console.log(page);
if (settings.output) writeFileSync(settings.output, `${JSON.stringify(result, null, 2)}\n`);
if (settings.markdown) writeFileSync(settings.markdown, page);
process.exit(0);
