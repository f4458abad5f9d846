// Channels for adults only. What is said there is hidden, also in searches and notifications, until one has asked for it:
// once for each channel and device.

import { local } from "../kernel/local.js";
import { store } from "./store.js";

const key = () => `aviary.adults.${store.state.session?.userID}`;

function shownChannels() {
  try {
    return JSON.parse(local.get(key())) ?? [];
  } catch {
    return [];
  }
}

/** The channel that a thread belongs to, or the channel itself. */
export const placeOf = (state, channel) => state.channels.get(channel?.thread?.parent_id) ?? channel;

export const isForAdults = (state, channel) => Boolean(placeOf(state, channel)?.nsfw);

export const isKeptBack = (state, channel) =>
  isForAdults(state, channel) && !shownChannels().includes(placeOf(state, channel).id);

/** Shows a channel and its threads from now on. */
export function showForAdults(channel) {
  const place = placeOf(store.state, channel);
  local.set(key(), JSON.stringify([...new Set([...shownChannels(), place.id])]));
  store.touch("adults");
}
