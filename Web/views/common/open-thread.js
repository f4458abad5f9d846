import { addressOf, navigate } from "../../kernel/router.js";
import { findChannel } from "../../server/servers.js";

/** Goes to a thread, which may not be known yet. */
export async function openThread(id) {
  navigate(addressOf(await findChannel(id)));
}
