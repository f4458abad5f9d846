// Loading messages, and what one does with them.

import { storage } from "../kernel/storage.js";
import { compareIDs } from "../kernel/snowflake.js";
import { store } from "../store/store.js";
import { api } from "./api.js";
import { endEdits, writeEdit } from "./drafts.js";
import { session } from "./session.js";
import { change, giveUp } from "./unsent.js";

const PAGE = 50;
const KEPT_FOR_OFFLINE = 50;

const oldestFirst = (messages) => [...messages].sort((a, b) => compareIDs(a.id, b.id));
const windowOf = (channelID) => store.state.messages.get(channelID);
const cacheKey = (channelID) => `messages:${store.state.session.userID}:${channelID}`;

/** channel id → the newest messages on their way: whoever waits for them a second time waits for the same. */
const coming = new Map();

/** Loads the newest messages, and shows those of the last visit until they come. */
export function loadLatest(channelID) {
  const { isLoaded, isLoading } = windowOf(channelID) ?? {};
  if (isLoading && !isLoaded) return coming.get(channelID);
  const load = loadNewest(channelID, isLoaded).finally(() => {
    if (coming.get(channelID) === load) coming.delete(channelID);
  });
  coming.set(channelID, load);
  return load;
}

/** Resolves when the newest messages are here, should they be on their way: what is shown until then may be older. */
export const whenLatest = (channelID) => coming.get(channelID);

async function loadNewest(channelID, isLoaded) {
  let hasAnswer = false;
  const load = loadWhole(channelID, async () => {
    const messages = oldestFirst(await api.get(`/channels/${channelID}/messages`, { limit: PAGE }));
    hasAnswer = true;
    return { side: "latest", messages, hasOlder: messages.length === PAGE, hasNewer: false };
  });
  if (!isLoaded) {
    showEarly(channelID, (kept) => {
      if (kept && !hasAnswer) store.apply("MESSAGES_KEPT", { channel_id: channelID, messages: oldestFirst(kept) });
    });
  }
  await load;
}

/**
 * Shows what is there before the answer: at once what the page has asked for by itself (first.js), else whichever comes
 * first of that and what is kept of the last visit. Either may be older than what the gateway tells from its beginning on.
 */
function showEarly(channelID, show) {
  const early = globalThis.aviaryMessages;
  globalThis.aviaryMessages = null;
  const isAsked = early?.channelID === channelID;
  if (isAsked && early.messages) return show(early.messages);
  if (isAsked) early.answer.then(show);
  storage.get(cacheKey(channelID)).then(show);
}

export async function loadOlder(channelID) {
  const first = windowOf(channelID)?.items[0];
  if (!first || windowOf(channelID).isLoading) return;
  await load(channelID, async () => {
    const messages = oldestFirst(await api.get(`/channels/${channelID}/messages`, { limit: PAGE, before: first.id }));
    return { side: "older", messages, hasOlder: messages.length === PAGE };
  });
}

export async function loadNewer(channelID) {
  const last = windowOf(channelID)?.items.at(-1);
  if (!last || windowOf(channelID).isLoading) return;
  await load(channelID, async () => {
    const messages = oldestFirst(await api.get(`/channels/${channelID}/messages`, { limit: PAGE, after: last.id }));
    return { side: "newer", messages, hasNewer: messages.length === PAGE };
  });
}

/** Ids begin here; every message's is larger. */
const FIRST_ID = "1";

/** Loads the first messages that there are. */
export async function loadFirst(channelID) {
  await loadWhole(channelID, async () => {
    const messages = oldestFirst(await api.get(`/channels/${channelID}/messages`, { limit: PAGE, after: FIRST_ID }));
    return { side: "around", messages, hasOlder: false, hasNewer: messages.length === PAGE };
  });
}

/** Loads what stands around a message, or around the moment that an id means. */
export async function loadAround(channelID, messageID) {
  await loadWhole(channelID, async () => {
    const messages = oldestFirst(await api.get(`/channels/${channelID}/messages`, { limit: PAGE, around: messageID }));
    const newest = store.state.channels.get(channelID)?.last_message_id;
    const last = messages.at(-1);
    return {
      side: "around",
      messages,
      hasOlder: messages.length > 0,
      hasNewer: Boolean(last) && Boolean(newest) && compareIDs(newest, last.id) > 0,
    };
  });
}

/** channel id → what its window was last asked to become: a page that was asked for before belongs to another window. */
const wholes = new Map();

async function loadWhole(channelID, ask) {
  wholes.set(channelID, ask);
  await load(channelID, ask);
}

async function load(channelID, ask) {
  const whole = wholes.get(channelID);
  const apply = (event, about) => {
    if (wholes.get(channelID) === whole) store.apply(event, { channel_id: channelID, ...about });
  };
  apply("MESSAGES_LOADING");
  const asked = store.state.told;
  try {
    const page = await ask();
    apply("MESSAGES_LOADED", { ...page, asked });
    if (page.side === "latest") keep(channelID);
  } catch (error) {
    apply("MESSAGES_FAILED", { error });
  }
}

/** Lets go of what is far from the newest messages of a channel that is no longer shown. */
export function leave(channelID) {
  keep(channelID);
  store.apply("MESSAGES_LEFT", { channel_id: channelID });
}

/** Keeps the newest messages for reading without a connection. */
function keep(channelID) {
  const window = windowOf(channelID);
  if (!window?.isLoaded || window.hasNewer || window.items.length === 0 || !store.state.session) return;
  storage.set(cacheKey(channelID), window.items.slice(-KEPT_FOR_OFFLINE));
}

const KEEP_AFTER_MS = 1000;
const keeping = new Map();

session.listeners.add((name, { channel_id } = {}) => {
  if (!name.startsWith("MESSAGE_") || keeping.has(channel_id) || !windowOf(channel_id)) return;
  keeping.set(
    channel_id,
    setTimeout(() => {
      keeping.delete(channel_id);
      keep(channel_id);
    }, KEEP_AFTER_MS),
  );
});

const path = (message) => `/channels/${message.channel_id}/messages/${message.id}`;

export const send = (channelID, draft) => session.outbox.add(channelID, draft);

export async function edit(message, content) {
  store.apply("MESSAGE_UPDATE", await api.patch(path(message), { content }));
}

/** Whoever deletes a message gives up what they have begun to change of it. */
export async function remove(message) {
  const [begun] = endEdits([message.id]);
  try {
    await api.delete(path(message));
  } catch (error) {
    if (begun) writeEdit(message, begun.text);
    throw error;
  }
  store.apply("MESSAGE_DELETE", message);
}

/** Adds or takes back one's reaction; it shows at once and is put right when the server refuses. */
export async function toggleReaction(message, emoji) {
  const own = message.reactions.find((item) => item.emoji === emoji)?.me;
  const event = { message_id: message.id, channel_id: message.channel_id, user_id: store.state.me.id, emoji };
  store.apply(own ? "MESSAGE_REACTION_REMOVE" : "MESSAGE_REACTION_ADD", event);
  try {
    await api[own ? "delete" : "put"](`${path(message)}/reactions/${encodeURIComponent(emoji)}`);
  } catch (error) {
    store.apply(own ? "MESSAGE_REACTION_ADD" : "MESSAGE_REACTION_REMOVE", event);
    throw error;
  }
}

export const pin = (message) =>
  api[message.pinned ? "delete" : "put"](`/channels/${message.channel_id}/pins/${message.id}`);

export async function markUnread(message) {
  giveUp(`read:${message.channel_id}`);
  store.apply(
    "MESSAGE_ACK",
    await api.post(`/channels/${message.channel_id}/messages/mark-unread`, { message_id: message.id }),
  );
}

export async function vote(poll, options) {
  const answer = await api.post(`/polls/${poll.id}/vote`, { options });
  store.apply("POLL_UPDATE", { poll: answer });
}

export async function closePoll(poll) {
  store.apply("POLL_UPDATE", { poll: await api.post(`/polls/${poll.id}/close`) });
}

const ACKNOWLEDGE_AFTER_MS = 500;

/**
 * Marks a channel as read up to a message: here at once, on the server soon, and not for each message.
 * @param {{unread: number, mentions: number}} left what is unread after it.
 */
export function acknowledge(channelID, messageID, left = { unread: 0, mentions: 0 }) {
  // One's own messages are never unread, so there is nothing to say after them.
  if (!store.state.readStates.get(channelID)?.unread) return;
  const event = ["MESSAGE_ACK", {
    channel_id: channelID,
    unread_count: left.unread,
    mention_count: left.mentions,
    last_read_message_id: messageID,
  }];
  change(`read:${channelID}`, {
    method: "POST",
    path: `/channels/${channelID}/messages/ack`,
    query: { message_id: messageID },
    event,
  }, ACKNOWLEDGE_AFTER_MS);
}

export async function markServerRead(serverID) {
  await api.post(`/servers/${serverID}/messages/read-all`);
}
