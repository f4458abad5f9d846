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
    but: ["Sources/WebAPI/RateLimits/RateTable.swift"],
  },
  { call: /(?<![.\w])(?:print|debugPrint|dump)\(/, why: "the log has levels and fields", but: /^Sources\/Command\// },
  {
    call: /@unchecked Sendable|nonisolated\(unsafe\)/,
    why: "the compiler checks what is shared",
    but: [
      "Sources/Aviary/Running/Supervisor.swift",
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
  "Tests/Contract/ClockTests.swift": [1, "that nothing happens is seen after the work that is due was looked for"],
  "Tests/Contract/ErrorPage/AdviceTests.swift": [1, "the clock goes as fast as the wall's"],
  "Tests/Contract/ExistenceTests.swift": [1, "what a server does of its own is seen by leaving it alone"],
  "Tests/Contract/HostileConnectionTests.swift": [2, "a client that trickles"],
  "Tests/Contract/ScheduledMessageTests.swift": [1, "that nothing happens is seen after the work was looked for"],
  "Tests/Contract/Support/Person.swift": [1, "a client's heartbeats"],
  "Tests/DatabaseTests/LifecycleTests.swift": [1, "that closing has not ended"],
  "Tests/DatabaseTests/PostgreSQLFaultTests.swift": [2, "an outage lasts"],
  "Tests/DatabaseTests/PostgreSQLPartTests.swift": [1, "a transaction takes its time"],
  "Tests/DatabaseTests/PostgreSQLTests.swift": [3, "a writer stands in line, which nothing tells"],
  "Tests/Faults/Referee.swift": [2, "a fault lasts"],
  "Tests/Faults/Scene.swift": [1, "a program of its own, which no test links"],
  "Tests/Faults/Witness.swift": [2, "a program of its own, which no test links"],
  "Tests/MediaTests/PictureTests.swift": [1, "a task is given a moment before it is cancelled, again and again"],
  "Tests/TestPrograms/Eventually.swift": [1, "the one that looks again and again"],
};

test("no test sleeps to hope for an order", () => {
  const found = files("Tests", ".swift")
    .map((file) => [file, code(file).match(/\b(?:(?:Task|Thread)\.sleep|u?sleep)\(/g)?.length ?? 0])
    .filter(([, count]) => count > 0);
  const known = Object.entries(SLEEPING).map(([file, [count]]) => [file, count]);
  assert.deepEqual(found, known, "one that is gone leaves the list; a new one does not come into it");
});

test("what is not done is not there", () => {
  const sources = [...files("Sources", ".swift"), ...files("Tests", ".swift"), ...files("Web", ".js")];
  assert.deepEqual(sources.filter((file) => /\b(?:TODO|FIXME|XXX)\b/.test(read(file))), []);
});
