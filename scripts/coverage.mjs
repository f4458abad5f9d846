#!/usr/bin/env node
// Writes the page of figures from what `llvm-cov export --summary-only` says: a line for each module.
//
//   scripts/coverage.mjs coverage.json >docs/coverage.md

import { readFileSync } from "node:fs";
import path from "node:path";

const root = path.join(import.meta.dirname, "..");
const { files } = JSON.parse(readFileSync(process.argv[2], "utf8")).data[0];

const modules = new Map();
const all = { files: 0, lines: [0, 0], functions: [0, 0] };
for (const { filename, summary } of files) {
  const [folder, module] = path.relative(root, filename).split(path.sep);
  if (folder !== "Sources") continue;
  if (!modules.has(module)) modules.set(module, { files: 0, lines: [0, 0], functions: [0, 0] });
  for (const figures of [modules.get(module), all]) {
    figures.files += 1;
    for (const kind of ["lines", "functions"]) {
      figures[kind][0] += summary[kind].covered;
      figures[kind][1] += summary[kind].count;
    }
  }
}

const share = ([covered, count]) => (count === 0 ? "" : `${(100 * covered / count).toFixed(1)} %`);
const row = (name, { files, lines, functions }) =>
  `| ${name} | ${files} | ${lines[1]} | ${share(lines)} | ${share(functions)} |`;

console.log(`# Coverage

Made by \`make coverage\`; do not edit. How much of the sources the Swift tests run, on both databases. The web client,
and what only its browser tests reach, is not in it.

| module | files | lines | lines run | functions run |
|---|--:|--:|--:|--:|
${[...modules].sort().map(([name, figures]) => row(name, figures)).join("\n")}
${row("**all**", all)}`);
