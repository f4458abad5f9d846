#!/usr/bin/env node
// What no test has seen of what is declared: events, and statuses that a route declares of its own.
//
//   AVIARY_TEST_COVERAGE=FILE swift test; scripts/seen.mjs FILE
//
// The tests write FILE, a line for each thing that they see (`Tests/Contract/Support/Sightings.swift`). Known gaps stand in
// `Tests/House/unseen.txt`, which may only shrink: what is seen after all has to leave it.

import { readFileSync } from "node:fs";
import path from "node:path";

const root = path.join(import.meta.dirname, "..");
const read = (file) => readFileSync(path.resolve(root, file), "utf8");
const lines = (text) => text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));

// Any route can answer these; each has a test that goes through all routes.
const COMMON = new Set(["401", "405", "413", "415", "426", "429", "500", "503"]);

const events = Object.keys(JSON.parse(read("docs/asyncapi.json")).components.messages)
  .filter((name) => !/^(?:client|server)\./.test(name))
  .map((name) => `event ${name}`);
const statuses = Object.entries(JSON.parse(read("docs/openapi.json")).paths).flatMap(([template, methods]) =>
  Object.entries(methods).flatMap(([method, { responses }]) =>
    Object.keys(responses)
      .filter((status) => status !== "default" && !COMMON.has(status))
      .map((status) => `${method.toUpperCase()} ${template} ${status}`)
  )
);

const seen = new Set(lines(read(path.resolve(process.argv[2]))));
const known = lines(read("Tests/House/unseen.txt"));
const declared = new Set([...events, ...statuses]);

const problems = [
  ["no test has seen", [...declared].filter((one) => !seen.has(one) && !known.includes(one))],
  [
    "seen after all, or not declared: take it out of Tests/House/unseen.txt",
    known.filter((one) => seen.has(one) || !declared.has(one)),
  ],
].filter(([, found]) => found.length > 0);

console.log(
  `seen: ${[...declared].filter((one) => seen.has(one)).length} of ${declared.size} declared events and statuses`,
);
for (const [what, found] of problems) console.log(`\n${what}:\n${found.map((one) => `  ${one}`).join("\n")}`);
process.exit(problems.length === 0 ? 0 : 1);
