// Where the page is.

import { enter, startLayers } from "./layers.js";
import { parse } from "./pages.js";

export const addressOf = (channel, message = null) =>
  `/channels/${channel.server_id ?? "@me"}/${channel.id}${message ? `/${message}` : ""}`;

/** Goes to an address of the client. */
export const navigate = (path, options) => enter(path, options, show);

/** Gives the place that is shown another address, for Back to lead to. */
export const rename = (path) => enter(path, { replace: true }, () => (shown = location.pathname));

let shown = null;
let follow = () => {};

function show() {
  shown = location.pathname;
  follow(parse(shown));
}

/** Tells from now on where one is. */
export function startRouting(listener) {
  follow = listener;
  // A layer that is gone leaves one where one is.
  startLayers(() => location.pathname !== shown && show());
  // Links within the client do not load the page again.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || link.target || link.hasAttribute("download")) return;
    const target = new URL(link.href);
    if (target.origin !== location.origin || parse(target.pathname).name === "unknown") return;
    event.preventDefault();
    navigate(target.pathname + target.hash);
  });
  show();
}
