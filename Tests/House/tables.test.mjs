// One folder owns a table: what others want of it they ask of that folder's functions.

import assert from "node:assert/strict";
import { test } from "node:test";
import { files, placeOf, texts } from "./sources.mjs";

/** `table: who else touches it`. This list only becomes shorter. */
const EXCEPTIONS = {
  admin_log: ["PersonalData"],
  applications: ["PersonalData"],
  attachments: ["Blobs", "Clock"],
  audit_log: ["PersonalData"],
  blobs: ["Attachments", "LinkPreviews"],
  bookmarks: ["Messages"],
  channels: ["Admin", "Messages", "PersonalData", "PrivateChannels", "Roles", "Search", "Servers", "Threads"],
  emojis: ["Blobs"],
  instance_settings: ["Aviary", "System"],
  invites: ["Channels", "Servers"],
  jobs: ["Blobs"],
  link_previews: ["Blobs"],
  member_roles: ["Roles", "Servers"],
  members: ["Presence", "Servers", "Users"],
  message_edits: ["PersonalData"],
  messages: ["Admin", "PersonalData", "ReadStates", "Search"],
  moderation_states: ["Members"],
  overwrites: ["Roles"],
  participants: ["PrivateChannels"],
  relationships: ["Presence", "Users"],
  reports: ["PersonalData"],
  roles: ["Members", "Servers"],
  scheduled_messages: ["Clock"],
  servers: ["Admin", "Blobs", "Presence"],
  sessions: ["Admin"],
  slowmode_marks: ["Channels"],
  thread_members: ["Channels"],
  threads: ["Channels", "Notifications", "Search"],
  two_factor: ["Admin", "Clock", "Users"],
  uploads: ["PersonalData"],
  users: [
    "Admin",
    "Applications",
    "Bans",
    "Benefits",
    "Blobs",
    "Feedback",
    "Members",
    "Notifications",
    "Reactions",
    "Relationships",
    "Sessions",
    "Users",
  ],
  webhooks: ["Notifications"],
};
/** Where it is not the folder that makes the rows. */
const OWNERS = { instance_settings: "Maintenance", member_roles: "Members" };

const CREATION = /CREATE (?:VIRTUAL |UNLOGGED )?TABLE (?:IF NOT EXISTS )?(\w+)/g;
const USE = /\b(FROM|JOIN|INTO|UPDATE)\s+(\w+)/g;

const sources = files("Sources", ".swift");
const folderOf = (file) => placeOf(file).module === "Chat" ? placeOf(file).room : placeOf(file).module;

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

const owner = (table, folders) =>
  OWNERS[table] ?? [...folders].find(([, verbs]) => verbs.has("INTO"))?.[0] ?? [...folders.keys()][0];

test("a table is touched by the folder that owns it", () => {
  const others = {};
  for (const [table, folders] of uses()) {
    const own = owner(table, folders);
    const foreign = [...folders.keys()].filter((folder) => folder !== own).sort();
    if (foreign.length > 0) others[table] = foreign;
  }
  assert.deepEqual(others, EXCEPTIONS, "an exception that is gone leaves the list; a new one does not come into it");
});
