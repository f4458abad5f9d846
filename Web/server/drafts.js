// What was begun and not sent, in each channel. Written at once, so that a crash of the browser costs nothing.

import { local } from "../kernel/local.js";
import { store } from "../store/store.js";

const key = () => `aviary.drafts.${store.state.session?.userID}`;

function readAll() {
  try {
    return JSON.parse(local.get(key())) ?? {};
  } catch {
    return {};
  }
}

/**
 * `{text, replyTo, files, departing, poll}`, the files by their keys (uploads.js), the poll as it is sent; the text is empty
 * where nothing was begun.
 * What departs was sent, and waits for its files a moment longer.
 */
export const readDraft = (channelID) => ({
  text: "",
  replyTo: null,
  files: [],
  departing: [],
  poll: null,
  ...readAll()[channelID],
});

const hasContent = (draft) =>
  Boolean(draft?.text || draft?.poll) || draft?.files?.length > 0 || draft?.departing?.length > 0;

export const hasDraft = (channelID) => hasContent(readAll()[channelID]);

/** The channels in which a text was begun. */
export const draftChannels = () =>
  Object.entries(readAll()).filter(([key, draft]) => key !== EDITS && hasContent(draft)).map(([channelID]) =>
    channelID
  );

/** How many texts and changes of messages were begun. */
export const countDrafts = () => draftChannels().length + readEdits().length;

/** Nothing can be written in a channel any more. Returns what was begun there. */
export function endDraft(channelID) {
  const draft = readDraft(channelID);
  writeDraft(channelID, {});
  return draft;
}

export function writeDraft(channelID, draft) {
  if (!store.state.session) return;
  const drafts = readAll();
  const before = hasContent(drafts[channelID]);
  if (hasContent(draft) || draft.replyTo) drafts[channelID] = draft;
  else delete drafts[channelID];
  writeAll(drafts);
  if (before !== hasContent(draft)) store.touch("drafts");
}

/** A draft where one goes on with it, with what a page that is gone could not send any more. */
export function resumeDraft(channelID) {
  const draft = readDraft(channelID);
  if (draft.departing.length > 0) {
    writeDraft(channelID, { ...draft, departing: [] });
    for (const message of draft.departing.toReversed()) returnToDraft(channelID, message);
  }
  return readDraft(channelID);
}

/** Puts what was not sent back before what was written since. */
export function returnToDraft(channelID, { text, replyTo, files = [], poll = null }) {
  const draft = readDraft(channelID);
  writeDraft(channelID, {
    ...draft,
    text: [text, draft.text].filter(Boolean).join("\n"),
    replyTo: draft.replyTo ?? replyTo,
    files: [...draft.files, ...files],
    poll: draft.poll ?? poll,
  });
  store.touch(`draft:${channelID}`);
}

const writeAll = (drafts) => local.set(key(), JSON.stringify(drafts));

// MARK: Edits

const MOST_EDITS = 20;
const EDITS = "edits";

const readEdits = () => readAll()[EDITS] ?? [];

/** The text of a message whose change was begun; null where it was not. */
export const readEdit = (messageID) => readEdits().find((edit) => edit.id === messageID)?.text ?? null;

/** The messages of a channel whose changes were begun, the last one at the end. */
export const editedIn = (channelID) =>
  readEdits().filter((edit) => edit.channelID === channelID).map((edit) => edit.id);

/** Keeps the begun change of a message; with null it is over. */
export function writeEdit(message, text) {
  const others = readEdits().filter((edit) => edit.id !== message.id);
  const begun = text === null ? others : [...others, { id: message.id, channelID: message.channel_id, text }];
  writeAll({ ...readAll(), [EDITS]: begun.slice(-MOST_EDITS) });
}

/** The changes of messages that are gone are over. Returns those: `{id, channelID, text}`. */
export function endEdits(messageIDs) {
  const edits = readEdits();
  const over = edits.filter((edit) => messageIDs.includes(edit.id));
  if (over.length > 0) writeAll({ ...readAll(), [EDITS]: edits.filter((edit) => !over.includes(edit)) });
  return over;
}

/** Nothing answers the messages that are gone. */
export function endReplies(messageIDs) {
  const drafts = readAll();
  const over = Object.values(drafts).filter((draft) => messageIDs.includes(draft.replyTo?.id));
  for (const draft of over) draft.replyTo = null;
  if (over.length > 0) writeAll(drafts);
}

/** Puts a text into the field of a channel, below what is written there. */
export function addToDraft(channelID, text) {
  const draft = readDraft(channelID);
  writeDraft(channelID, { ...draft, text: [draft.text, text].filter(Boolean).join("\n") });
  store.touch(`draft:${channelID}`);
}
