import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { draftChannels, endDraft, hasDraft, readDraft, resumeDraft, writeDraft } from "../../../Web/server/drafts.js";
import { store } from "../../../Web/store/store.js";

// Listeners are told by the frames of a page.
globalThis.document ??= { hidden: true };

beforeEach(() => {
  store.state.session = { userID: "1", token: "t" };
  for (const channelID of draftChannels()) endDraft(channelID);
});

test("what was sent and waited for its files when the page went stands before what was written since, in its order", () => {
  const departing = [
    { text: "first", replyTo: { id: "5" } },
    { text: "second", replyTo: null, files: ["b"] },
  ];
  writeDraft("7", { text: "since", replyTo: null, files: ["c"], departing });
  assert.deepEqual(resumeDraft("7"), {
    text: "first\nsecond\nsince",
    replyTo: { id: "5" },
    files: ["c", "b"],
    departing: [],
    poll: null,
  });
  assert.deepEqual(resumeDraft("7"), readDraft("7"), "once");
});

test("a channel of which nothing but that is left has a draft, and is handed over whole when it ends", () => {
  const departing = [{ text: "on its way", replyTo: null }];
  writeDraft("7", { text: "", replyTo: null, files: [], departing });
  assert.ok(hasDraft("7"));
  assert.deepEqual(draftChannels(), ["7"]);
  assert.deepEqual(endDraft("7").departing, departing);
  assert.ok(!hasDraft("7"));
});

test("nothing is written for nobody", () => {
  store.state.session = null;
  writeDraft("7", { text: "hello", replyTo: null, files: [], departing: [] });
  store.state.session = { userID: "1", token: "t" };
  assert.ok(!hasDraft("7"));
});
