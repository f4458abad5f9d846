// Who is in voice channels, and the call that this page is in.

import { tell } from "./told.js";

export const initial = () => ({
  /** channel id → Map(user id → a state as the API gives it), in the order in which they came. */
  voices: new Map(),
  /**
   * The call of this page; null for none. `channelID`; `status`: `connecting`, `connected` or `failed`, then with a `reason`;
   * `isMuted`, `isDeafened`, `hasVideo`, `isStreaming`: what one does; `isPushToTalk`; `microphone`: why there is none;
   * `trouble`: what of a camera or screen is not as one wanted it; `isInterrupted`; `isSoundHeld`: the browser plays nothing yet;
   * `mode`: `mesh` or `sfu`; `quality`: as it was measured last (call/quality.js).
   */
  call: null,
  /** Who speaks at the moment, in that call: ids of users. */
  speaking: new Set(),
});

export const events = {
  READY(state, { servers }) {
    state.voices = new Map();
    for (const { voice_states } of servers) for (const voice of voice_states ?? []) keep(state, voice);
    return ["voices"];
  },
  GUILD_CREATE(state, { voice_states }) {
    for (const voice of voice_states ?? []) keep(state, voice);
    return ["voices"];
  },
  GUILD_DELETE(state, { id }) {
    for (const [channel, people] of state.voices) {
      if ([...people.values()].some((voice) => voice.server_id === id)) state.voices.delete(channel);
    }
    return ["voices"];
  },
  CHANNEL_DELETE(state, { id }) {
    return state.voices.delete(id) ? ["voices"] : [];
  },
  VOICE_STATE_UPDATE(state, voice) {
    for (const [channel, people] of state.voices) {
      if (people.get(voice.user_id)?.server_id !== voice.server_id || channel === voice.channel_id) continue;
      people.delete(voice.user_id);
      tell(state, `voices:${channel}`);
      if (people.size === 0) state.voices.delete(channel);
    }
    if (voice.channel_id) {
      keep(state, voice);
      tell(state, `voices:${voice.channel_id}`);
    }
    return ["voices"];
  },
  /** Who is in a channel, as it was asked for. */
  VOICE_STATES(state, { channel_id, states }) {
    state.voices.delete(channel_id);
    for (const voice of states) keep(state, voice);
    return ["voices"];
  },
  /** The call of this page changes. */
  CALL(state, change) {
    if (change && state.call && Object.keys(change).every((key) => state.call[key] === change[key])) return [];
    state.call = change && { ...state.call, ...change };
    if (!change) state.speaking = new Set();
    return ["call"];
  },
  CALL_SOUND_HELD(state, isSoundHeld) {
    if (!state.call || state.call.isSoundHeld === isSoundHeld) return [];
    state.call = { ...state.call, isSoundHeld };
    return ["call"];
  },
  SPEAKING(state, { user_id, isSpeaking }) {
    if (state.speaking.has(user_id) === isSpeaking) return [];
    if (isSpeaking) state.speaking.add(user_id);
    else state.speaking.delete(user_id);
    return ["speaking"];
  },
};

function keep(state, voice) {
  if (!state.voices.has(voice.channel_id)) state.voices.set(voice.channel_id, new Map());
  state.voices.get(voice.channel_id).set(voice.user_id, voice);
}

/** Those who are in a channel. */
export const voicesIn = (state, channelID) => [...(state.voices.get(channelID)?.values() ?? [])];

/** Whether those are brought to a channel who are away, so that nobody is heard there. */
export const isForAway = (state, channel) => state.servers.get(channel.server_id)?.afk_channel_id === channel.id;
