#!/usr/bin/env node
// Runs Swift tests, and says at the end which ones failed and why, instead of somewhere within thousands of lines:
//
//   scripts/swift-tests.mjs PROGRAM [--filter REGEX] [OPTION …]
//
// A few that failed run once more by themselves: hundreds of servers beside one another on two processors run in any order,
// and what fails twice is a fault for sure. What passes then is named all the same: it has a race in it.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

// More than this is no race.
const FEW = 5;

const [program, ...options] = process.argv.slice(2);

/** Runs tests; the failed ones by their identifiers, each with what was said of it. */
function run(filters, rest) {
  const folder = mkdtempSync(path.join(tmpdir(), "aviary-tests."));
  const stream = path.join(folder, "events");
  const { status, signal } = spawnSync(program, [
    ...["--testing-library", "swift-testing", "--event-stream-output-path", stream, "--event-stream-version", "0"],
    ...filters.flatMap((filter) => ["--filter", filter]),
    ...rest,
  ], { stdio: "inherit" });
  const failures = new Map();
  let ended = false;
  for (const line of readFileSync(stream, "utf8").split("\n")) {
    const event = parsed(line);
    ended ||= event?.kind === "runEnded";
    if (event?.kind !== "issueRecorded" || event.issue.isKnown) continue;
    const { fileID, line: number } = event.issue.sourceLocation ?? {};
    const said = [`${fileID}:${number}`, ...event.messages.map(({ text }) => text)].join("\n    ");
    const test = event.testID ?? "of no test";
    failures.set(test, [...(failures.get(test) ?? []), said]);
  }
  rmSync(folder, { recursive: true });
  return { failures, ended, code: status ?? 1, signal };
}

/** What happened, or nothing: a run that crashed leaves half a line. */
function parsed(line) {
  try {
    const { kind, payload } = JSON.parse(line);
    return kind === "event" ? payload : undefined;
  } catch {
    return undefined;
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

const first = run(filters, rest);
if (first.code === 0) process.exit(0);
report(
  first.ended ? "Failed" : `The tests did not end (${first.signal ?? first.code}). Failed until then`,
  first.failures,
);
const again = [...first.failures.keys()];
if (!first.ended || again.length === 0 || again.length > FEW || again.includes("of no test")) process.exit(1);

const second = run(again.map(exactly), rest);
if (second.code === 0) report("Passed at the second try. There is a race in each: mend that", first.failures);
else report("Failed twice", second.failures);
process.exit(second.code);
