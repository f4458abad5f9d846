// Runs within the page, before anything else has come: chooses what is seen first, the login or the splash, in the person's
// language and looks, asks for what these need, and connects who is logged in; what else takes its time is begun while the
// scripts are on their way. `scripts/preloads.mjs` writes the texts and the version.
(() => {
  // texts: from Web/texts
  const TEXTS = {
    de: {
      "login.title": "Willkommen zurück",
      "login.name": "Benutzername oder E-Mail",
      "login.password": "Passwort",
      "login.action": "Anmelden",
    },
    en: {
      "login.title": "Welcome back",
      "login.name": "User name or e-mail",
      "login.password": "Password",
      "login.action": "Log in",
    },
    ja: {
      "login.title": "おかえりなさい",
      "login.name": "ユーザー名またはメールアドレス",
      "login.password": "パスワード",
      "login.action": "ログイン",
    },
  };
  // end of texts
  const CLIENT_VERSION = "a.1.0-1";
  const IDENTIFY = 2;

  const root = document.documentElement;
  // The browser may refuse.
  const read = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  };
  const kept = (key) => {
    try {
      return JSON.parse(read(key)) ?? {};
    } catch {
      return {};
    }
  };

  const { theme = "system", direction = "auto", textSize = 16 } = kept("aviary.appearance");
  root.dataset.theme = theme;
  root.dir = direction === "auto" ? "ltr" : direction;
  root.style.setProperty("--text-size", `${textSize / 16}rem`);

  const wishes = [read("aviary.language") ?? "", ...navigator.languages];
  root.lang = wishes.map((code) => code.split("-")[0]).find((code) => code in TEXTS) ?? "en";
  if (root.lang !== "en") preload(`/client/texts/${root.lang}/main.js`);

  const [login, splash] = document.querySelector("#app").children;
  const leadsToLogin = /^\/(?:$|login$|channels\/|admin(?:$|\/))/.test(location.pathname);
  const { token, userID } = kept("aviary.session");
  if (token) {
    const channelID = /^\/channels\/[^/]+\/(\d+)$/.exec(location.pathname)?.[1];
    connect(token);
    const messages = askForMessages(token, channelID);
    readStorage(`snapshot:${userID}`, `messages:${userID}:${channelID}`, messages);
  }
  if (token || !leadsToLogin) {
    login.remove();
    splash.hidden = false;
    return;
  }
  splash.remove();
  for (const element of login.querySelectorAll("[data-text]")) {
    element.textContent = TEXTS[root.lang][element.dataset.text];
  }
  const form = login.querySelector("form");
  // Whoever is quicker than the scripts is heard as soon as these are there.
  form.onsubmit = (event) => {
    event.preventDefault();
    form.dataset.isSubmitted = "true";
    form.querySelector("button").disabled = true;
  };
  login.hidden = false;
  login.querySelector("input").focus();

  // What the gateway says is there by the time that the scripts are (server/gateway.js). Who has a session to resume leaves
  // that to them: they know its place.
  function connect(token) {
    const address = new URL(`/gateway?client_version=${CLIENT_VERSION}`, location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(address);
    const early = { socket, token, hasIdentified: false, frames: [], closed: null };
    globalThis.aviaryConnection = early;
    const mayResume = Date.now() - Number(read("aviary.saved-at")) < 23 * 3_600_000;
    socket.onmessage = ({ data }) => early.frames.push(data);
    // HELLO is on its way by then.
    socket.onopen = () => {
      setTimeout(learnTimes);
      if (mayResume) return;
      early.hasIdentified = true;
      const properties = { client: "aviary-web" };
      socket.send(JSON.stringify({ op: IDENTIFY, d: { token, client_version: CLIENT_VERSION, properties } }));
    };
    socket.onclose = ({ code, reason }) => (early.closed = { code, reason });
  }

  // Those of the channel that the address is of, from the server, or as they were at the last visit (server/messages.js).
  function askForMessages(token, channelID) {
    const early = { channelID, messages: null, answer: null };
    globalThis.aviaryMessages = early;
    if (!channelID) return early;
    const headers = { Authorization: `Bearer ${token}`, "X-Client-Version": CLIENT_VERSION };
    early.answer = fetch(`/api/v1/channels/${channelID}/messages?limit=50`, { headers })
      .then(async (answer) => (early.messages = answer.ok ? await answer.json() : early.messages))
      .catch(() => null);
    return early;
  }

  // What is kept of the last visit (kernel/storage.js).
  function readStorage(snapshotKey, messagesKey, messages) {
    try {
      const opening = indexedDB.open("aviary", 1);
      const early = { opening, values: new Map() };
      globalThis.aviaryStorage = early;
      opening.onupgradeneeded = () => opening.result.createObjectStore("values");
      opening.addEventListener("success", () => {
        const kept = opening.result.transaction("values").objectStore("values");
        early.values.set(snapshotKey, kept.get(snapshotKey));
        kept.get(messagesKey).onsuccess = ({ target }) => (messages.messages ??= target.result ?? null);
      });
    } catch {
      // The browser may refuse.
    }
  }

  // A browser takes tens of milliseconds for the first of these, wherever it stands.
  function learnTimes() {
    new Intl.DateTimeFormat(root.lang, { timeStyle: "short" }).format();
  }

  function preload(address) {
    const link = document.createElement("link");
    Object.assign(link, { rel: "modulepreload", href: address });
    document.head.append(link);
  }
})();
