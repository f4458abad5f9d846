import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import vm from "node:vm";

const source = readFileSync(new URL("../../../Web/service-worker.js", import.meta.url), "utf8");
const origin = "https://chat.example.org";

/** An answer as a browser has it. */
function answer({ status = 200, type = "basic", redirected = false, headers = {}, text = "" } = {}) {
  const ok = status >= 200 && status < 300;
  const one = { status, ok, type, redirected, headers: new Headers(headers), text: async () => text };
  one.clone = () => one;
  return one;
}

const page = (more = {}) =>
  answer({
    headers: { "Content-Type": "text/html; charset=utf-8", "X-Aviary-Page": "client" },
    text: '<script src="/client/main.js">',
    ...more,
  });

/** A worker whose server answers as told: what it answers itself, and what it has kept. */
function worker(server, prefix = "/client/") {
  const [handlers, kept] = [{}, new Map()];
  const key = (request) => new URL(request.url ?? request, origin).href;
  const cache = {
    put: async (request, value) => void kept.set(key(request), value),
    match: async (request) => kept.get(key(request)),
    addAll: async () => {},
  };
  const world = {
    self: { addEventListener: (kind, handler) => (handlers[kind] = handler) },
    caches: { open: async () => cache, match: cache.match },
    location: { origin },
    fetch: async (request) => server(key(request)),
    URL,
    // Patience is at its end at once.
    setTimeout: (act) => setImmediate(act),
    Request: function (url) {
      this.url = new URL(url, origin).href;
    },
  };
  vm.runInNewContext(source.replaceAll("/client/", prefix), world);
  return {
    kept,
    async get(path, { mode = "navigate", method = "GET", waits = true } = {}) {
      let given, keeping;
      handlers.fetch({
        request: { url: new URL(path, origin).href, mode, method },
        respondWith: (promise) => (given = promise),
        waitUntil: (promise) => (keeping = promise),
      });
      const answered = await given;
      if (waits) await keeping;
      return answered;
    },
  };
}

test("the client's page is kept, and opens where the server can't be reached", async () => {
  let isThere = true;
  const one = worker(() => {
    if (!isThere) throw new TypeError("no connection");
    return page();
  });
  await one.get("/channels/1/2");
  isThere = false;
  assert.equal(await (await one.get("/friends")).text(), await page().text());
});

test("a server that is silent does not hold back the page that is here, and is waited for where none is", async () => {
  let answerNow;
  const one = worker(() => new Promise((resolve) => (answerNow = () => resolve(page({ text: "/client/new.js" })))));
  const first = one.get("/");
  await new Promise((resolve) => setTimeout(resolve, 20));
  answerNow();
  assert.equal(await (await first).text(), "/client/new.js");
  const second = one.get("/", { waits: false });
  assert.equal(await (await second).text(), "/client/new.js", "the server has not answered yet");
});

test("no other answer to a navigation is kept as the client's page", async () => {
  for (
    const other of [
      page({ status: 404 }),
      page({ status: 503 }),
      page({ redirected: true }),
      page({ type: "opaqueredirect", status: 0 }),
      page({ headers: { "Content-Type": "text/html" } }),
      page({ headers: { "Content-Type": "application/json", "X-Aviary-Page": "client" } }),
    ]
  ) {
    const one = worker(() => other);
    assert.equal(await one.get("/login"), other);
    assert.equal(one.kept.size, 0);
  }
});

test("what people write and read does not pass the worker", async () => {
  const one = worker(() => page());
  for (
    const path of ["/api/v1/users/@me", "/docs", "/openapi.json", "/asyncapi.json", "/health", "/ready", "/gateway"]
  ) {
    assert.equal(await one.get(path), undefined, path);
  }
  assert.equal(await one.get("/api/v1/media/attachments/1/a.png", { mode: "no-cors" }), undefined);
  assert.equal(await one.get("/", { method: "POST" }), undefined);
  assert.equal(await one.get("https://elsewhere.example.org/client/main.js", { mode: "cors" }), undefined);
  assert.equal(one.kept.size, 0);
});

test("of the client's files only whole ones are kept, under their own address", async () => {
  const answers = {
    "/client/a.js": answer(),
    "/client/part.js": answer({ status: 206 }),
    "/client/moved.js": answer({ redirected: true }),
    "/client/gone.js": answer({ status: 404 }),
    "/client/a.js?x=1": answer(),
  };
  const one = worker((url) => answers[url.slice(origin.length)]);
  for (const path of Object.keys(answers)) await one.get(path, { mode: "cors" });
  assert.deepEqual([...one.kept.keys()], [`${origin}/client/a.js`]);
});

test("a page of another version is shown and not kept: its files are not here", async () => {
  const one = worker(() => page({ text: '<script src="/client/newer/main.js">' }), "/client/older/");
  assert.ok(await one.get("/"));
  assert.equal(one.kept.size, 0);
});
