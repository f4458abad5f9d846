// The address of the page and what it means.

import { enter, startLayers } from "./layers.js";

const PATTERNS = [
  ["home", /^\/(?:welcome)?$/],
  ["login", /^\/login$/],
  ["register", /^\/register$/],
  ["reset-password", /^\/reset-password$/],
  ["verify-email", /^\/verify-email$/],
  ["single-sign-on", /^\/oauth\/callback$/],
  ["invite", /^\/invite\/(?<code>[^/]+)$/],
  ["admin", /^\/admin(?:\/(?<section>[^/]+))?$/],
  ["channel", /^\/channels\/(?<server>@me|\d+)(?:\/(?<channel>\d+)(?:\/(?<message>\d+))?)?$/],
];

/** What an address leads to: `{name, …}`; `unknown` where there is nothing. */
export function parse(path) {
  for (const [name, pattern] of PATTERNS) {
    const match = pattern.exec(path);
    if (match) return { name, ...decode(match.groups ?? {}) };
  }
  return { name: "unknown" };
}

function decode(groups) {
  const values = {};
  for (const [key, value] of Object.entries(groups)) {
    try {
      values[key] = value === undefined ? null : decodeURIComponent(value);
    } catch {
      values[key] = value;
    }
  }
  return values;
}

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
