// What a feature does can be done without HTTP.

import assert from "node:assert/strict";
import { test } from "node:test";
import { code, files } from "./sources.mjs";

/** Files are taken and given as streams of a request, and the list of all features is one of routes. */
const EXCEPTIONS = [
  "Sources/Chat/Attachments/Attachments.swift",
  "Sources/Chat/Blobs/Blob+Served.swift",
  "Sources/Chat/Chat.swift",
  "Sources/Chat/Emojis/Emojis.swift",
  "Sources/Chat/Features/Feature.swift",
  "Sources/Chat/Features/Features.swift",
  "Sources/Chat/Jobs/Jobs.swift",
  "Sources/Chat/Pictures/Avatars.swift",
  "Sources/Chat/Transcripts/Transcripts.swift",
  "Sources/Chat/Uploads/Uploads.swift",
];

test("only routes speak HTTP", () => {
  const found = files("Sources/Chat", ".swift")
    .filter((file) => !file.endsWith("Routes.swift") && /^import (?:WebAPI|Hummingbird|HTTPTypes)$/m.test(code(file)));
  assert.deepEqual(found, EXCEPTIONS, "an exception that is gone leaves the list; a new one does not come into it");
});

test("Aviary's modules import what lies below them", () => {
  const order = [
    "Kernel",
    "Database",
    "EventLog",
    "Media",
    "WebAPI",
    "Gateway",
    "Chat",
    "WebClient",
    "Aviary",
    "Command",
  ];
  const up = files("Sources", ".swift").flatMap((file) => {
    const own = order.indexOf(file.split("/")[1]);
    return [...code(file).matchAll(/^import (\w+)$/gm)]
      .filter(([, name]) => own >= 0 && order.indexOf(name) > own)
      .map(([, name]) => `${file}: ${name}`);
  });
  assert.deepEqual(up, []);
});
