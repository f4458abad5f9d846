import { findMembers } from "../../server/servers.js";
import { store } from "../../store/store.js";
import { toSent, unknownNames } from "./mentions.js";

/** A text as it is sent. Whoever is named in it, and was never seen in a large server, is asked for. */
export async function sentText(text, serverID) {
  const isSmall = !serverID || store.state.members.get(serverID)?.isComplete;
  const names = isSmall ? [] : unknownNames(text, serverID);
  if (names.length > 0) await findMembers(serverID, names);
  return toSent(text, serverID);
}
