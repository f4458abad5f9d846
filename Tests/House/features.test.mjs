// A feature that is declared is part of the server, and no two steps of the schema have one number.

import assert from "node:assert/strict";
import { test } from "node:test";
import { code, files, read } from "./sources.mjs";

const sources = files("Sources/Chat", ".swift");

test("every feature stands in the list of all", () => {
  const declared = sources.flatMap((file) =>
    [...code(file).matchAll(/^(?:public |final )*(?:extension|struct|class) (\w+): Feature\b/gm)].map(([, name]) =>
      name
    )
  );
  const list = code("Sources/Chat/Features/Features.swift");
  assert.ok(declared.length > 50);
  assert.deepEqual(declared.filter((name) => !new RegExp(`\\b${name}\\(`).test(list)), []);
});

test("each migration has a number of its own", () => {
  const numbers = sources.flatMap((file) =>
    [...read(file).matchAll(/\bMigration\((\d+),/g)].map(([, number]) => number)
  );
  assert.ok(numbers.length > 15);
  assert.deepEqual(numbers.filter((number, index) => numbers.indexOf(number) !== index), []);
});
