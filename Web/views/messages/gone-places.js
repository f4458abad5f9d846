// What was written for a channel that is gone can be sent from nowhere. It is said once, and can be copied.

import { load } from "../../kernel/parts.js";
import { api } from "../../server/api.js";
import { draftChannels, endDraft } from "../../server/drafts.js";
import { session } from "../../server/session.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { copyText } from "../common/copy.js";
import { notify } from "../common/dialog.js";

const MOST_ASKED = 20;
const ENDS = new Set(["CHANNEL_DELETE", "THREAD_DELETE", "GUILD_DELETE", "READY"]);

/** Hears of the gateway what ends. Nobody tells what has ended while one was away. */
export function hearOfGonePlaces(name) {
  if (ENDS.has(name)) handBack();
}

/** What is on its way learns of it by a refusal. */
export function lookForGonePlaces() {
  if (store.state.outbox.some((item) => item.state === "failed" && !store.state.channels.has(item.channel_id))) {
    handBack();
  }
}

let isAsking = false;

async function handBack() {
  if (isAsking) return;
  isAsking = true;
  try {
    const wanted = new Set([...draftChannels(), ...store.state.outbox.map((item) => item.channel_id)]);
    const unknown = [...wanted].filter((id) => !store.state.channels.has(id)).slice(0, MOST_ASKED);
    for (const id of unknown) if (await isGone(id)) await end(id);
  } finally {
    isAsking = false;
  }
}

/** Threads are known only where one was. */
async function isGone(channelID) {
  try {
    await api.get(`/channels/${channelID}`);
    return false;
  } catch (error) {
    return error.status === 403 || error.status === 404;
  }
}

async function end(channelID) {
  const draft = endDraft(channelID);
  const waiting = store.state.outbox.filter((item) => item.channel_id === channelID);
  for (const { nonce } of waiting) session.outbox.remove(nonce);
  if (draft.files.length > 0) {
    const { forget } = await load(() => import("../../server/uploads.js"));
    draft.files.forEach(forget);
  }
  const lost = [...waiting, ...draft.departing, draft].flatMap((item) => [
    item.text ?? item.content,
    item.poll?.question,
    ...(item.poll?.options ?? []).map((option) => option.text),
  ]);
  const text = lost.filter(Boolean).join("\n");
  if (text) notify(t("channel.lost", { text }), { action: { label: t("copy"), run: () => copyText(text) } });
}
