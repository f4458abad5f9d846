// Being told by the browser of what one missed while no page is open.

import { local } from "../kernel/local.js";
import { api } from "./api.js";

/** What the server calls this browser, `{id, endpoint}`, as long as it pushes to it. */
const KEY = "aviary.push";
const TOKENS = "/users/@me/push/tokens";

export const canPush = () =>
  Boolean(navigator.serviceWorker) && "PushManager" in globalThis && "Notification" in globalThis;

const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

const base64 = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

function kept() {
  try {
    return JSON.parse(local.get(KEY));
  } catch {
    return null;
  }
}

/** The device that this browser is to the server; null when it is none. */
export const ownDevice = () => kept()?.id ?? null;

async function subscription() {
  const registration = await navigator.serviceWorker?.getRegistration();
  return await registration?.pushManager?.getSubscription() ?? null;
}

/** The browser has to have been allowed to notify. */
export async function startPushing() {
  const { public_key: key } = await api.get("/push/vapid-key");
  const registration = await navigator.serviceWorker.ready;
  let current = await registration.pushManager.getSubscription();
  // One for another server's key takes no messages of this one.
  if (current && base64(current.options.applicationServerKey) !== key) {
    await current.unsubscribe();
    current = null;
  }
  current ??= await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) });
  await register(current);
}

async function register(current) {
  const { endpoint, keys } = current.toJSON();
  const device = await api.post(TOKENS, { token: endpoint, platform: "web", keys, device_id: browserName() });
  local.set(KEY, JSON.stringify({ id: device.id, endpoint }));
}

export async function stopPushing() {
  const device = kept();
  local.remove(KEY);
  await (await subscription())?.unsubscribe();
  if (device) await api.delete(`${TOKENS}/${device.id}`).catch(ignoreGone);
}

export const listDevices = () => api.get(TOKENS);

export async function removeDevice(id) {
  if (id === ownDevice()) return stopPushing();
  await api.delete(`${TOKENS}/${id}`).catch(ignoreGone);
}

function ignoreGone(error) {
  if (error.status !== 404) throw error;
}

export const testPush = () => api.post("/users/@me/push/test");

/** What the browser has changed since, it is told; what belongs to nobody who is logged in here, ends. */
async function follow() {
  if (!canPush()) return;
  const current = await subscription();
  const device = kept();
  if (current && !device) await current.unsubscribe();
  else if (current && current.endpoint !== device.endpoint) await register(current);
  else if (!current && device) local.remove(KEY);
}

export function startPush(session) {
  session.listeners.add((name) => {
    if (name === "READY") follow().catch(() => {});
  });
  session.farewells.add(() => {
    local.remove(KEY);
    return subscription().then((current) => current?.unsubscribe());
  });
}

/** How a person calls it: `Firefox, Linux`. */
function browserName() {
  const { userAgent } = navigator;
  const first = (names) => names.find(([sign]) => userAgent.includes(sign))?.[1];
  const browser = first([["Firefox", "Firefox"], ["Edg/", "Edge"], ["OPR/", "Opera"], ["Chrome", "Chrome"], [
    "Safari",
    "Safari",
  ]]);
  const system = first([["Android", "Android"], ["iPhone", "iPhone"], ["iPad", "iPad"], ["Windows", "Windows"], [
    "Mac OS",
    "macOS",
  ], ["Linux", "Linux"]]);
  return [browser, system].filter(Boolean).join(", ") || "Browser";
}
