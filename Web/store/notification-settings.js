// What the person wants to be told of (docs/notifications.md). It is kept by the server, which holds to it with pushes and mails.

/** Muted without an end: the last second of the year 9999. */
export const FOREVER = 253_402_300_799;

const NOTHING = { level: null, muted_until: null, suppress_everyone: null, suppress_roles: null, push: null };

export const initial = () => ({
  notificationSettings: {
    email: "off",
    digest_hour: 8,
    push_preview: "full",
    quiet_hours: null,
    servers: {},
    channels: {},
  },
});

/** What is muted, and what speaks to one, changes what counts. */
const TOPICS = ["settings", "unread"];

export const events = {
  READY(state, ready) {
    if (ready.notification_settings) state.notificationSettings = ready.notification_settings;
    return TOPICS;
  },
  USER_SETTINGS_UPDATE(state, { settings }) {
    if (!settings.notifications) return [];
    state.notificationSettings = JSON.parse(settings.notifications);
    return TOPICS;
  },
  NOTIFICATION_SETTINGS(state, values) {
    state.notificationSettings = { ...state.notificationSettings, ...values };
    return TOPICS;
  },
  NOTIFICATION_PLACE(state, { kind, id, wishes }) {
    const old = state.notificationSettings;
    state.notificationSettings = { ...old, [kind]: { ...old[kind], [id]: wishes } };
    return TOPICS;
  },
};

/** What was said of a place itself. */
export const placeWishes = (state, kind, id) => ({ ...NOTHING, ...state.notificationSettings[kind][id] });

/**
 * How much one wants to hear of a channel: `{isMuted, level, suppressesEveryone, suppressesRoles, pushes}`. A thread's own
 * wishes count before those of its channel, these before those of the category, and these before those of the server.
 */
export function attention(state, channel) {
  const { channels, servers } = state.notificationSettings;
  const parent = channel.thread && state.channels.get(channel.thread.parent_id);
  const category = (parent ?? channel).category_id;
  const wishes = [
    channels[channel.id],
    channels[channel.thread?.parent_id],
    channels[category],
    servers[channel.server_id],
  ].filter(Boolean);
  const wish = (name) => wishes.map((one) => one[name]).find((value) => value !== undefined && value !== null);
  return {
    isMuted: wishes.some((one) => isMutedBy(one)),
    level: wish("level") ?? (channel.server_id ? "mentions" : "all"),
    suppressesEveryone: wish("suppress_everyone") ?? false,
    suppressesRoles: wish("suppress_roles") ?? false,
    pushes: wish("push") ?? true,
  };
}

export const isMutedBy = ({ muted_until } = {}) => Boolean(muted_until) && muted_until * 1000 > Date.now();
