// The address of the page and what it means.

import { store } from "../store/store.js";

const PATTERNS = [
  ["login", /^\/login$/],
  ["register", /^\/register$/],
  ["reset-password", /^\/reset-password$/],
  ["verify-email", /^\/verify-email$/],
  ["single-sign-on", /^\/oauth\/callback$/],
  ["invite", /^\/invite\/(?<code>[^/]+)$/],
  ["admin", /^\/admin(?:\/(?<section>[^/]+))?$/],
  ["channel", /^\/channels\/(?<server>@me|\d+)(?:\/(?<channel>\d+)(?:\/(?<message>\d+))?)?$/],
];

/** What an address leads to: `{name, …}`; `home` for whatever is not known. */
export function parse(path) {
  for (const [name, pattern] of PATTERNS) {
    const match = pattern.exec(path);
    if (match) return { name, ...decode(match.groups ?? {}) };
  }
  return { name: "home" };
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
export function navigate(path, { replace = false } = {}) {
  const current = location.pathname + location.hash;
  if (path !== current) history[replace ? "replaceState" : "pushState"](null, "", path);
  store.apply("ROUTE", parse(new URL(path, location.origin).pathname));
}

export function startRouting() {
  addEventListener("popstate", () => store.apply("ROUTE", parse(location.pathname)));
  // Links within the client do not load the page again.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || link.target || link.hasAttribute("download")) return;
    const target = new URL(link.href);
    if (target.origin !== location.origin || parse(target.pathname).name === "home" && target.pathname !== "/") return;
    event.preventDefault();
    navigate(target.pathname + target.hash);
  });
  store.apply("ROUTE", parse(location.pathname));
}
