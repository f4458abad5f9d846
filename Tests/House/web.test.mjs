// The web client's folders import downwards, and what is asked for on demand is there.

import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { files, read } from "./sources.mjs";

/** From the lowest to the highest. */
const ORDER = [
  "kernel",
  "dom",
  "store",
  "server",
  "call/encryption",
  "call",
  "texts/de",
  "texts/en",
  "texts/ja",
  "texts",
  "markdown",
  "emoji",
  "views/common",
  "views/rail",
  "views/login",
  "views/people",
  "views/soundboard",
  "views/call",
  "views/composer",
  "views/messages",
  "views/panels",
  "views/search",
  "views/channel",
  "views/friends",
  "views/events",
  "views/sidebar",
  "views/switcher",
  "views/welcome",
  "views/settings",
  "views/administration",
  "views/server-settings",
  "views/channel-settings",
  "views/app",
  // main.js, and what the browser loads by itself.
  ".",
];

const IMPORT = /(?:import|export)\s(?:[^"';]*\sfrom\s)?"(\.[^"]+)"|import\("([^"]+)"\)/g;
const modules = files("Web", ".js").map((file) => path.relative("Web", file));
const text = (module) => read(path.join("Web", module)).replace(/^\s*(?:\/\/|\*|\/\*\*).*$/gm, "");
const importsOf = (module) =>
  [...text(module).matchAll(IMPORT)].map(([, now, later]) => path.join(path.dirname(module), now ?? later));

test("folders of the web client import downwards, now and later", () => {
  const level = (module) => ORDER.indexOf(path.dirname(module));
  assert.deepEqual([...new Set(modules.map(path.dirname))].filter((folder) => !ORDER.includes(folder)), []);
  const up = modules.flatMap((module) =>
    importsOf(module).filter((other) => level(other) > level(module)).map((other) => `${module}: ${other}`)
  );
  assert.deepEqual(up, []);
});

test("what the web client imports is there", () => {
  const missing = modules.flatMap((module) =>
    importsOf(module).filter((other) => !modules.includes(other)).map((other) => `${module}: ${other}`)
  );
  assert.deepEqual(missing, []);
});

const OFFER = /(\w+): \(\) => import\("([^"]+)"\)/g;
const offering = modules.filter((module) => /^views\/.*\/on-demand\.js$/.test(module) && !/common/.test(module));
const offers = offering.flatMap((module) =>
  [...text(module).matchAll(OFFER)].map(([, name, part]) => ({ name, part: path.join(path.dirname(module), part) }))
);

test("what is asked for on demand is offered once, by the module that exports it", () => {
  const names = offers.map(({ name }) => name).sort();
  assert.deepEqual(names, [...new Set(names)]);
  const notExported = offers.filter(({ name, part }) =>
    !new RegExp(`^export (?:async )?(?:function|class|const) ${name}\\b`, "m").test(text(part))
  );
  assert.deepEqual(notExported, []);
  const asked = modules.flatMap((module) =>
    [...text(module).matchAll(/(?<![.\w#"])(?:onDemand|views)\.(\w+)/g)].map(([, name]) => name)
  );
  const panels = [...text("views/panels/panels.js").matchAll(/^const VIEWS = \{([^}]*)\}/gm)]
    .flatMap(([, list]) => [...list.matchAll(/"(\w+)"/g)].map(([, name]) => name));
  assert.deepEqual([...new Set([...asked, ...panels])].sort(), names, "asked for, and offered");
});

test("every folder's offers are taken along", () => {
  const app = "views/app/on-demand.js";
  const known = importsOf(app).filter((module) => offering.includes(module));
  assert.deepEqual([...known, app].sort(), offering.sort());
});

/** What lives as long as the page, the base of all others, and a popup that ends it when it is closed. */
const WATCHING = [
  "views/app/app.js",
  "views/app/appearance.js",
  "views/app/attention.js",
  "views/app/telling.js",
  "views/common/island.js",
  "views/common/loading.js",
  "views/common/subject.js",
  "views/common/view.js",
  "views/people/profile.js",
];

test("what a view watches and hears ends with it", () => {
  const found = modules.filter((module) =>
    module.startsWith("views/") && /\bstore\.watch\(|\blisteners\.add\(/.test(text(module))
  );
  assert.deepEqual(found, WATCHING, "an exception that is gone leaves the list; a new one does not come into it");
});

/** What leads from the state to a part of it, and what would change that: an assignment, or a call that changes a map or list. */
const STEP = String.raw`\??\.\w+(?:\([^()]*\))?`;
const CHANGE = String
  .raw`(?:${STEP})+?(?:\s*(?:=(?![=>])|(?:\?\?|[+|&-])=|\+\+|--)|\??\.(?:set|delete|add|clear|push|pop|splice|sort)\()`;

const changesOfState = (source) => {
  const isShort = /\{[^}]*\bstate\b[^}]*\} = store;/.test(source);
  const state = isShort ? String.raw`(?:\bstore\.|(?<![.\w]))state` : String.raw`\bstore\.state`;
  return source.match(new RegExp(`${state}${CHANGE}|Object\\.assign\\(store\\.state`, "g")) ?? [];
};

test("nothing changes the state but the reducers", () => {
  const found = modules.filter((module) => !module.startsWith("store/"))
    .flatMap((module) => changesOfState(text(module)).map((change) => `${module}: ${change}`));
  assert.deepEqual(found, []);
});

test("what changes the state is known when it is seen", () => {
  const changes = [
    "store.state.me = null;",
    "store.state.members.get(id).last = null;",
    "store.state.servers?.set(id, server);",
    "store.state.notifications.unread += 1;",
    "Object.assign(store.state, kept);",
    "const { state } = store; state.me.name ??= null;",
  ];
  const questions = [
    "const me = store.state.me;",
    "if (store.state.me?.id === id) return;",
    "[...store.state.servers.values()].sort(order);",
    "const { state } = store; this.state.chosen = state.me;",
    "state.chosen = null;",
  ];
  assert.deepEqual(changes.filter((source) => changesOfState(source).length === 0), []);
  assert.deepEqual(questions.filter((source) => changesOfState(source).length > 0), []);
});

test("a folder of views has one sheet of styles at most, which is named as it is", () => {
  const sheets = files("Web", ".css").map((file) => path.relative("Web", file));
  const other = sheets.filter((sheet) =>
    path.dirname(sheet) !== "styles" &&
    sheet !== path.join(path.dirname(sheet), `${path.basename(path.dirname(sheet))}.css`)
  );
  assert.deepEqual(other, []);
});

test("every style stands in a layer", () => {
  for (const sheet of files("Web", ".css")) {
    const outside = read(sheet).replace(/\/\*[\s\S]*?\*\//g, "").replace(/@layer [\w, ]+;/g, "")
      .replace(/@layer \w+ (\{(?:[^{}]|\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\})*\})/g, "");
    assert.equal(outside.trim(), "", sheet);
  }
});

test("what the client says in the place of the server's words for developers, the server still says", () => {
  const said = files("Sources", ".swift").map(read).join("\n");
  const list = read("Web/texts/text.js").match(/const FIELD_TEXTS = \{([\s\S]*?)\n\};/)[1];
  const messages = read("Web/texts/text.js").match(/const known = \{([\s\S]*?)\n {2}\}/)[1];
  const words = [...`${list}${messages}`.matchAll(/^ +"([^"]+)":/gm)].map(([, words]) => words);
  assert.ok(words.length > 40);
  assert.deepEqual(words.filter((one) => !said.includes(one)), []);
});
