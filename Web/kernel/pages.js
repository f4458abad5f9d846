// The addresses of the page, and what each means. `scripts/preloads.mjs` tells them to the server, which answers other ones
// with status 404.

export const PAGES = {
  home: ["/", "/welcome"],
  login: ["/login"],
  register: ["/register"],
  "reset-password": ["/reset-password"],
  "verify-email": ["/verify-email"],
  "single-sign-on": ["/oauth/callback"],
  invite: ["/invite/{code}"],
  template: ["/templates/{code}"],
  discovery: ["/discovery"],
  admin: ["/admin", "/admin/{section}"],
  channel: ["/channels/{server}", "/channels/{server}/{channel}", "/channels/{server}/{channel}/{message}"],
};

/** What stands for a parameter in an address; any word where nothing is said. */
const PARAMETERS = { server: "@me|\\d+", channel: "\\d+", message: "\\d+" };

const PARAMETER = /\{(\w+)\}/g;

const patterns = Object.entries(PAGES).map(([name, addresses]) => ({
  name,
  missing: Object.fromEntries(
    addresses.flatMap((address) => [...address.matchAll(PARAMETER)]).map(([, key]) => [key, null]),
  ),
  expressions: addresses.map((address) =>
    new RegExp(`^${address.replace(PARAMETER, (_, key) => `(?<${key}>${PARAMETERS[key] ?? "[^/]+"})`)}$`)
  ),
}));

/** What an address leads to: `{name, …}`; `unknown` where there is nothing. */
export function parse(path) {
  for (const { name, missing, expressions } of patterns) {
    for (const expression of expressions) {
      const match = expression.exec(path);
      if (match) return { name, ...missing, ...decode(match.groups ?? {}) };
    }
  }
  return { name: "unknown" };
}

function decode(groups) {
  const values = {};
  for (const [key, value] of Object.entries(groups)) {
    try {
      values[key] = decodeURIComponent(value);
    } catch {
      values[key] = value;
    }
  }
  return values;
}
