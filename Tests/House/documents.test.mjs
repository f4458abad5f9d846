// What the documents name is there.

import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { code, files, read, root } from "./sources.mjs";

const documents = [
  ...readdirSync(root).filter((name) => name.endsWith(".md")),
  ...files("docs", ".md"),
];
const exists = (...parts) => existsSync(path.join(root, ...parts));

test("paths of the repository that a document names exist", () => {
  const folders = readdirSync(root, { withFileTypes: true }).filter((one) => one.isDirectory()).map((one) => one.name);
  const missing = [];
  for (const file of documents) {
    for (const [, name] of read(file).matchAll(/`([A-Za-z][\w-]*(?:\/[\w.+-]+)+)(?: [^`]*)?`/g)) {
      if (folders.includes(name.split("/")[0]) && name.split("/")[0] !== "data" && !exists(name)) {
        missing.push(`${file}: ${name}`);
      }
    }
  }
  assert.deepEqual(missing, []);
});

test("what a document says to make can be made", () => {
  const targets = new Set([...read("Makefile").matchAll(/^([a-z-]+):/gm)].map(([, name]) => name));
  const missing = documents.flatMap((file) =>
    [...read(file).matchAll(/`make ([a-z][a-z -]*)`/g)].flatMap(([, names]) => names.split(" "))
      .filter((name) => !targets.has(name)).map((name) => `${file}: ${name}`)
  );
  assert.deepEqual(missing, []);
});

test("sources that a document names by their name alone exist", () => {
  const names = new Set(
    ["Sources", "Tests", "Web", "Plugins", "Benchmarks"].flatMap((folder) =>
      files(folder, "").map((file) => path.basename(file))
    ),
  );
  const missing = [];
  for (const file of documents.filter((file) => file !== "CHANGELOG.md")) {
    for (const [, name] of read(file).matchAll(/`(\w[\w+-]*\.(?:swift|mjs|py))`/g)) {
      if (!names.has(name) && !exists(name)) missing.push(`${file}: ${name}`);
    }
  }
  assert.deepEqual(missing, []);
});

test("the words of the glossary are types", () => {
  const words = [...read("docs/glossary.md").matchAll(/^\| `(\w+)`/gm)].map(([, word]) => word);
  const declared = new Set(
    files("Sources", ".swift").flatMap((file) =>
      [...code(file).matchAll(/\b(?:struct|class|enum|actor|protocol) (\w+)/g)].map(([, name]) => name)
    ),
  );
  assert.ok(words.length > 25);
  assert.deepEqual(words.filter((word) => !declared.has(word)), []);
});

test("prose is wrapped as the code is", () => {
  // What the program or a benchmark writes is as wide as it likes.
  const written = ["api", "benchmarks", "configuration", "errors", "events", "limits"].map((name) => `docs/${name}.md`);
  const long = [];
  for (const file of documents.filter((file) => !written.includes(file))) {
    let isCode = false;
    for (const [index, line] of read(file).split("\n").entries()) {
      if (line.trim().startsWith("```")) isCode = !isCode;
      if (isCode || /^\s*[|#`<>]/.test(line)) continue;
      if (line.length > 120 && /\s/.test(line.trim())) long.push(`${file}:${index + 1}`);
    }
  }
  assert.deepEqual(long, []);
});

test("links from document to document lead somewhere", () => {
  const broken = [];
  for (const file of documents) {
    for (const [, target] of read(file).matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      if (!exists(path.dirname(file), target)) broken.push(`${file}: ${target}`);
    }
  }
  assert.deepEqual(broken, []);
});

test("decisions are numbered without a gap, and say how they stand and since when", () => {
  const decisions = files("docs/decisions", ".md");
  assert.deepEqual(
    decisions.map((file) => Number(path.basename(file).slice(0, 3))),
    decisions.map((_, index) => index + 1),
  );
  const unstated = decisions.filter((file) =>
    !/^# \d+\. .+\n\n\*(?:Accepted|Superseded by \[.+\]), \d{4}-\d\d-\d\d\.\*$/m.test(read(file))
  );
  assert.deepEqual(unstated, []);
});
