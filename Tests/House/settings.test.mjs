// A setting that nothing reads is a promise that is not kept.

import assert from "node:assert/strict";
import { test } from "node:test";
import { code, files } from "./sources.mjs";

test("each setting of the operator is read somewhere", () => {
  const declared = files("Sources", ".swift").flatMap((file) =>
    [...code(file).matchAll(/static let (\w+) = Setting\(/g)].map(([, name]) => name)
  );
  assert.ok(declared.length > 50);
  // The composition reads them all. The program's own list of them names them without a dot.
  const read = new Set(files("Sources/Aviary", ".swift").flatMap((file) => code(file).match(/(?<=\.)\w+/g) ?? []));
  assert.deepEqual(declared.filter((name) => !read.has(name)), []);
});
