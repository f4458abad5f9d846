// Whoever came into sight of a channel was not told who is in it, and asks.

import { store } from "../store/store.js";
import { isOutdated } from "../store/told.js";
import { api } from "../server/api.js";

const MOST_TRIES = 3;

/** What is told meanwhile is newer: then it is asked again. */
export async function learnVoices(channelID) {
  try {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const asked = store.state.told;
      const states = await api.get(`/channels/${channelID}/voice-states`);
      if (isOutdated(store.state, `voices:${channelID}`, asked)) continue;
      return store.apply("VOICE_STATES", { channel_id: channelID, states });
    }
  } catch {
    // What is known is shown, and who is not known is not heard.
  }
}
