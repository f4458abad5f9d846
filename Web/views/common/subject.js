// What a window or menu is about: it ends with it.

import { session } from "../../server/session.js";
import { deletedBy } from "../../store/message-list.js";
import { store } from "../../store/store.js";

export const serverSubject = (id) => ({
  topics: ["servers", `server:${id}`],
  isThere: () => store.state.servers.has(id),
});

export const channelSubject = (id) => ({
  topics: ["servers", `channel:${id}`],
  isThere: () => store.state.channels.has(id),
});

export const messageSubject = ({ id, channel_id }) => ({
  topics: [`messages:${channel_id}`],
  isThere: () => store.state.messages.get(channel_id)?.items.some((item) => item.id === id),
});

/** Ends something as soon as what it is about is not there any more. Returns what ends the waiting. */
export const endWith = (subject, end) => store.watch(subject.topics, () => subject.isThere() || end());

/**
 * What happens to a message that one acts upon, wherever it is: it is changed, it or its channel ends, other channels come
 * and go. Returns what ends the listening.
 */
export function followMessage({ id, channel_id }, { onchange, onplaces, onend }) {
  const hear = (name, data) => {
    if (name === "MESSAGE_UPDATE" && data.id === id) onchange(data);
    if (deletedBy(name, data).includes(id) || !store.state.channels.has(channel_id)) onend();
    else if (/^(?:CHANNEL|THREAD|GUILD)_/.test(name)) onplaces();
  };
  session.listeners.add(hear);
  return () => session.listeners.delete(hear);
}
