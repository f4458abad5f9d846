// What the client does for calls as long as it runs. What a call itself needs is loaded with the first one.

import { perTab } from "../kernel/local.js";
import { load } from "../kernel/parts.js";
import { learnMembers } from "../server/servers.js";
import { session } from "../server/session.js";
import { store } from "../store/store.js";
import { KEPT } from "./kept.js";

/** The call of this page; null before there was one. */
let call = null;

/** @throws {PartError} */
export async function loadCall() {
  const [own, sounds] = await Promise.all([
    load(() => import("./call.js")),
    load(() => import("../server/soundboard.js")),
  ]);
  if (!call) sounds.startSoundboard();
  call = own.call;
  return call;
}

/** Goes on in the call that this window was in. */
function goOn() {
  if (perTab.get(KEPT)) loadCall().then(() => call.return(), console.error);
}

export function startCalls() {
  // Those who speak are shown by their names, be they of a large server.
  store.watch(["voices"], () => {
    for (const people of store.state.voices.values()) {
      const [voice] = people.values();
      if (voice) learnMembers(voice.server_id, [...people.keys()]);
    }
  });
  // What was learned of who is there, and rights that have changed.
  store.watch(["voices", "servers", "call-settings"], () => call?.apply());
  session.listeners.add((name, data) => {
    if (call) call.hear(name, data);
    else if (name === "READY" || name === "RESUMED") goOn();
  });
  session.farewells.add(() => call?.leave());
  if (store.state.isReady && store.state.connection.status === "online") goOn();
}
