// An event is declared once. What is declared stands in docs/asyncapi.json, which a test of the server holds against the code.

import assert from "node:assert/strict";
import { test } from "node:test";
import { code, files, read, texts } from "./sources.mjs";

const messages = Object.keys(JSON.parse(read("docs/asyncapi.json")).components.messages);
const declared = messages.filter((name) => !/^(?:client|server)\./.test(name)).sort();
const sources = files("Sources", ".swift");

/** Ops have names, too, and some of them are those of events. */
const OPS = "Sources/Gateway/Protocol/Opcode.swift";

test("the name of an event is written where it is declared, and nowhere else", () => {
  const written = new Map(declared.map((name) => [name, []]));
  for (const file of sources.filter((file) => file !== OPS)) {
    for (const text of texts(file)) written.get(text.slice(1, -1))?.push(file);
  }
  assert.deepEqual([...written].filter(([, places]) => places.length !== 1), []);
});

test("every declaration is in the list of its feature, and so in the documents", () => {
  const names = sources.flatMap((file) =>
    [...read(file).matchAll(/^ {8}Self\(\s*"([A-Z_]+)"/gm)].map(([, name]) => name)
  );
  assert.deepEqual(names.filter((name) => !declared.includes(name)), []);
  assert.ok(names.length > 40);
});

test("events that have no declaration are the log's own and the gateway's", () => {
  const own = ["Sources/Events/EventName.swift", "Sources/Gateway/Protocol/AnswerEvents.swift"];
  const reading = [
    "Sources/Events/EventBatch.swift",
    "Sources/Events/EventKind.swift",
    "Sources/Events/EventStore.swift",
    "Sources/Events/Outbox.swift",
    "Sources/Features/Declarations/TransientEvents.swift",
  ];
  const found = sources.filter((file) => /\bEventName\(rawValue:/.test(code(file)));
  assert.deepEqual(found, [...own, ...reading].sort());
});

test("every socket of the contract's tests is held against the declarations", () => {
  assert.deepEqual(files("Tests/Contract", ".swift").filter((file) => /GatewaySocket\.connect\(/.test(code(file))), []);
});
