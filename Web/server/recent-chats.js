// Where one was last, the same on all of one's devices.

import { store } from "../store/store.js";
import { api } from "./api.js";

/** Whoever only passes by was not there. */
const STAYS_AFTER_MS = 3000;

let timer = null;
let last = null;

/** Tells the server in which channel one is, once one has stayed for a moment. */
export function noteChat(channelID) {
  clearTimeout(timer);
  if (!channelID || channelID === last) return;
  timer = setTimeout(() => {
    last = channelID;
    // It is no loss where it can't be told.
    if (store.state.session) api.put("/users/@me/last-chat", { channel_id: channelID }).catch(() => {});
  }, STAYS_AFTER_MS);
}

/** The ids of the channels in which one was, the last first. */
export const recentChats = async (limit) =>
  (await api.get("/users/@me/recent-chats", { limit })).recent_chats.map((chat) => chat.channel_id);
