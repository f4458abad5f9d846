import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";

const root = path.join(import.meta.dirname, "../../../Web");

test("every part that is loaded when it is needed says what to do when it is gone", () => {
  for (const name of fs.readdirSync(root, { recursive: true }).filter((name) => name.endsWith(".js"))) {
    const text = fs.readFileSync(path.join(root, name), "utf8").replace(/^ *(\/\/|\*|\/\*).*$/gm, "");
    const all = text.match(/\bimport\(/g) ?? [];
    const safe = text.match(/\bload\(\(\) => import\(/g) ?? [];
    // What is offered is loaded by the registry, what is fetched ahead may fail in silence, a table is read by a function
    // that loads.
    const lists =
      text.match(/\boffer(?:Views)?\(\{[^]*?\}|\balsoWarm\(\(\) => import\(|\bconst FILES = \{[^]*?\n\};/g) ?? [];
    const listed = lists.flatMap((list) => list.match(/\bimport\(/g));
    assert.equal(safe.length + listed.length, all.length, name);
  }
});
