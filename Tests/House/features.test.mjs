// A feature that is declared is part of the server, and no two steps of the schema have one number.

import assert from "node:assert/strict";
import { test } from "node:test";
import { code, featureSources, read } from "./sources.mjs";

test("every feature stands in the list of all", () => {
  const declared = featureSources.flatMap((file) =>
    [...code(file).matchAll(/^(?:public |package |final )*(?:extension|struct|class) (\w+): Feature\b/gm)].map((
      [, name],
    ) => name)
  );
  const list = featureSources.filter((file) => /\/(All|\w+)Features\.swift$/.test(file)).map(code).join("\n");
  assert.ok(declared.length > 50);
  assert.deepEqual(declared.filter((name) => !new RegExp(`\\b${name}\\(`).test(list)), []);
});

test("each migration has a number of its own", () => {
  const steps = featureSources.flatMap((file) =>
    [...read(file).matchAll(/\bMigration\(\s*(\d+),/g)].map(([, number]) => ({ file, number: Number(number) }))
  );
  const numbers = steps.map(({ number }) => number);
  assert.ok(numbers.length > 15);
  assert.deepEqual(
    steps.filter(({ number }) => numbers.indexOf(number) !== numbers.lastIndexOf(number)),
    [],
    `the next free one is ${Math.max(...numbers) + 1}`,
  );
});

test("each audit action has a name of its own and stands in its feature's list", () => {
  const declared = featureSources.flatMap((file) =>
    [...read(file).matchAll(/^ {4}static let (\w+) = AuditAction\("([\w.]+)"\)/gm)].map(([, name, text]) => ({
      name,
      text,
      isListed: new RegExp(`auditActions: \\[AuditAction\\] = \\[[^\\]]*\\.${name}\\b`).test(read(file)),
    }))
  );
  assert.ok(declared.length > 30);
  assert.deepEqual(declared.filter(({ isListed }) => !isListed), []);
  assert.equal(new Set(declared.map(({ text }) => text)).size, declared.length);
});
