// Runs the error page's JavaScript example against a server, through each of its branches.
//
//   advice.mjs PAGE API TOKEN LIST
//
// The example is cut out of PAGE, LIST is a path that is limited tightly. Prints as JSON what happened.

import { readFileSync } from "node:fs";

const [page, api, token, limited] = process.argv.slice(2);
const text = readFileSync(page, "utf8");
const source = text.slice(text.indexOf("async function apiRequest"));

const client = (headers) => {
  const seen = { waits: 0, statuses: [] };
  const sleep = (milliseconds) => {
    seen.waits += 1;
    return new Promise((resolve) => setTimeout(resolve, milliseconds));
  };
  const fetchAndNote = async (url, options) => {
    const response = await fetch(url, { ...options, headers });
    seen.statuses.push(response.status);
    return response;
  };
  const apiRequest = new Function("sleep", "fetch", `${source}\nreturn apiRequest;`)(sleep, fetchAndNote);
  return { seen, apiRequest };
};

const branch = async (headers, ...paths) => {
  const { seen, apiRequest } = client(headers);
  let result;
  for (const path of paths) {
    try {
      result = await apiRequest(api + path, { method: "GET" });
    } catch (error) {
      result = `Error ${error.message}`;
    }
  }
  if (Array.isArray(result)) result = "a list";
  else if (typeof result === "object") result = result.username;
  return { result, ...seen };
};

const authorized = { Authorization: `Bearer ${token}` };
console.log(JSON.stringify({
  success: await branch(authorized, "/users/@me"),
  authentication: await branch({ Authorization: "Bearer no longer good" }, "/users/@me"),
  rateLimit: await branch(authorized, limited, limited, limited),
  version: await branch({ ...authorized, "X-Client-Version": "a.0.9-1" }, "/users/@me"),
  other: await branch(authorized, "/users/1"),
}));
