// Drawing the person's attention: the page's title, notifications of the system, a sound. And telling the server whether
// the person is there.

import { addressOf, navigate } from "../../kernel/router.js";
import { plainText } from "../../markdown/text.js";
import { isKeptBack } from "../../store/adults.js";
import { attention, channelName, unreadByPlace } from "../../store/selectors.js";
import { isMentioned } from "../../store/unread.js";
import { readSetting } from "../../store/settings.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { authorText, mentionName, ownPicture } from "../messages/message.js";

const IDLE_AFTER_MS = 10 * 60_000;

export function startAttention(session) {
  store.watch(["unread", "route", "servers", "private", "users", "adults"], showTitle);
  session.listeners.add((name, data) => {
    if (name === "MESSAGE_CREATE") tell(data);
    if (name === "READY" || name === "RESUMED") presence.announced = "online";
  });
  navigator.serviceWorker?.addEventListener(
    "message",
    (event) => event.data?.navigate && navigate(event.data.navigate),
  );
  watchForIdleness(session);
}

function showTitle() {
  const { state } = store;
  let mentions = 0;
  let unread = 0;
  for (const counts of unreadByPlace(state).values()) {
    mentions += counts.mentions;
    unread += counts.unread;
  }
  const channel = state.channels.get(state.route.channel);
  const server = state.servers.get(state.route.server);
  const place = [
    channel && `${channel.server_id ? "#" : ""}${channelName(state, channel, t)}`,
    server?.name,
    "Aviary",
  ].filter(Boolean).join(" · ");
  document.title = `${mentions > 0 ? `(${mentions}) ` : unread > 0 ? "• " : ""}${place}`;
  if (mentions > 0) navigator.setAppBadge?.(mentions).catch(() => {});
  else navigator.clearAppBadge?.().catch(() => {});
}

/** Whether a message is worth a notification, by what the person has set. */
export function isWorthTelling(state, message) {
  const channel = state.channels.get(message.channel_id);
  if (!channel || message.author_id === state.me?.id) return false;
  if (state.relationships.get(message.author_id)?.status === "blocked") return false;
  if (readSetting(state, "client.presence").status === "dnd") return false;
  const { isMuted, level } = attention(state, channel);
  const isForMe = !channel.server_id || isMentioned(state, message);
  if (level === "none" || (isMuted && !isMentioned(state, message))) return false;
  if (isForMe) return true;
  // In a server everything is told of only where one has chosen so.
  const wishes = readSetting(state, "client.notifications");
  return (wishes.channels?.[channel.id]?.level ?? wishes.servers?.[channel.server_id]?.level) === "all";
}

async function tell(message) {
  const { state } = store;
  if (!isWorthTelling(state, message)) return;
  const isSeen = document.hasFocus() && !document.hidden && state.route.channel === message.channel_id;
  if (isSeen) return;
  const { desktop, sounds } = readSetting(state, "client.notifications");
  if (sounds) chime();
  if (!desktop || window.Notification?.permission !== "granted" || document.hasFocus()) return;
  const channel = state.channels.get(message.channel_id);
  const name = authorText(message, message.server_id);
  const title = message.server_id ? `${name} (#${channelName(state, channel, t)})` : name;
  const options = {
    body: isKeptBack(state, channel)
      ? t("adults.hidden")
      : plainText(message.content ?? "", { name: mentionName }).slice(0, 200) || t("message.no-text"),
    tag: message.channel_id,
    icon: ownPicture(message.author_avatar_url) ?? undefined,
    data: { path: addressOf(channel, message.id) },
  };
  const registration = await navigator.serviceWorker?.getRegistration();
  if (registration) return registration.showNotification(title, options);
  const notification = new Notification(title, options);
  notification.onclick = () => {
    focus();
    navigate(options.data.path);
  };
}

let audio = null;

/** Two soft tones, made here. Only one of several windows sounds. */
export function chime() {
  navigator.locks?.request("aviary-chime", { ifAvailable: true }, async (lock) => {
    // The browser allows no sound before the page was used, and complains of a try.
    if (!lock || navigator.userActivation?.hasBeenActive === false) return;
    try {
      audio ??= new AudioContext();
      [[660, 0], [880, 0.12]].forEach(([frequency, delay]) => {
        const [tone, volume] = [audio.createOscillator(), audio.createGain()];
        tone.frequency.value = frequency;
        const start = audio.currentTime + delay;
        volume.gain.setValueAtTime(0, start);
        volume.gain.linearRampToValueAtTime(0.08, start + 0.02);
        volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.35);
        tone.connect(volume).connect(audio.destination);
        tone.start(start);
        tone.stop(start + 0.4);
      });
    } catch {
      // No sound is no reason to leave anything else undone.
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  });
}

const presence = { announced: "online", lastSeen: Date.now() };

function watchForIdleness(session) {
  const seen = () => {
    presence.lastSeen = Date.now();
    announce(session, "online");
  };
  for (const event of ["pointermove", "keydown", "pointerdown", "focus"]) {
    addEventListener(event, seen, { passive: true });
  }
  setInterval(() => {
    if (Date.now() - presence.lastSeen > IDLE_AFTER_MS) announce(session, "idle");
  }, 15_000);
}

function announce(session, status) {
  if (presence.announced === status) return;
  if (session.gateway?.announcePresence(status)) presence.announced = status;
}
