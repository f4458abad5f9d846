// Swift compares characters: a sign with a mark upon it, or behind a letter that takes to the next one, is not found.

import assert from "node:assert/strict";
import { test } from "node:test";
import { files, read } from "./sources.mjs";

test("signs that mean something to HTML, SQL or another language are written otherwise scalar by scalar", () => {
  const found = files("Sources", ".swift").filter((file) =>
    /\.replacing(?:Occurrences)?\((?:of: )?"(?:[&<>';,`|]|\\"|\\\\)"/.test(read(file))
  );
  assert.deepEqual(found, []);
});
