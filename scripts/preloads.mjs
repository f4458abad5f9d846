#!/usr/bin/env node
// Writes what the page needs to come in one round, and to be seen before anything else has come:
// - into Web/index.html what main.js imports, and the styles,
// - into Web/first.js the texts of what is seen first.
// And what stands once into where it is needed as well:
// - the version, of VERSION, into the client and the program,
// - the addresses of the page, of Web/kernel/pages.js, into the program.
//   scripts/preloads.mjs [--check]
import fs from "node:fs";
import path from "node:path";

const project = path.join(import.meta.dirname, "..");
const root = path.join(project, "Web");
const IMPORT = /(?:import|export)\s(?:[^"';]*\sfrom\s)?"(\.[^"]+)"/g;
const read = (file) => fs.readFileSync(path.join(root, file), "utf8");

const found = new Set();
function follow(file) {
  if (found.has(file)) return;
  found.add(file);
  for (const [, name] of read(file).matchAll(IMPORT)) follow(path.join(path.dirname(file), name));
}
follow("main.js");
found.delete("main.js");

const links = [...found].sort().map((file) => `<link rel="modulepreload" href="/client/${file}">\n`).join("");
const page = read("index.html");

/** Within the page stand those that it is painted with first; the operator's pages load their own. */
const OTHER_STYLES = ["styles/base.css", "styles/first.css", "views/administration/administration.css"];
const styles = fs.readdirSync(root, { recursive: true })
  .filter((file) => file.endsWith(".css") && !OTHER_STYLES.includes(file)).sort()
  .map((file) => `<link rel="stylesheet" href="/client/${file}">\n`).join("");
const newPage = page
  .replace(/(<!-- preloads[^>]*-->\n)[^]*?(<!-- end of preloads -->)/, `$1${links}$2`)
  .replace(/(<!-- styles[^>]*-->\n)[^]*?(<!-- end of styles -->)/, `$1${styles}$2`);

const keys = [...page.matchAll(/data-text="([^"]+)"/g)].map((match) => match[1]);
const texts = [];
for (const language of fs.readdirSync(path.join(root, "texts"), { withFileTypes: true })) {
  if (!language.isDirectory()) continue;
  const all = (await import(path.join(root, "texts", language.name, "main.js"))).default;
  const lines = keys.map((key) => `      ${JSON.stringify(key)}: ${JSON.stringify(all[key])},\n`).join("");
  texts.push(`    ${language.name}: {\n${lines}    },\n`);
}
const script = read("first.js");
const version = fs.readFileSync(path.join(project, "VERSION"), "utf8").trim();
const withVersion = (text) =>
  text.replace(/(\bCLIENT_VERSION = |static let programVersion = Version\()"[^"]*"/, `$1${JSON.stringify(version)}`);
const newScript = script.replace(
  /(\/\/ texts:[^\n]*\n)[^]*?( *\/\/ end of texts)/,
  `$1  const TEXTS = {\n${texts.sort().join("")}  };\n$2`,
);

const files = { "Web/index.html": [page, newPage], "Web/first.js": [script, withVersion(newScript)] };
for (const file of ["Web/server/api.js", "Sources/Aviary/Settings/ProgramVersion.swift"]) {
  const text = fs.readFileSync(path.join(project, file), "utf8");
  files[file] = [text, withVersion(text)];
}
const { PAGES } = await import(path.join(root, "kernel/pages.js"));
const addresses = Object.values(PAGES).flat().map((address) => `        ${JSON.stringify(address)},\n`).join("");
const listFile = "Sources/WebClient/WebPage+Addresses.swift";
const list = fs.readFileSync(path.join(project, listFile), "utf8");
files[listFile] = [list, list.replace(/(\/\/ addresses\n)[^]*?( *\/\/ end of addresses)/, `$1${addresses}$2`)];
for (const [file, [before, after]] of Object.entries(files)) {
  if (before === after) continue;
  if (process.argv.includes("--check")) {
    console.error(`${file} is not what the modules, the texts and VERSION are now; run scripts/preloads.mjs`);
    process.exit(1);
  } else fs.writeFileSync(path.join(project, file), after);
}
