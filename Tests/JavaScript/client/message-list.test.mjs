import assert from "node:assert/strict";
import { test } from "node:test";
import { afterEvent } from "../../../Web/store/message-list.js";

const messages = [{ id: "1", content: "one", pinned: true }, { id: "2", content: "two" }];

test("messages beside the channel follow what is edited and deleted", () => {
  assert.deepEqual(afterEvent(messages, "MESSAGE_UPDATE", { id: "1", content: "first" })[0], {
    id: "1",
    content: "first",
    pinned: true,
  });
  assert.deepEqual(afterEvent(messages, "MESSAGE_DELETE", { id: "1" }).map(({ id }) => id), ["2"]);
  assert.deepEqual(afterEvent(messages, "MESSAGE_DELETE_BULK", { ids: ["1", "2", "3"] }), []);
});

test("what stood in a channel that is not seen any more is gone", () => {
  const hits = [{ id: "1", channel_id: "8" }, { id: "2", channel_id: "9" }];
  for (const loss of ["CHANNEL_DELETE", "THREAD_DELETE", "GUILD_DELETE"]) {
    assert.deepEqual(afterEvent(hits, loss, { id: "8" }, new Map([["9", {}]])).map(({ id }) => id), ["2"]);
    assert.equal(afterEvent(hits, loss, { id: "7" }, new Map([["8", {}], ["9", {}]])), hits);
  }
});

test("what is about others changes nothing", () => {
  assert.equal(afterEvent(messages, "MESSAGE_UPDATE", { id: "3", content: "x" }), messages);
  assert.equal(afterEvent(messages, "MESSAGE_DELETE", { id: "3" }), messages);
  assert.equal(afterEvent(messages, "MESSAGE_CREATE", { id: "1", content: "x" }), messages);
  assert.equal(afterEvent(messages, "READY", undefined), messages);
});
