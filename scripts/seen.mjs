#!/usr/bin/env node
// What no test has seen of what is declared: events, and statuses that a route declares of its own.
//
//   AVIARY_TEST_COVERAGE=FILE swift test; scripts/seen.mjs FILE
//
// The tests write FILE, a line for each thing that they see (`Tests/Contract/Support/Sightings.swift`). What is declared and can
// not happen loses its declaration.

import { readFileSync } from "node:fs";
import path from "node:path";

const root = path.join(import.meta.dirname, "..");
const read = (file) => readFileSync(path.join(root, file), "utf8");

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

const seen = new Set(readFileSync(process.argv[2], "utf8").split("\n"));
const declared = new Set([...events, ...statuses]);
const unseen = [...declared].filter((one) => !seen.has(one));

console.log(`seen: ${declared.size - unseen.length} of ${declared.size} declared events and statuses`);
if (unseen.length > 0) console.log(`\nno test has seen:\n${unseen.map((one) => `  ${one}`).join("\n")}`);
process.exit(unseen.length === 0 ? 0 : 1);
