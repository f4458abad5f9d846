// What the client does for calls as long as it runs.

import { store } from "../store/store.js";
import { learnMembers } from "../server/servers.js";
import { session } from "../server/session.js";
import { call } from "./call.js";

export function startCalls() {
  // Those who speak are shown by their names, be they of a large server.
  store.watch(["voices"], () => {
    for (const people of store.state.voices.values()) {
      const [voice] = people.values();
      if (voice) learnMembers(voice.server_id, [...people.keys()]);
    }
  });
  // What was learned of who is there, and rights that have changed.
  store.watch(["voices", "servers", "call-settings"], () => call.apply());
  session.listeners.add((name, data) => call.hear(name, data));
  session.farewells.add(() => call.leave());
  if (store.state.isReady && store.state.connection.status === "online") call.return();
}
