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
  else if (request.mode === "navigate" && !/^\/(api|asyncapi|docs|openapi|health|gateway)/.test(url.pathname)) {
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
