// Where the client begins.

import { startCalls } from "./call/start.js";
import { local } from "./kernel/local.js";
import { startRouting } from "./kernel/router.js";
import { startNotificationSettings } from "./server/notification-settings.js";
import { startNotifications } from "./server/notifications.js";
import { startPush } from "./server/push.js";
import { session } from "./server/session.js";
import { readSetting } from "./store/settings.js";
import { store } from "./store/store.js";
import { preferredLanguage, useLanguage } from "./texts/text.js";
import { App } from "./views/app/app.js";
import { useAppearance } from "./views/app/appearance.js";
import { startAttention } from "./views/app/attention.js";
import { startKeyboard } from "./views/app/keyboard.js";
import "./views/app/on-demand.js";
import { startPersonMenus } from "./views/app/person-menus.js";
import { explainFields } from "./views/app/validity.js";
import { warm } from "./views/common/on-demand.js";
import { sentText } from "./views/composer/sent-text.js";

const LANGUAGE_KEY = "aviary.language";
/** By then the page is there and quiet. */
const WARM_AFTER_MS = 4000;

async function start() {
  session.toSent = sentText;
  startRouting((route) => store.apply("ROUTE", route));
  useAppearance();
  // The page has chosen its language before the settings have come from the server. Neither waits for the other.
  await Promise.all([useLanguage(document.documentElement.lang), session.start()]);
  const app = new App(document.querySelector("#app"));
  // The page itself comes first.
  startAttention(session);
  startKeyboard();
  startNotifications();
  startNotificationSettings(session);
  startPush(session);
  startCalls();
  startPersonMenus();
  explainFields();
  store.watch(["settings"], () => followLanguage(app));
  // The settings may be here by now.
  if (store.state.isReady) followLanguage(app);
  installWorker();
  setTimeout(warm, WARM_AFTER_MS);
}

async function followLanguage(app) {
  const wish = readSetting(store.state, "client.language").code;
  if (wish === (local.get(LANGUAGE_KEY) ?? "")) return;
  local.set(LANGUAGE_KEY, wish);
  await useLanguage(preferredLanguage(wish));
  app.restart();
}

/** The browser lets scripts come from a single rule only (Trusted Types), and the worker is the single one. */
function installWorker() {
  if (!navigator.serviceWorker) return;
  const rule = window.trustedTypes?.createPolicy("aviary-worker", { createScriptURL: () => "/service-worker.js" });
  navigator.serviceWorker.register(rule ? rule.createScriptURL("") : "/service-worker.js").catch(() => {});
}

start();
