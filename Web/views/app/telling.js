// Telling of messages that nobody has read: notifications of the system and a sound.

import { addressOf, navigate } from "../../kernel/router.js";
import { alone, openLine } from "../../kernel/tabs.js";
import { plainText } from "../../markdown/text.js";
import { isKeptBack } from "../../store/adults.js";
import { channelName } from "../../store/selectors.js";
import { readSetting } from "../../store/settings.js";
import { store } from "../../store/store.js";
import { toTell } from "../../store/telling.js";
import { isRead } from "../../store/unread.js";
import { t } from "../../texts/text.js";
import { authorText, mentionName, ownPicture, wordless } from "../common/message-text.js";
import { chime } from "../common/chime.js";
import { tellOccasion } from "./occasions.js";

/** Who reads a message as it comes, here or on another device, has by then said so. */
const TELL_AFTER_MS = 1000;

/** Messages of which nobody has been told yet. */
let waiting = [];
let timer = null;
/** The window of this browser that has the focus, and the channel that it shows: `{channel}`; null when none has it. */
let front = null;
let tellWindows = null;

export function startTelling(session) {
  tellWindows = openLine("aviary.windows", (data) => {
    if (data.isAnswer) front = data;
    else if (isInFront()) tellWindows({ isAnswer: true, channel: store.state.route.channel });
  });
  session.listeners.add((name, data) => {
    if (name === "MESSAGE_CREATE") hear(data);
    if (name === "NOTIFICATION_CREATE" && data.event) tellOccasion(data);
    // What was read elsewhere while the connection was broken is known only now.
    if (name === "READY" || name === "RESUMED") tellSoon();
    if (name === "MESSAGE_DELETE") forget(data.channel_id, [data.id]);
    if (name === "MESSAGE_DELETE_BULK") forget(data.channel_id, data.ids);
  });
  store.watch(["unread"], closeRead);
  closeRead();
}

function hear(message) {
  waiting.push(message);
  if (store.state.connection.status === "online") tellSoon();
}

function tellSoon() {
  if (timer || waiting.length === 0) return;
  front = null;
  tellWindows({ isAnswer: false });
  timer = setTimeout(tell, TELL_AFTER_MS);
}

const isInFront = () => document.hasFocus() && !document.hidden;

async function tell() {
  const { state } = store;
  timer = null;
  if (isInFront()) front = { channel: state.route.channel };
  const { hasSound, newest } = toTell(state, waiting, front);
  waiting = [];
  const { desktop, sounds } = readSetting(state, "client.notifications");
  if (sounds && hasSound) chime();
  if (!desktop || window.Notification?.permission !== "granted") return;
  for (const message of newest) await byItself(() => show(message)).catch(() => {});
}

// MARK: Notifications of the system

/** Those of this page, where there is no service worker to keep them. */
const own = new Set();

/** Chromium forgets a notification that is shown while any window of the browser shows or lists others: a press on it would do nothing. */
const byItself = (work) => alone("aviary-notifications", work);

async function show(message) {
  const { state } = store;
  const channel = state.channels.get(message.channel_id);
  const name = authorText(message, message.server_id);
  const title = message.server_id ? `${name} (#${channelName(state, channel, t)})` : name;
  const options = {
    body: isKeptBack(state, channel)
      ? t("adults.hidden")
      : plainText(message.content ?? "", { name: mentionName }).slice(0, 200) || wordless(message),
    tag: message.channel_id,
    // What takes the place of another one is silent by itself.
    renotify: true,
    icon: ownPicture(message.author_avatar_url) ?? undefined,
    data: { path: addressOf(channel, message.id), channel: channel.id, message: message.id },
  };
  const registration = await navigator.serviceWorker?.getRegistration();
  if (registration) return registration.showNotification(title, options);
  const notification = new Notification(title, options);
  own.add(notification);
  notification.onclose = () => own.delete(notification);
  notification.onclick = () => {
    focus();
    navigate(options.data.path);
  };
}

/** Takes away the notifications that a rule finds by what they are about. */
const close = (isOver) =>
  byItself(async () => {
    const registration = await navigator.serviceWorker?.getRegistration();
    for (const notification of [...own, ...(await registration?.getNotifications() ?? [])]) {
      if (notification.data?.message && isOver(notification.data)) notification.close();
    }
  });

/** What was read, here or on another device, needs no notification any more. */
const closeRead = () => close(({ channel, message }) => isRead(store.state, channel, message));

function forget(channelID, ids) {
  const gone = new Set(ids);
  waiting = waiting.filter((message) => !gone.has(message.id));
  close(({ channel, message }) => channel === channelID && gone.has(message));
}
