// What is loaded when it is first asked for, or in a quiet moment before, so that the page itself comes quickly. Each folder
// of views offers what it has (`on-demand.js`); who asks does not know whose it is.

import { load } from "../../kernel/parts.js";
import { useTexts } from "../../texts/text.js";
import { attempt } from "./dialog.js";

/** Windows and menus: `onDemand.showProfile(…)` opens one, and says so where it can't be had. */
export const onDemand = {};

/** Views: `views.FriendsPage` loads its class, for `Lazy`. */
export const views = {};

const quiet = [];

/**
 * Offers windows and menus.
 * @param {Record<string, () => Promise<object>>} parts loads each part, under the name that it exports the function by.
 * @param {object} options `texts`: which it needs besides. Such parts are of no use without a connection.
 */
export function offer(parts, options) {
  for (const [name, part] of Object.entries(parts)) {
    const find = finder(part, name, options);
    onDemand[name] = (...parameters) => attempt(async () => (await find())(...parameters));
  }
}

/** Offers views, by the names of their classes. */
export function offerViews(parts, options) {
  for (const [name, part] of Object.entries(parts)) views[name] = finder(part, name, options);
}

function finder(part, name, { texts = null } = {}) {
  if (!texts) quiet.push(part);
  return async () => {
    const [found] = await Promise.all([load(part), texts && useTexts(texts)]);
    return found[name];
  };
}

/** Loads with the others what is asked for by other ways. */
export const alsoWarm = (part) => quiet.push(part);

/** Loads everything, so that it is there also when the connection is not. */
export async function warm() {
  for (const part of quiet) await part().catch(() => {});
}
