// The sounds of servers, as far as they were asked for, and who plays one at the moment.

import { tell } from "./told.js";

/** Under this stands what every soundboard has. */
export const EVERYWHERE = "everywhere";

export const initial = () => ({
  /** server id → its sounds as the API gives them; `EVERYWHERE` → those that every soundboard has. */
  sounds: new Map(),
  /** user id → the sound that they play in the call of this page. */
  sounding: new Map(),
});

export const events = {
  /** What was missed is asked for again by whoever shows it. */
  READY(state) {
    state.sounds.clear();
    return ["sounds"];
  },
  GUILD_DELETE(state, { id }) {
    return state.sounds.delete(id) ? ["sounds"] : [];
  },
  GUILD_SOUNDBOARD_UPDATE(state, { server_id, sounds }) {
    tell(state, `sounds:${server_id}`);
    // Nobody has asked for those of other servers.
    if (!state.sounds.has(server_id)) return [];
    state.sounds.set(server_id, sounds);
    return ["sounds"];
  },
  /** The sounds of a server, as they were asked for. */
  SOUNDS(state, { server_id, sounds }) {
    state.sounds.set(server_id, sounds);
    return ["sounds"];
  },
  /** Somebody plays a sound, or it has ended (null). */
  SOUNDING(state, { user_id, sound }) {
    if (sound) state.sounding.set(user_id, sound);
    else state.sounding.delete(user_id);
    return ["sounding"];
  },
};

/** A sound that may be played in a server, as far as it is known. */
export const soundOf = (state, serverID, soundID) =>
  [...(state.sounds.get(serverID) ?? []), ...(state.sounds.get(EVERYWHERE) ?? [])].find(({ id }) => id === soundID);
