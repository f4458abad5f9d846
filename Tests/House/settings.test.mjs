// A setting that nothing reads is a promise that is not kept.

import assert from "node:assert/strict";
import { test } from "node:test";
import { code, files } from "./sources.mjs";

test("each setting of the operator is read somewhere", () => {
  const declared = files("Sources/Aviary/Settings", ".swift").flatMap((file) =>
    [...code(file).matchAll(/static let (\w+) = Setting\(/g)].map(([, name]) => name)
  );
  assert.ok(declared.length > 50);
  // The list of all names them without a dot; whoever reads one says `.name`.
  const read = new Set(files("Sources", ".swift").flatMap((file) => code(file).match(/(?<=\.)\w+/g) ?? []));
  assert.deepEqual(declared.filter((name) => !read.has(name)), []);
});
