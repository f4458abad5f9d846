// What was begun and not sent, in each channel. Written at once, so that a crash of the browser costs nothing.

import { store } from "../store/store.js";

const key = () => `aviary.drafts.${store.state.session?.userID}`;

function readAll() {
  try {
    return JSON.parse(localStorage.getItem(key())) ?? {};
  } catch {
    return {};
  }
}

/** `{text, replyTo}`; the text is empty where nothing was begun. */
export const readDraft = (channelID) => readAll()[channelID] ?? { text: "", replyTo: null };

export const hasDraft = (channelID) => Boolean(readAll()[channelID]?.text);

export function writeDraft(channelID, draft) {
  if (!store.state.session) return;
  const drafts = readAll();
  const before = Boolean(drafts[channelID]?.text);
  if (draft.text || draft.replyTo) drafts[channelID] = draft;
  else delete drafts[channelID];
  try {
    localStorage.setItem(key(), JSON.stringify(drafts));
  } catch {
    // The browser's space is full; the text stays in the page.
  }
  if (before !== Boolean(draft.text)) store.touch("drafts");
}
