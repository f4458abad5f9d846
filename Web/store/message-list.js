// Messages that were asked for and stand beside the channel: pins, search hits, bookmarks.

/**
 * What an event makes of such messages; the same list when it changes nothing of them. What was deleted is gone, what was
 * edited reads as it does now.
 */
export function afterEvent(messages, name, data) {
  const gone = { MESSAGE_DELETE: [data?.id], MESSAGE_DELETE_BULK: data?.ids }[name];
  if (gone) {
    const left = messages.filter(({ id }) => !gone.includes(id));
    return left.length < messages.length ? left : messages;
  }
  if (name !== "MESSAGE_UPDATE" || !messages.some(({ id }) => id === data.id)) return messages;
  return messages.map((message) => message.id === data.id ? { ...message, ...data } : message);
}

/** What a view does at each of these events: it is given the change that it makes of messages. */
export const messageEvents = (change) =>
  Object.fromEntries(
    ["MESSAGE_UPDATE", "MESSAGE_DELETE", "MESSAGE_DELETE_BULK"].map((name) => [
      name,
      (data) => change((messages) => afterEvent(messages, name, data)),
    ]),
  );

/** The ids of the messages that an event of the gateway says are gone. */
export function deletedBy(name, data) {
  if (name === "MESSAGE_DELETE") return [data.id];
  return name === "MESSAGE_DELETE_BULK" ? data.ids : [];
}
