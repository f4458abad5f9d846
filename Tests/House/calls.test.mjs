// What no source may call, with the reason; and the few that may.

import assert from "node:assert/strict";
import { test } from "node:test";
import { code, files, read } from "./sources.mjs";

/** What a source must not have; `but` names the files in which it stands with a line that says why it holds. */
const BANNED = [
  { call: /\btry!/, why: "a trap ends the server for everybody" },
  { call: /\bas!/, why: "a trap ends the server for everybody" },
  {
    call: /\bfatalError\(/,
    why: "a trap ends the server for everybody",
    but: ["Sources/Kernel/RateLimits/RateTable.swift"],
  },
  {
    call: /(?<![.\w])(?:Swift\.)?(?:print|debugPrint|dump|NSLog)\(|\bFileHandle\.standard/,
    why: "the log has levels and fields",
    but: /^Sources\/Command\//,
  },
  {
    call: /@unchecked Sendable|nonisolated\(unsafe\)/,
    why: "the compiler checks what is shared",
    but: [
      "Sources/Aviary/Running/Supervisor.swift",
      "Sources/Bus/NATSConnection.swift",
      "Sources/Database/SQLite/SQLiteStatements.swift",
      "Sources/WebAPI/Server/RequestChannel.swift",
    ],
  },
  { call: /\btry\?[^\n]*\btx\b/, why: "a read that failed must not let a write go on" },
  { call: /\bFileHandle\(/, why: "its `write` throws what Swift can't catch" },
  {
    call: /AsyncStream\.makeStream\((?![^)]*bufferingPolicy)/,
    why: "every queue has a bound",
  },
  {
    call: /AsyncStream<[^>]*>\s*\{/,
    why: "every queue has a bound",
    but: ["Sources/WebAPI/Files/ServedFile.swift"],
  },
];

for (const { call, why, but = [] } of BANNED) {
  test(`no source has ${call.source}: ${why}`, () => {
    const found = files("Sources", ".swift").filter((file) => call.test(code(file)));
    if (but instanceof RegExp) return assert.deepEqual(found.filter((file) => !but.test(file)), []);
    assert.deepEqual(found, but, "an exception that is gone leaves the list; a new one does not come into it");
  });
}

/** The tests that let time pass, with how often and why. Whatever waits for something uses `eventually`, or a sign. */
const SLEEPING = {
  "Tests/Faults/Cluster/Caller.swift": [1, "nobody asks all nodes a thousand times when all are away"],
  "Tests/Faults/Cluster/ClusterReferee.swift": [1, "when a fault comes is no matter of what it does"],
  "Tests/Faults/Cluster/Fault.swift": [6, "a fault lasts"],
  "Tests/Faults/Cluster/Session.swift": [1, "nobody asks all nodes a thousand times when all are away"],
  "Tests/Faults/Cluster/Storm.swift": [2, "so often somebody acts, and late deeds come late"],
  "Tests/Faults/Cluster/Writer.swift": [1, "so often somebody writes"],
  "Tests/Faults/Referee.swift": [1, "when a server is killed is no matter of what it does"],
  "Tests/TestPrograms/Eventually.swift": [1, "the one that looks again and again"],
};

test("no test sleeps to hope for an order", () => {
  const found = files("Tests", ".swift")
    .map((file) => [file, code(file).match(/\b(?:(?:Task|Thread)\.sleep|u?sleep)\(/g)?.length ?? 0])
    .filter(([, count]) => count > 0);
  const known = Object.entries(SLEEPING).map(([file, [count]]) => [file, count]);
  const why = "one that is gone leaves the list; a new one waits for a sign, moves the clock, or uses `eventually`";
  assert.deepEqual(found, known, why);
});

test("what is not done is not there", () => {
  const sources = [...files("Sources", ".swift"), ...files("Tests", ".swift"), ...files("Web", ".js")];
  assert.deepEqual(sources.filter((file) => /\b(?:TODO|FIXME|XXX)\b/.test(read(file))), []);
});
