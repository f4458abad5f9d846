// Drawing the person's attention: the page's title, and what is told of messages. And telling the server whether the person
// is there.

import { navigate } from "../../kernel/router.js";
import { channelName, unreadByPlace } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { startTelling } from "./telling.js";

const IDLE_AFTER_MS = 10 * 60_000;

export function startAttention(session) {
  store.watch(["unread", "route", "servers", "private", "users", "adults", "settings"], showTitle);
  showTitle();
  startTelling(session);
  session.listeners.add((name) => {
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
