// What a feature does can be done without HTTP.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { code, featureSources, files, ROOMS, root, types } from "./sources.mjs";

/** Files are taken and given as streams of a request, and the list of all features is one of routes. */
const EXCEPTIONS = [
  "Sources/Features/Declarations/Feature.swift",
  "Sources/Files/Blobs/Blob+Served.swift",
  "Sources/Community/Emojis/Emojis.swift",
  "Sources/Community/Pictures/Avatars.swift",
  "Sources/Content/Attachments/Attachments.swift",
  "Sources/Content/Uploads/Uploads.swift",
  "Sources/Chat/Composition/AllFeatures.swift",
  "Sources/Chat/Composition/Instance.swift",
  "Sources/Chat/Jobs/Jobs.swift",
  "Sources/Chat/Transcripts/Transcripts.swift",
];

/** The modules of which a source knows anything. */
const imports = (file) =>
  [
    ...code(file).matchAll(
      /^(?:@\w+ )*(?:(?:public|package|internal|private|fileprivate) )?import (?:(?:struct|class|enum|protocol|func|typealias|var|let) )?(\w+)/gm,
    ),
  ].map(([, name]) => name);

test("only routes speak HTTP", () => {
  const found = featureSources
    .filter((file) =>
      !file.endsWith("Routes.swift") &&
      imports(file).some((name) => ["WebAPI", "Hummingbird", "HTTPTypes"].includes(name))
    );
  assert.deepEqual(found, EXCEPTIONS, "an exception that is gone leaves the list; a new one does not come into it");
});

/** They know nothing of the server. */
const STANDARDS = ["Mail", "MobilePush", "OpenIDConnect", "QRCodes", "WebAuthn", "WebPush", "ZIP"];

test("Aviary's modules import what lies below them", () => {
  const order = [
    "Kernel",
    "OutgoingHTTP",
    ...STANDARDS,
    "Database",
    "Bus",
    "Events",
    "Media",
    "WebAPI",
    "Gateway",
    ...ROOMS,
    "WebClient",
    "Aviary",
    "Command",
  ];
  const up = files("Sources", ".swift").flatMap((file) => {
    const own = order.indexOf(file.split("/")[1]);
    return imports(file).filter((name) => own >= 0 && order.indexOf(name) > own).map((name) => `${file}: ${name}`);
  });
  assert.deepEqual(up, [], `low to high: ${order.join(", ")}`);
});

test("no module is named like a type in it", () => {
  const found = files("Sources", ".swift").filter((file) => types(file).includes(file.split("/")[1]));
  assert.deepEqual(found, [], "else nothing of the module can be named in full");
});

test("the root of the repository has what stands here, and nothing that a tool left behind", () => {
  const known = [
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "Makefile",
    "Package.resolved",
    "Package.swift",
    "README.md",
    "SECURITY.md",
    "VERSION",
    "deno.json",
  ];
  const found = readdirSync(root, { withFileTypes: true }).filter((one) => one.isFile() && !one.name.startsWith("."));
  assert.deepEqual(found.map((one) => one.name).filter((name) => !known.includes(name)), []);
});
