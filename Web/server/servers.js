// Loading what READY leaves out: members, threads. And what one does with servers and channels.

import { makeNonce } from "../kernel/snowflake.js";
import { painted } from "../dom/painted.js";
import { store } from "../store/store.js";
import { mustCountAnew } from "../store/unread.js";
import { api } from "./api.js";
import { session } from "./session.js";

const PAGE = 1000;
/** Larger servers tell of presences only when asked (contract: gateway, Presence). */
const LARGEST_TELLING = 250;
const LARGEST_REQUEST = 100;
const loading = new Set();

/** Loads the members of a server that is looked at for the first time. */
export async function ensureServer(serverID) {
  if (!store.state.servers.has(serverID) || store.state.members.get(serverID)?.isComplete || loading.has(serverID)) {
    return;
  }
  await loadMembers(serverID, null);
}

/** Loads the next page of members. */
export async function loadMoreMembers(serverID) {
  const known = store.state.members.get(serverID);
  if (!known || known.isComplete) return;
  await loadMembers(serverID, known.last);
}

async function loadMembers(serverID, after) {
  if (loading.has(serverID)) return;
  loading.add(serverID);
  await painted();
  const asked = store.state.told;
  try {
    const members = await api.get(`/servers/${serverID}/members`, { limit: PAGE, after });
    const last = members.at(-1)?.user_id ?? null;
    const isComplete = members.length < PAGE;
    store.apply("GUILD_MEMBERS_CHUNK", { server_id: serverID, members, last, isComplete, asked });
    if ((store.state.servers.get(serverID)?.member_count ?? 0) > LARGEST_TELLING) {
      watchPresences(
        serverID,
        members.slice(0, LARGEST_REQUEST).map((member) => member.user_id),
      );
    }
  } catch {
    // The list shows who is known; the next visit tries again.
  } finally {
    loading.delete(serverID);
  }
}

/** Asks the gateway for members, who come as an event. Returns whether it could be asked. */
export function requestMembers(request) {
  const isAsked = session.gateway?.requestMembers(request) ?? false;
  if (isAsked) store.apply("MEMBERS_ASKED");
  return isAsked;
}

const MOST_NAMES = 5;
const LONGEST_SEARCH_MS = 1500;

/** Makes known the members of a server who have one of some names, as far as they can be had in a moment. */
export function findMembers(serverID, names) {
  const questions = new Map(names.slice(0, MOST_NAMES).map((query) => [makeNonce(), query]));
  const asked = new Set(
    [...questions.keys()].filter((nonce) =>
      requestMembers({ server_id: serverID, query: questions.get(nonce), limit: 1, nonce })
    ),
  );
  if (asked.size === 0) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      session.listeners.delete(hear);
      resolve();
    };
    const hear = (name, data) => {
      if (name === "GUILD_MEMBERS_CHUNK" && asked.delete(data.nonce) && asked.size === 0) end();
    };
    const timer = setTimeout(end, LONGEST_SEARCH_MS);
    session.listeners.add(hear);
  });
}

const watched = new Map();

/** Asks a large server to tell of some members' presences from now on. */
export function watchPresences(serverID, userIDs) {
  const already = watched.get(serverID) ?? new Set();
  watched.set(serverID, already);
  const wanted = userIDs.filter((id) => !already.has(id)).slice(0, LARGEST_REQUEST);
  if (wanted.length === 0) return;
  if (requestMembers({ server_id: serverID, user_ids: wanted, presences: true })) {
    wanted.forEach((id) => already.add(id));
  }
}

session.listeners.add((name) => {
  // A new connection watches nobody yet.
  if (name === "READY" || name === "RESUMED") watched.clear();
});

/** Waits until the connection has told of a server that one made or joined. */
export const whenServerIsKnown = (serverID) =>
  new Promise((resolve) => {
    if (store.state.servers.has(serverID)) return resolve();
    const stop = store.watch(["servers"], () => {
      if (!store.state.servers.has(serverID)) return;
      stop();
      resolve();
    });
  });

const asked = new Set();

/** Asks for members who were seen and are not known: in a large server only the first ones are loaded. */
export function learnMembers(serverID, userIDs) {
  const known = store.state.members.get(serverID);
  if (!known || known.isComplete) return;
  const unknown = [...new Set(userIDs)].filter((id) => !known.byID.has(id) && !asked.has(`${serverID}:${id}`)).slice(
    0,
    LARGEST_REQUEST,
  );
  if (
    unknown.length === 0 ||
    !requestMembers({ server_id: serverID, user_ids: unknown, presences: true })
  ) return;
  unknown.forEach((id) => asked.add(`${serverID}:${id}`));
}

export async function loadThreads(channelID, archived = false) {
  const asked = store.state.told;
  const threads = await api.get(`/channels/${channelID}/threads`, { archived: archived ? "true" : null, limit: 100 });
  store.apply("CHANNELS", { channels: threads, asked });
  return threads;
}

/** A channel by its id, loaded if it is not known. */
export async function findChannel(channelID) {
  const known = store.state.channels.get(channelID);
  if (known) return known;
  const asked = store.state.told;
  const channel = await api.get(`/channels/${channelID}`);
  store.apply("CHANNELS", { channels: [channel], asked });
  return channel;
}

/** Makes known where messages from anywhere stand: threads, above all, are not known from the beginning. */
export const learnPlaces = (messages) =>
  Promise.all([...new Set(messages.map((message) => message.channel_id))].map((id) => findChannel(id).catch(() => {})));

/** The conversation with somebody, opened if there is none. */
export async function openConversation(userID) {
  const channel = await api.post("/users/@me/channels", { recipient_id: userID });
  store.apply("CHANNEL_CREATE", channel);
  return channel;
}

const MOST_THREADS = 50;

/** No READY names threads: those in which something is unread are asked for, so that they stand in the list. */
async function learnUnreadThreads() {
  const { channels, readStates } = store.state;
  const unknown = [...readStates].filter(([id, { unread }]) => unread > 0 && !channels.has(id)).slice(0, MOST_THREADS);
  await learnPlaces(unknown.map(([id]) => ({ channel_id: id })));
}

session.listeners.add((name, data) => {
  const isUnknown = name === "MESSAGE_CREATE" && store.state.readStates.get(data.channel_id)?.unread > 0 &&
    !store.state.channels.has(data.channel_id);
  if (name === "READY" || isUnknown) learnUnreadThreads();
});

const COUNT_AFTER_MS = 800;
let counting = null;

/** Has the server count what is unread, where adding up events would not do. */
session.listeners.add((name, data) => {
  if (!mustCountAnew(store.state, name, data)) return;
  clearTimeout(counting);
  counting = setTimeout(async () => {
    try {
      const before = new Map(store.state.readStates);
      store.apply("UNREAD", { ...(await api.get("/users/@me/unread")), before });
      await learnUnreadThreads();
    } catch {
      // The next event counts again.
    }
  }, COUNT_AFTER_MS);
});
