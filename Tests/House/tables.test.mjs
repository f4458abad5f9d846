// One folder owns a table: what others want of it they ask of that folder's functions.

import assert from "node:assert/strict";
import { test } from "node:test";
import { code, featureSources, files, placeOf, read, ROOMS, texts, types } from "./sources.mjs";

/** `table: who else touches it`. This list only becomes shorter. */
const EXCEPTIONS = {
  applications: ["Users"],
  attachments: ["Clock"],
  blobs: ["Attachments", "LinkPreviews"],
  channels: ["Admin", "Messages", "PrivateChannels", "Roles", "Search", "Servers", "Threads"],
  instance_settings: ["Aviary", "System"],
  member_roles: ["Roles"],
  members: ["Presence", "Servers"],
  messages: ["Admin", "ReadStates", "Search"],
  moderation_states: ["ModerationStates"],
  overwrites: ["Roles"],
  participants: ["PrivateChannels"],
  relationships: ["Members", "Presence"],
  roles: ["Members"],
  scheduled_messages: ["Clock"],
  servers: ["Admin", "Presence"],
  sessions: ["Admin"],
  threads: ["Channels", "Notifications", "Search"],
  two_factor: ["Admin", "Clock", "Users"],
  users: [
    "Accounts",
    "Admin",
    "Applications",
    "Bans",
    "Benefits",
    "Feedback",
    "Members",
    "Notifications",
    "Reactions",
    "Relationships",
    "Sessions",
  ],
  webhooks: ["Notifications"],
};
const CREATION = /CREATE (?:VIRTUAL |UNLOGGED )?TABLE (?:IF NOT EXISTS )?(\w+)/g;
const USE = /\b(FROM|JOIN|INTO|UPDATE)\s+(\w+)/g;

const sources = files("Sources", ".swift");
const folderOf = (file) => ROOMS.includes(placeOf(file).module) ? placeOf(file).folder : placeOf(file).module;

/** table → folder → the words by which its statements touch it. */
function uses() {
  const tables = new Map();
  for (const text of sources.flatMap(texts)) {
    for (const [, table] of text.matchAll(CREATION)) tables.set(table, new Map());
  }
  // Migrations may do to a table what they like: they are of its past.
  for (const file of sources.filter((file) => !file.endsWith("Migration.swift"))) {
    for (const text of texts(file)) {
      for (const [, verb, table] of text.matchAll(USE)) {
        const folders = tables.get(table);
        if (!folders) continue;
        const folder = folderOf(file);
        folders.set(folder, (folders.get(folder) ?? new Set()).add(verb));
      }
    }
  }
  return tables;
}

/** table → the folder of the feature that declares it. */
function owners() {
  const owners = new Map();
  for (const file of sources.filter((file) => file.endsWith("+Feature.swift"))) {
    for (const [, table] of read(file).matchAll(/(?:Table|\.impersonal)\(\s*"(\w+)"/g)) {
      owners.set(table, folderOf(file));
    }
  }
  return owners;
}

/** What the parts below the features store, the first that touches it. */
const owned = owners();
const owner = (table, folders) => owned.get(table) ?? [...folders.keys()][0];

test("a table is touched by the folder that owns it", () => {
  const others = {};
  for (const [table, folders] of uses()) {
    const own = owner(table, folders);
    const foreign = [...folders.keys()].filter((folder) => folder !== own).sort();
    if (foreign.length > 0) others[table] = foreign;
  }
  assert.deepEqual(others, EXCEPTIONS, "an exception that is gone leaves the list; a new one does not come into it");
});

test("statements stand in stores", () => {
  // What is asked of the store itself, and what follows from the declarations of tables.
  const known = [
    "Sources/Features/Declarations/FeatureList.swift",
    "Sources/Chat/Clock/Restamping.swift",
    "Sources/Chat/System/SystemRoutes.swift",
  ];
  const found = featureSources.filter((file) =>
    /\btx\.(?:execute|all|first|exists|count)\(/.test(code(file)) && !types(file).some((name) =>
      name.endsWith("Store")
    ) &&
    !file.includes("Store+")
  );
  assert.deepEqual(found, known, "one that is gone leaves the list; a new one does not come into it");
});
