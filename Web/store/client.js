// What concerns this client itself: where it is, whether it is connected, who is logged in, what the person has set.

export const initial = () => ({
  route: { name: "home" },
  /** `connecting`, `online`, `waiting` (until `retryAt`), `offline`, `maintenance`, `full` or `outdated`. */
  connection: { status: "connecting" },
  /** Nil while nobody is logged in. */
  session: null,
  capabilities: null,
  /** One that is announced or running: {message, isRunning, beginsAt, endsAt}, in milliseconds; nil when there is none. */
  maintenance: null,
  me: null,
  /** Whether what is shown came from the server or from the last visit. */
  isReady: false,
  /** Today. What says "yesterday" is drawn anew when it changes. */
  day: today(),
  settings: {},
  /** Which panel stands beside the messages: `members`, `pins`, `search`, `threads`, `thread` or none. */
  panel: { name: null },
  /** Messages on their way, oldest first. */
  outbox: [],
  /** Files on their way, by key (server/uploads.js); those without `nonce` belong to the message that is being written. */
  uploads: new Map(),
  /** `missed`: what happened to them while they are being loaded, else null. */
  notifications: { items: [], unread: 0, isLoaded: false, missed: null },
});

export const events = {
  ROUTE(state, route) {
    state.route = route;
    return ["route"];
  },
  CONNECTION(state, connection) {
    state.connection = connection;
    return ["connection"];
  },
  SESSION(state, session) {
    state.session = session;
    return ["session"];
  },
  /** What was there at the last visit. */
  KEPT(state, kept) {
    Object.assign(state, kept, { isReady: true });
    return ["me", "servers", "private", "relationships", "unread", "settings"];
  },
  CAPABILITIES(state, capabilities) {
    state.capabilities = capabilities;
    return ["capabilities"];
  },
  MAINTENANCE(state, maintenance) {
    if (!maintenance && !state.maintenance) return [];
    state.maintenance = maintenance;
    return ["maintenance"];
  },
  TICK(state) {
    const day = today();
    if (state.day === day) return [];
    state.day = day;
    return ["day"];
  },
  PANEL(state, panel) {
    state.panel = panel;
    return ["panel"];
  },
  OUTBOX(state, outbox) {
    const channels = new Set([...state.outbox, ...outbox].map((item) => item.channel_id));
    state.outbox = outbox.filter((item) => !isHere(state, item));
    return ["outbox", ...[...channels].map((id) => `messages:${id}`)];
  },
  /** A message that has come through waits no longer, also when the answer to its sending is slow or lost. */
  MESSAGE_CREATE: (state, message) => arrived(state, [message]),
  MESSAGES_LOADED: (state, { messages }) => arrived(state, messages),
  UPLOAD(state, upload) {
    state.uploads.set(upload.key, upload);
    return [`upload:${upload.key}`, `files:${upload.channelID}`];
  },
  UPLOAD_GONE(state, { key, channelID }) {
    state.uploads.delete(key);
    return [`upload:${key}`, `files:${channelID}`];
  },
  READY(state, ready) {
    state.me = ready.user;
    state.settings = ready.settings;
    state.isReady = true;
    return ["me", "settings", "session"];
  },
  /** Of the person's own account all is told; of others only who they are. */
  USER_UPDATE(state, user) {
    if (state.me && user.id !== state.me.id) return [];
    state.me = user;
    return ["me"];
  },
  USER_SETTINGS_UPDATE(state, { settings, deleted }) {
    const values = { ...state.settings, ...settings };
    for (const key of deleted ?? []) delete values[key];
    state.settings = values;
    return ["settings"];
  },
  NOTIFICATIONS_LOADING(state) {
    state.notifications = { ...state.notifications, missed: [] };
    return [];
  },
  NOTIFICATIONS_FAILED(state) {
    state.notifications = { ...state.notifications, missed: null };
    return [];
  },
  /** The list is older than what happened while it came. */
  NOTIFICATIONS(state, items) {
    const { missed } = state.notifications;
    state.notifications = { ...state.notifications, isLoaded: true, missed: null };
    keep(state, items);
    for (const [name, data] of missed ?? []) events[name](state, data);
    return ["notifications"];
  },
  NOTIFICATION_CREATE(state, item) {
    state.notifications.missed?.push(["NOTIFICATION_CREATE", item]);
    return keep(state, [item, ...without(state, item.id)]);
  },
  NOTIFICATION_UPDATE(state, item) {
    state.notifications.missed?.push(["NOTIFICATION_UPDATE", item]);
    return keep(state, state.notifications.items.map((other) => (other.id === item.id ? item : other)));
  },
  NOTIFICATION_DELETE(state, { id }) {
    state.notifications.missed?.push(["NOTIFICATION_DELETE", { id }]);
    return keep(state, without(state, id));
  },
};

function today() {
  return new Date(Date.now()).toDateString();
}

/** Whether the message that an item of the outbox has become is shown. */
const isHere = (state, { channel_id, nonce }) =>
  state.messages.get(channel_id)?.items.some((message) =>
    message.nonce === nonce && message.author_id === state.me?.id
  );

function arrived(state, messages) {
  if (state.outbox.length === 0) return [];
  const nonces = new Set(messages.filter((item) => item.author_id === state.me?.id).map((item) => item.nonce));
  const waiting = state.outbox.filter((item) => !nonces.has(item.nonce));
  return waiting.length < state.outbox.length ? events.OUTBOX(state, waiting) : [];
}

const LONGEST_LIST = 100;

const without = (state, id) => state.notifications.items.filter((item) => item.id !== id);

function keep(state, items) {
  const kept = items.slice(0, LONGEST_LIST);
  state.notifications = { ...state.notifications, items: kept, unread: kept.filter((item) => !item.read).length };
  return ["notifications"];
}
