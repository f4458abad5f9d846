// Keeps the client's own files, so that it opens without a connection. What people write and read does not pass here.

const PREFIX = "/client/";
const CACHE = PREFIX;
const PAGE = "/";

self.addEventListener("install", (event) => {
  // Where the browser knows how, requests of the API do not even wake this worker.
  event.addRoutes?.({ condition: { urlPattern: "/api/*" }, source: "network" });
  event.waitUntil(
    caches
      .open(CACHE)
      .then(keepPage)
      .then(() => self.skipWaiting()),
  );
});

/** The page and everything that it names: what is needed to begin. */
async function keepPage(cache) {
  const answer = await fetch(new Request(PAGE, { cache: "no-cache" }));
  if (!isPage(answer)) throw new Error("the page can't be had");
  const text = await answer.clone().text();
  await cache.put(PAGE, answer);
  await cache.addAll([...text.matchAll(/(?:href|src)="(\/client\/[^"]+)"/g)].map((match) => match[1]));
}

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith(PREFIX)) event.respondWith(asset(request));
  else if (request.mode === "navigate" && !/^\/(api|asyncapi|docs|openapi|health|ready|gateway)/.test(url.pathname)) {
    event.respondWith(page(event));
  }
});

/** The address of an asset changes with its content, so what is here is right. */
async function asset(request) {
  const cache = await caches.open(CACHE);
  const known = await cache.match(request);
  if (known) return known;
  const answer = await fetch(request);
  // Only a whole answer of this address itself, and never under another's query.
  if (answer.status === 200 && !answer.redirected && !new URL(request.url).search) cache.put(request, answer.clone());
  return answer;
}

/** Whether an answer is the client's own page: whatever else a navigation leads to is nobody's to keep. */
const isPage = (answer) =>
  answer.ok && answer.type === "basic" && !answer.redirected &&
  answer.headers.get("Content-Type")?.startsWith("text/html") === true &&
  answer.headers.get("X-Aviary-Page") === "client";

/** So long a server may be silent before the page comes without it. */
const PATIENCE_MS = 4000;

/** The newest page if the server answers, else the one that was seen last. */
async function page(event) {
  const answer = fetch(event.request);
  event.waitUntil(answer.then((page) => isPage(page) && keep(page.clone())).catch(() => {}));
  const seen = () => caches.match(PAGE);
  const isLate = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  const known = await Promise.race([answer.then(() => null, seen), isLate.then(seen)]);
  return known ?? answer;
}

/** Keeps a page whose files are here: that of a newer version is kept by the worker that comes with it. */
async function keep(answer) {
  const cache = await caches.open(CACHE);
  const copy = answer.clone();
  if ((await answer.text()).includes(PREFIX)) await cache.put(PAGE, copy);
}

/** What stands in a notification whose words are nobody's. The page's texts are not here: it may be long closed. */
const WORDS = {
  en: {
    message: "New message",
    mention: "You were mentioned",
    reply: "You were answered",
    friend_request: "Wants to be friends",
    friend_accepted: "You are friends now",
    invite: "Has invited you",
    moderation: "Moderators have done something about you",
    security: "Something happened to your account",
    feedback: "Your feedback was answered",
    reminder: "You wanted to be reminded",
    keyword: "Somebody said a word that you wait for",
    event_reminder: "An event begins soon",
    event_update: "An event has changed",
    test: "Notifications come to this device",
    other: "There is something new",
  },
  de: {
    message: "Neue Nachricht",
    mention: "Du wurdest erwähnt",
    reply: "Du hast eine Antwort",
    friend_request: "Möchte mit dir befreundet sein",
    friend_accepted: "Ihr seid jetzt befreundet",
    invite: "Hat dich eingeladen",
    moderation: "Die Moderation hat etwas unternommen, das dich betrifft",
    security: "Mit deinem Konto ist etwas geschehen",
    feedback: "Auf deine Rückmeldung wurde geantwortet",
    reminder: "Du wolltest erinnert werden",
    keyword: "Jemand hat eines deiner Wörter geschrieben",
    event_reminder: "Eine Veranstaltung beginnt bald",
    event_update: "Eine Veranstaltung hat sich geändert",
    test: "Auf diesem Gerät kommen Benachrichtigungen an",
    other: "Es gibt etwas Neues",
  },
  ja: {
    message: "新しいメッセージ",
    mention: "メンションされました",
    reply: "返信がありました",
    friend_request: "フレンド申請が届きました",
    friend_accepted: "フレンドになりました",
    invite: "招待されました",
    moderation: "モデレーターによる対応がありました",
    security: "アカウントに変化がありました",
    feedback: "フィードバックに返信がありました",
    reminder: "リマインダーの時間です",
    keyword: "通知する言葉が投稿されました",
    event_reminder: "イベントがまもなく始まります",
    event_update: "イベントが変更されました",
    test: "この端末に通知が届きます",
    other: "新しいお知らせがあります",
  },
};

/** What somebody missed, told by the server while no page is open. */
self.addEventListener("push", (event) => event.waitUntil(tell(read(event.data))));

/** Browsers ask for a notification whatever has come. */
function read(data) {
  try {
    return data.json();
  } catch {
    return { title: "Aviary", type: "other" };
  }
}

async function tell(push) {
  const shown = await self.registration.getNotifications();
  const isAbout = ({ data }, id) => Boolean(id) && (data?.message === id || data?.notification === id);
  for (const one of shown) if (push.read?.some((id) => isAbout(one, id))) one.close();
  const words = WORDS[self.navigator.language?.slice(0, 2)] ?? WORDS.en;
  await self.registration.showNotification(push.title, {
    body: push.body ?? words[push.type] ?? words.other,
    // One for each channel; what the page tells of it has the same.
    tag: push.channel_id ?? push.notification_id ?? push.type,
    // What was told already and comes again makes no noise.
    renotify: !shown.some((one) => isAbout(one, push.message_id)),
    icon: `${PREFIX}icons/aviary-192.png`,
    data: {
      path: pathOf(push),
      channel: push.channel_id,
      message: push.message_id,
      notification: push.notification_id,
    },
  });
}

const pathOf = ({ server_id, channel_id, message_id }) =>
  channel_id ? `/channels/${server_id ?? "@me"}/${channel_id}${message_id ? `/${message_id}` : ""}` : "/channels/@me";

/** The browser has another address for what is pushed: the next page that is opened tells the server. */
self.addEventListener("pushsubscriptionchange", (event) => {
  const { options } = event.oldSubscription ?? {};
  if (!event.newSubscription && options) event.waitUntil(self.registration.pushManager.subscribe(options));
});

/** A press on a notification opens what it is about. */
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const path = event.notification.data?.path ?? "/";
  event.waitUntil(
    self.clients.matchAll({ type: "window" }).then((windows) => {
      const open = windows[0];
      if (!open) return self.clients.openWindow(path);
      open.postMessage({ navigate: path });
      return open.focus();
    }),
  );
});
