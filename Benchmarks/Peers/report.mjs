// What comes of the rounds: medians, and ratios to Aviary within the same round.

import { cpus } from "node:os";

export const quantile = (values, part) => {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
};

export const median = (values) => quantile(values, 0.5);

/** What is a rate. */
const MEASURED = ["unheard", "heard", "to50", "to500"];

/** The medians of values that stand at the same place of each round, however deep. */
const medians = (values) =>
  typeof values[0] === "object"
    ? Object.fromEntries(Object.keys(values[0]).map((name) => [name, medians(values.map((one) => one[name]))]))
    : median(values);

/** None where it was not measured of both. */
const ratio = (rounds, index, part) => {
  const ratios = rounds.map((figures) => figures[index][part]?.perSecond / figures[0][part]?.perSecond);
  return ratios.some(Number.isNaN) ? undefined : median(ratios);
};

export const report = (peers, rounds, settings) => ({
  date: new Date().toISOString().slice(0, 10),
  machine: `${cpus().length} × ${cpus()[0].model}`,
  ...settings,
  peers: peers.map((peer, index) => ({
    name: peer.name,
    version: peer.version,
    storage: peer.storage,
    ...medians(rounds.map((figures) => figures[index])),
    ratios: Object.fromEntries(MEASURED.map((part) => [part, ratio(rounds, index, part)])),
  })),
});

const number = (value, digits = 0) =>
  value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });

const rate = ({ ratios, ...figures }, part) =>
  figures[part] ? `${number(figures[part].perSecond)} (${number(ratios[part], 3)})` : "—";
const times = (figures) => figures ? `${number(figures.p50, 1)}, ${number(figures.p99, 1)}` : "—";

/** Heads, and what stands below them. */
const COLUMNS = [
  ["program", ({ name }) => name],
  ["version", ({ version }) => version],
  ["storage", ({ storage }) => storage],
  ["syncs a send", ({ syncs }) => number(syncs, 2)],
  ["sends/s, nobody listens", (peer) => rate(peer, "unheard")],
  ["p50, p99 in ms", ({ unheard }) => times(unheard)],
  ["sends/s, all 64 listen", (peer) => rate(peer, "heard")],
  ["p50, p99 in ms", ({ heard }) => times(heard)],
  [
    "cores meanwhile: server, generator",
    ({ heard }) => `${number(heard.serverCores, 2)}, ${number(heard.generatorCores, 2)}`,
  ],
  ["deliveries/s to 50", (peer) => rate(peer, "to50")],
  ["to the last one: p50, p99 in ms", ({ to50 }) => times(to50)],
  ["deliveries/s to 500", (peer) => rate(peer, "to500")],
  ["to the last one: p50, p99 in ms", ({ to500 }) => times(to500)],
  ["MiB idle", ({ idle }) => number(idle)],
  ["MiB with 50 listeners", ({ to50 }) => number(to50.memory)],
  ["MiB with 500 listeners", ({ to500 }) => to500 ? number(to500.memory) : "—"],
];

const line = (cells) => `| ${cells.join(" | ")} |`;

export const table = ({ date, machine, seconds, rounds, peers }) =>
  [
    `${date}, ${machine}: ${rounds} round(s) of ${seconds} s; in parentheses, the ratio to Aviary in the same round.`,
    "",
    line(COLUMNS.map(([head]) => head)),
    line(COLUMNS.map(() => "---")),
    ...peers.map((peer) => line(COLUMNS.map(([, cell]) => cell(peer)))),
    "",
  ].join("\n");
