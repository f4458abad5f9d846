// Who is logged in here: the token, the live connection that belongs to it, and what is kept for the next visit.

import { painted } from "../dom/painted.js";
import { sleep } from "../kernel/backoff.js";
import { local, perTab } from "../kernel/local.js";
import { storage } from "../kernel/storage.js";
import { haveAlone } from "../kernel/tabs.js";
import { navigate } from "../kernel/router.js";
import { store } from "../store/store.js";
import { api } from "./api.js";
import { beginsAnew, Gateway } from "./gateway.js";
import { followMaintenance, learnNotice } from "./maintenance.js";
import { Outbox } from "./outbox.js";
import { resume as resumeChanges } from "./unsent.js";

const KEY = "aviary.session";
/** When the state was kept last: the page asks this before the state can be read (first.js). */
const SAVED_AT = "aviary.saved-at";
/** Sessions can be resumed for 24 hours; a little less is on the safe side. */
const LONGEST_ABSENCE_MS = 23 * 3_600_000;
const SAVE_AFTER_MS = 1500;
/** A page that is loaded anew may ask for what it had before the browser has seen that it let go. */
const ASK_AGAIN_MS = 150;
/** For so long a page that logs out waits for the server. */
const LONGEST_FAREWELL_MS = 2000;

/** What of the state is kept for the next visit, at the position that the connection has reached. */
const KEPT = [
  "me",
  "settings",
  "servers",
  "channels",
  "voices",
  "privateChannels",
  "relationships",
  "presences",
  "users",
  "readStates",
  "capabilities",
  "notificationSettings",
];

class Session {
  gateway = null;
  outbox = null;
  /** What is sent of a text that was written, in a server or without one; the client knows the grammar where it begins. */
  toSent = (text) => text;
  #saving = null;
  /** The live session that this window goes on with, and no other one: `{id, letGo}`. */
  #held = null;
  #stopWatching = () => {};

  constructor() {
    api.listen({
      ended: () => this.end("expired"),
      outdated: (body) => store.apply("CONNECTION", { status: "outdated", updateURL: body.update_url ?? null }),
    });
    addEventListener("storage", (event) => {
      if (event.key === KEY && event.oldValue !== event.newValue) this.#follow();
    });
    addEventListener("pagehide", () => {
      this.#save();
      // A browser keeps no page that has something for itself, and whoever comes after it goes on with the session.
      this.#letGo();
    });
    // A browser keeps pages that were left, and Back brings them as they were: not when the login is another by now.
    addEventListener("pageshow", (event) => {
      if (!event.persisted) return;
      if ((readSession()?.token ?? null) === this.token) return this.#comeBack();
      emptyPage();
      location.reload();
    });
    setInterval(() => store.apply("TICK"), 1000);
  }

  /** The page was brought back by Back: whoever came after it may go on with its live session. */
  async #comeBack() {
    if (!(await this.#hold(this.gateway?.session?.id))) this.gateway?.beginAnew();
  }

  /** Another window logged in or out. What this one knows must not be kept, shown or sent on its way out. */
  #follow() {
    const userID = store.state.session?.userID;
    this.isEnding = true;
    for (const place of [storage, local]) place.seal();
    if (!userID) return location.reload();
    emptyPage();
    this.#returnTo(location.pathname, userID);
    // Whoever comes next finds the way by themselves.
    location.replace(readSession()?.userID === userID ? location.pathname : "/");
  }

  #returnTo(place, userID) {
    perTab.set("aviary.return", place);
    perTab.set("aviary.return-of", userID);
  }

  get token() {
    return store.state.session?.token ?? null;
  }

  /** Goes on with the login of the last visit, if there is one. */
  async start() {
    const kept = readSession();
    if (!kept) return;
    await this.#begin(kept);
  }

  /** Begins with the answer to a login. */
  async begin({ token, user }) {
    const session = { token, userID: user.id };
    local.set(KEY, JSON.stringify(session));
    await this.#begin(session);
  }

  async #begin(session) {
    api.setToken(session.token);
    const kept = beginsAnew() ? null : await storage.get(`snapshot:${session.userID}`);
    // A page of before took what it heard of a friend for its own account.
    const isFresh = kept && Date.now() - kept.savedAt < LONGEST_ABSENCE_MS && kept.version === 1 &&
      kept.state.me?.id === session.userID;
    if (isFresh) store.apply("KEPT", kept.state);
    store.apply("SESSION", session);
    this.outbox = new Outbox(session.userID, (text, serverID) => this.toSent(text, serverID));
    this.outbox.restore();
    this.gateway = new Gateway(session.token, isFresh ? kept.session : null, {
      event: (name, data) => this.#receive(name, data),
      mayResume: (id) => this.#hold(id),
      status: (connection) => this.#connectionIs(connection),
      ended: () => this.end("ended"),
      outdated: (body) => store.apply("CONNECTION", { status: "outdated", updateURL: body?.update_url ?? null }),
      announced: (notice) => {
        learnNotice(notice);
        followMaintenance(this.#retry);
      },
    });
    this.#stopWatching = store.watch(
      ["servers", "private", "relationships", "unread", "settings", "me"],
      () => this.#saveSoon(),
    );
  }

  /**
   * Has a live session for this window alone: what is said to it is for one of them. Where the browser has no locks, all do as
   * if they had it.
   * @returns {Promise<boolean>} whether this window may go on with it.
   */
  async #hold(id) {
    if (!id || this.#held?.id === id) return Boolean(id);
    this.#letGo();
    const ask = () => haveAlone(`aviary-gateway-${id}`, { waits: false });
    const letGo = await ask() ?? await sleep(ASK_AGAIN_MS).then(ask);
    if (!letGo) return false;
    if (this.#held) letGo();
    else this.#held = { id, letGo };
    return this.#held.id === id;
  }

  #letGo() {
    this.#held?.letGo();
    this.#held = null;
  }

  #retry = () => this.gateway?.retry();

  #connectionIs(connection) {
    store.apply("CONNECTION", connection);
    if (["online", "maintenance"].includes(connection.status)) {
      painted().then(() => followMaintenance(this.#retry));
      this.outbox?.flush();
    }
    if (connection.status === "maintenance" && !store.state.me) this.#learnSelf();
    if (connection.status !== "online") return;
    painted().then(() => this.#learnCapabilities());
    // Whoever loads the page again right after the login resumes: a second IDENTIFY would have to wait.
    this.#hold(this.gateway.session?.id).then(() => this.#save());
    resumeChanges();
    // Who has waited for the page does not wait for the next frame.
    store.flush();
  }

  /** What there is on this server, which may be another version since the last time. */
  async #learnCapabilities() {
    try {
      store.apply("CAPABILITIES", await api.get("/capabilities"));
    } catch {
      // What is not known is offered where it needs no more than the server's own no.
    }
  }

  /** The gateway is closed in a maintenance, REST is open to administrators: they learn who they are. */
  async #learnSelf() {
    try {
      store.apply("USER_UPDATE", await api.send("GET", "/users/@me", { tries: 1 }));
      this.outbox?.flush();
    } catch {
      // It is closed to everybody else.
    }
  }

  #receive(name, data) {
    store.apply(name, data);
    for (const listener of this.listeners) listener(name, data);
  }

  /** Those who want to hear of each event, besides the state: notifications, sounds. */
  listeners = new Set();

  /** What is done when whoever is here logs out. */
  farewells = new Set();

  /** Ends the login, here and on the server. Nothing of whoever was here stays in the browser. */
  async logOut() {
    if (!store.state.session || this.isEnding) return;
    const { userID } = store.state.session;
    const answer = api.send("POST", "/auth/logout", { tries: 1, outlivesPage: true });
    const farewells = Promise.all([...this.farewells].map((farewell) => farewell()));
    // The server ends the connection before it has answered: from here on that is no news.
    this.#stop();
    emptyPage();
    storage.seal();
    local.seal();
    // Without an answer, or with a late one, the token is forgotten here all the same.
    await Promise.race([Promise.allSettled([answer, farewells]), sleep(LONGEST_FAREWELL_MS)]);
    await Promise.all([storage.removeAll(`outbox:${userID}:`), storage.removeAll(`upload:${userID}:`)]);
    for (const name of ["drafts", "unsent", "adults", "call-settings"]) local.remove(`aviary.${name}.${userID}`);
    perTab.remove("aviary.return");
    await this.#leave("logged-out");
  }

  /**
   * The login is over. What was being written stays here for the next one.
   * @param {string} reason `expired` or `ended`.
   */
  async end(reason) {
    if (!store.state.session || this.isEnding) return;
    this.#stop();
    this.#returnTo(location.pathname, store.state.session.userID);
    await this.#leave(reason);
  }

  #stop() {
    this.isEnding = true;
    this.#stopWatching();
    clearTimeout(this.#saving);
    this.gateway?.stop();
    this.gateway = null;
    this.#letGo();
    api.setToken(null);
    local.remove(KEY);
    local.remove(SAVED_AT);
  }

  async #leave(reason) {
    const { userID } = store.state.session;
    perTab.set("aviary.ended", reason);
    // Neither this page nor the browser keeps what was read.
    storage.seal();
    await Promise.all([storage.remove(`snapshot:${userID}`), storage.removeAll(`messages:${userID}:`)]);
    emptyPage();
    location.replace("/login");
  }

  /** Where one wanted to go when one was not logged in. */
  rememberPlace() {
    perTab.set("aviary.return", location.pathname);
    perTab.remove("aviary.return-of");
  }

  /** Where to go after a login: where somebody else was is no place for the next one. */
  #returnPlace() {
    const [place, owner] = [perTab.get("aviary.return"), perTab.get("aviary.return-of")];
    for (const name of ["aviary.return", "aviary.return-of", "aviary.ended"]) perTab.remove(name);
    const isOwn = !owner || owner === store.state.session?.userID;
    return isOwn && place?.startsWith("/") && !place.startsWith("//") ? place : "/";
  }

  /** Goes to where one was before the login was over, or wanted to go before it. */
  goBack() {
    navigate(this.#returnPlace(), { replace: true });
  }

  #saveSoon() {
    this.#saving ??= setTimeout(() => this.#save(), SAVE_AFTER_MS);
  }

  #save() {
    clearTimeout(this.#saving);
    this.#saving = null;
    const session = this.gateway?.session;
    // Nobody else takes it up before it is this window's own.
    if (session?.id !== this.#held?.id) return;
    if (!session || !store.state.session || this.isEnding) return;
    const state = Object.fromEntries(KEPT.map((key) => [key, store.state[key]]));
    const savedAt = Date.now();
    const snapshot = { version: 1, savedAt, session: { ...session }, state };
    const whenKept = storage.set(`snapshot:${store.state.session.userID}`, snapshot);
    whenKept.then(() => this.isEnding || local.set(SAVED_AT, String(savedAt)));
  }
}

/** Takes away all that is seen, for the next one at this browser. */
const emptyPage = () => document.body.replaceChildren();

function readSession() {
  try {
    const value = JSON.parse(local.get(KEY));
    return value?.token && value?.userID ? value : null;
  } catch {
    return null;
  }
}

export const session = new Session();
