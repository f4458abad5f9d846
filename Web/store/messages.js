import { compareIDs } from "../kernel/snowflake.js";

// The messages of the channels that were looked at. Of each channel there is one window without gaps, never longer than
// `LONGEST_WINDOW`: what scrolls out at one end is forgotten, so that a channel of any length takes the same memory.

export const LONGEST_WINDOW = 150;

export const initial = () => ({
  /** channel id → {items (oldest first), hasOlder, hasNewer, isLoading, error, missed}. */
  messages: new Map(),
});

const emptyWindow = () => ({
  items: [],
  hasOlder: true,
  hasNewer: false,
  isLoaded: false,
  isLoading: false,
  error: null,
  /** What happened while a page was on its way: the page may be older than that. */
  missed: [],
});

export const events = {
  READY(state) {
    // What was missed is in no replay. The windows are loaded again when they are shown.
    const known = [...state.messages.keys()];
    state.messages = new Map();
    return known.map((id) => `messages:${id}`);
  },
  MESSAGES_LOADING(state, { channel_id }) {
    const old = state.messages.get(channel_id) ?? emptyWindow();
    state.messages.set(channel_id, { ...old, isLoading: true, error: null, missed: [] });
    return [`messages:${channel_id}`];
  },
  MESSAGES_FAILED(state, { channel_id, error }) {
    const old = state.messages.get(channel_id);
    if (!old) return [];
    state.messages.set(channel_id, { ...old, isLoading: false, error, missed: [] });
    return [`messages:${channel_id}`];
  },
  /** What was there at the last visit, until the newest messages come. */
  MESSAGES_KEPT(state, { channel_id, messages }) {
    const old = state.messages.get(channel_id);
    if (!old || old.isLoaded) return [];
    state.messages.set(channel_id, { ...old, items: messages, isLoaded: true, hasOlder: true, hasNewer: false });
    return [`messages:${channel_id}`];
  },
  /**
   * A page came. `side`: `latest`, `around` (both replace the window), `older` or `newer` (they lengthen it). Messages
   * oldest first.
   */
  MESSAGES_LOADED(state, { channel_id, side, messages, hasOlder, hasNewer }) {
    const old = state.messages.get(channel_id);
    // The window was let go of meanwhile, and with it what has happened since.
    if (!old) return [];
    let next = { ...old, isLoading: false, isLoaded: true, error: null, missed: [] };
    if (side === "older") next = { ...next, ...shorten([...messages, ...old.items], "end", hasOlder, old.hasNewer) };
    else if (side === "newer") {
      next = { ...next, ...shorten([...old.items, ...messages], "start", old.hasOlder, hasNewer) };
    } else next = { ...next, items: messages, hasOlder, hasNewer };
    next.items = distinct(next.items);
    state.messages.set(channel_id, next);
    for (const [event, data] of old.missed) events[event](state, data);
    return [`messages:${channel_id}`];
  },
  /** A channel is no longer shown: its newest messages are enough to begin with when it is opened again. */
  MESSAGES_LEFT(state, { channel_id }) {
    const old = state.messages.get(channel_id);
    if (!old) return [];
    if (old.hasNewer) state.messages.delete(channel_id);
    else if (old.items.length > 60) {
      state.messages.set(channel_id, { ...old, items: old.items.slice(-50), hasOlder: true });
    }
    return [];
  },
  MESSAGE_CREATE(state, message) {
    return change(state, "MESSAGE_CREATE", message, message.channel_id, (old) => {
      if (old.hasNewer || old.items.some((item) => item.id === message.id)) return old;
      const items = insert(old.items, message);
      // Who reads far up keeps their place; only what is far above it is let go of.
      return items.length > LONGEST_WINDOW * 2
        ? { ...old, ...shorten(items, "start", old.hasOlder, old.hasNewer) }
        : { ...old, items };
    });
  },
  MESSAGE_UPDATE(state, message) {
    return change(state, "MESSAGE_UPDATE", message, message.channel_id, (old) =>
      replace(old, message.id, (item) => ({
        ...message,
        reactions: message.reactions.map((reaction) => ({
          ...reaction,
          me: reaction.me ?? item.reactions.find((other) => other.emoji === reaction.emoji)?.me ?? false,
        })),
        poll: message.poll ? withOwnVotes(message.poll, item.poll) : null,
      })));
  },
  MESSAGE_DELETE(state, { id, channel_id }) {
    return change(state, "MESSAGE_DELETE", { id, channel_id }, channel_id, (old) => ({
      ...old,
      items: old.items.filter((item) => item.id !== id),
    }));
  },
  MESSAGE_DELETE_BULK(state, { ids, channel_id }) {
    const gone = new Set(ids);
    return change(state, "MESSAGE_DELETE_BULK", { ids, channel_id }, channel_id, (old) => ({
      ...old,
      items: old.items.filter((item) => !gone.has(item.id)),
    }));
  },
  MESSAGE_REACTION_ADD: (state, event) =>
    react(state, "MESSAGE_REACTION_ADD", event, (reactions, isOwn) => {
      const found = reactions.find((item) => item.emoji === event.emoji);
      if (!found) return [...reactions, { emoji: event.emoji, count: 1, me: isOwn }];
      // One's own was shown already when the button was pressed.
      if (isOwn && found.me) return reactions;
      return reactions.map((item) => item === found ? { ...item, count: item.count + 1, me: item.me || isOwn } : item);
    }),
  MESSAGE_REACTION_REMOVE: (state, event) =>
    react(state, "MESSAGE_REACTION_REMOVE", event, (reactions, isOwn) => {
      const found = reactions.find((item) => item.emoji === event.emoji);
      if (!found || (isOwn && !found.me)) return reactions;
      return reactions
        .map((item) => (item === found ? { ...item, count: item.count - 1, me: item.me && !isOwn } : item))
        .filter((item) => item.count > 0);
    }),
  MESSAGE_REACTION_REMOVE_ALL: (state, event) => react(state, "MESSAGE_REACTION_REMOVE_ALL", event, () => []),
  POLL_UPDATE(state, { poll }) {
    return change(
      state,
      "POLL_UPDATE",
      { poll },
      poll.channel_id,
      (old) => replace(old, poll.message_id, (item) => ({ ...item, poll: withOwnVotes(poll, item.poll) })),
    );
  },
  /** What has become of a message of one's own. */
  MESSAGE_RECEIPTS: (state, { id, channel_id, read_count, delivery_count }) =>
    change(
      state,
      "MESSAGE_RECEIPTS",
      { id, channel_id, read_count, delivery_count },
      channel_id,
      (old) => replace(old, id, (item) => ({ ...item, read_count, delivery_count })),
    ),
  THREAD_CREATE(state, thread) {
    const { message_id, parent_id } = thread.thread ?? {};
    if (!message_id) return [];
    return change(
      state,
      "THREAD_CREATE",
      thread,
      parent_id,
      (old) => replace(old, message_id, (item) => ({ ...item, thread_id: thread.id })),
    );
  },
};

/** Changes a window; an event that comes while a page is on its way is applied once more when the page is there. */
function change(state, event, data, channelID, make) {
  const old = state.messages.get(channelID);
  if (!old) return [];
  const next = make(old);
  if (old.isLoading) next.missed = [...old.missed, [event, data]];
  state.messages.set(channelID, next === old ? { ...next } : next);
  return [`messages:${channelID}`];
}

function replace(window, id, make) {
  const index = window.items.findIndex((item) => item.id === id);
  if (index < 0) return window;
  const items = [...window.items];
  items[index] = make(items[index]);
  return { ...window, items };
}

function react(state, name, event, make) {
  const isOwn = event.user_id !== undefined && event.user_id === state.me?.id;
  return change(
    state,
    name,
    event,
    event.channel_id,
    (old) => replace(old, event.message_id, (item) => ({ ...item, reactions: make(item.reactions, isOwn) })),
  );
}

/**
 * Events say nothing of one's own votes, because they say the same to everyone; and nothing of votes that are told to those
 * who have voted alone, which one keeps until one asks again.
 */
function withOwnVotes(poll, old) {
  const known = poll.total_votes === null && old?.options.some((option) => option.me) ? old : null;
  const options = poll.options.map((option) => {
    const before = old?.options.find((other) => other.id === option.id);
    const isOfEvent = option.me === null;
    return {
      ...option,
      me: option.me ?? before?.me ?? false,
      votes: isOfEvent && known ? before?.votes ?? null : option.votes,
    };
  });
  const isOfEvent = poll.options.some((option) => option.me === null);
  return { ...poll, options, total_votes: isOfEvent && known ? known.total_votes : poll.total_votes };
}

function insert(items, message) {
  const last = items.at(-1);
  if (!last || compareIDs(message.id, last.id) > 0) return [...items, message];
  return [...items, message].sort((a, b) => compareIDs(a.id, b.id));
}

/** Lets go of what is too much at one end. */
function shorten(items, end, hasOlder, hasNewer) {
  if (items.length <= LONGEST_WINDOW) return { items, hasOlder, hasNewer };
  return end === "end"
    ? { items: items.slice(0, LONGEST_WINDOW), hasOlder, hasNewer: true }
    : { items: items.slice(-LONGEST_WINDOW), hasOlder: true, hasNewer };
}

function distinct(items) {
  const byID = new Map(items.map((item) => [item.id, item]));
  return byID.size === items.length ? items : [...byID.values()].sort((a, b) => compareIDs(a.id, b.id));
}
