#!/usr/bin/env node
// Writes into Web/index.html what main.js imports, so that a browser asks for all of it at once:
//   scripts/preloads [--check]
import fs from "node:fs";
import path from "node:path";

const root = path.join(import.meta.dirname, "../Web");
const IMPORT = /(?:import|export)\s(?:[^"';]*\sfrom\s)?"(\.[^"]+)"/g;

const found = new Set();
function follow(file) {
  if (found.has(file)) return;
  found.add(file);
  for (const [, name] of fs.readFileSync(path.join(root, file), "utf8").matchAll(IMPORT)) {
    follow(path.join(path.dirname(file), name));
  }
}
follow("main.js");
found.delete("main.js");

const page = path.join(root, "index.html");
const before = fs.readFileSync(page, "utf8");
const links = [...found].sort().map((file) => `<link rel="modulepreload" href="/client/${file}">`).join("\n");
const after = before.replace(/(<!-- preloads[^>]*-->\n)[^]*?(<!-- end of preloads -->)/, `$1${links}\n$2`);
if (process.argv.includes("--check")) {
  if (before !== after) {
    console.error("Web/index.html does not name what main.js imports; run scripts/preloads");
    process.exit(1);
  }
} else fs.writeFileSync(page, after);
