#!/usr/bin/env node
// Runs Swift tests, and says at the end which ones failed and why, instead of somewhere within thousands of lines:
//
//   scripts/swift-tests.mjs PROGRAM [--filter REGEX] [OPTION …]
//
// A few that failed run once more by themselves: hundreds of servers beside one another on two processors run in any order,
// and what fails twice is a fault for sure. What passes then is named all the same: it has a race in it.
// A test that never ends is a failure, too: where nothing begins or ends for minutes, what is under way is named and killed.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

// More than this is no race.
const FEW = 5;

// The longest tests take one minute where the machine has nothing else to do.
const SILENCE_S = Number(process.env.AVIARY_TEST_SILENCE ?? 300);

const [program, ...options] = process.argv.slice(2);

/** Runs tests; the failed ones by their identifiers, each with what was said of it. */
async function run(filters, rest) {
  const folder = mkdtempSync(path.join(tmpdir(), "aviary-tests."));
  const stream = path.join(folder, "events");
  const { code, signal, silent } = await watched(stream, [
    ...["--testing-library", "swift-testing", "--event-stream-output-path", stream, "--event-stream-version", "0"],
    ...filters.flatMap((filter) => ["--filter", filter]),
    ...rest,
  ]);
  const failures = new Map();
  const underWay = new Set();
  const suites = new Set();
  let ended = false;
  for (const { kind, payload } of readFileSync(stream, "utf8").split("\n").flatMap(parsed)) {
    if (kind === "test" && payload.kind === "suite") suites.add(payload.id);
    if (kind !== "event") continue;
    ended ||= payload.kind === "runEnded";
    if (payload.kind === "testStarted") underWay.add(payload.testID);
    if (payload.kind === "testEnded") underWay.delete(payload.testID);
    if (payload.kind !== "issueRecorded" || payload.issue.isKnown) continue;
    const { fileID, line } = payload.issue.sourceLocation ?? {};
    const said = [`${fileID}:${line}`, ...payload.messages.map(({ text }) => text)].join("\n    ");
    const test = payload.testID ?? "of no test";
    failures.set(test, [...(failures.get(test) ?? []), said]);
  }
  rmSync(folder, { recursive: true });
  if (silent) {
    const hung = [...underWay].filter((test) => !suites.has(test));
    if (hung.length === 0) failures.set("of no test", ["nothing was under way, and the program did not end"]);
    for (const test of hung) {
      failures.set(test, [...(failures.get(test) ?? []), `under way for ${SILENCE_S} s or more`]);
    }
  }
  return { failures, ended: ended || silent, code: code ?? 1, signal };
}

/** Runs the program, and kills it with all that it has started where it says nothing for too long. */
function watched(stream, words) {
  return new Promise((resolve, reject) => {
    // The first of a group of its own, to which the servers of the tests belong.
    const child = spawn(program, words, { stdio: "inherit", detached: true });
    const kill = (signal) => {
      try {
        process.kill(-child.pid, signal);
      } catch { /* It has ended. */ }
    };
    let silent = false;
    let size = 0;
    let since = Date.now();
    const timer = setInterval(() => {
      const now = statSync(stream, { throwIfNoEntry: false })?.size ?? 0;
      if (now !== size) [size, since] = [now, Date.now()];
      silent ||= Date.now() - since > SILENCE_S * 1000;
      if (silent) kill("SIGKILL");
    }, 1000);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => kill(signal));
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      clearInterval(timer);
      resolve({ code, signal, silent });
    });
  });
}

/** What was told, or nothing: a run that crashed leaves half a line. */
function parsed(line) {
  try {
    return [JSON.parse(line)];
  } catch {
    return [];
  }
}

function report(title, failures) {
  console.log(`\n== ${title}`);
  for (const [test, said] of failures) console.log(`  ${test}\n    ${said.slice(0, 3).join("\n    ")}`);
}

/** The filter that means one test alone. */
const exactly = (test) => `^${test.replace(/\/[^/]*:\d+:\d+$/, "").replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")}`;

const filters = options.flatMap((option, index) => (options[index - 1] === "--filter" ? [option] : []));
const rest = options.filter((option, index) => option !== "--filter" && options[index - 1] !== "--filter");

const first = await run(filters, rest);
if (first.code === 0) process.exit(0);
report(
  first.ended ? "Failed" : `The tests did not end (${first.signal ?? first.code}). Failed until then`,
  first.failures,
);
const again = [...first.failures.keys()];
if (!first.ended || again.length === 0 || again.length > FEW || again.includes("of no test")) process.exit(1);

const second = await run(again.map(exactly), rest);
if (second.code === 0) report("Passed at the second try. There is a race in each: mend that", first.failures);
else report("Failed twice", second.failures);
process.exit(second.code);
