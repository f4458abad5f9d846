import * as channels from "./channels.js";
import * as client from "./client.js";
import * as messages from "./messages.js";
import * as notificationSettings from "./notification-settings.js";
import * as people from "./people.js";
import * as servers from "./servers.js";
import * as soundboard from "./soundboard.js";
import * as told from "./told.js";
import * as unread from "./unread.js";
import * as voices from "./voices.js";

// Each part has a first state and the events that change it. An event may concern several parts; they are asked in this
// order, each returns the topics that it changed.
const parts = [client, told, servers, channels, people, messages, notificationSettings, unread, voices, soundboard];

export const emptyState = () => Object.assign({}, ...parts.map((part) => part.initial()));

export const reducers = Object.create(null);
for (const part of parts) {
  for (const [event, reduce] of Object.entries(part.events ?? {})) {
    const before = reducers[event];
    reducers[event] = before
      ? (state, data) => [...(before(state, data) ?? []), ...(reduce(state, data) ?? [])]
      : reduce;
  }
}
