import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";

const root = path.join(import.meta.dirname, "../../../Web");
const PARTS = ["main", "settings", "administration"];

const sources = fs
  .readdirSync(root, { recursive: true })
  .filter((name) =>
    name.endsWith(".js") && !name.startsWith("texts/en") && !name.startsWith("texts/de") && !name.startsWith("texts/ja")
  )
  .map((name) => ({ name, text: fs.readFileSync(path.join(root, name), "utf8") }));

async function texts(language) {
  const parts = await Promise.all(PARTS.map((part) => import(path.join(root, "texts", language, `${part}.js`))));
  return parts.map((part) => part.default);
}

const english = Object.assign({}, ...(await texts("en")));
const values = (text) => [...new Set(JSON.stringify(text).match(/\{\w+\}/g) ?? [])].sort();

test("every text that the client asks for is there", () => {
  for (const { name, text } of sources) {
    for (const [, key] of text.matchAll(/\b(?:t|rich)\("([\w.-]+)"/g)) assert.ok(key in english, `${name}: ${key}`);
    for (const [, prefix] of text.matchAll(/\b(?:t|rich)\(`([\w.-]+)\$\{/g)) {
      assert.ok(Object.keys(english).some((key) => key.startsWith(prefix)), `${name}: ${prefix}…`);
    }
  }
});

for (const language of ["de", "ja"]) {
  test(`${language} has every text, with the same values`, async () => {
    const [originals, translations] = [await texts("en"), await texts(language)];
    originals.forEach((part, index) => {
      assert.deepEqual(Object.keys(translations[index]), Object.keys(part));
      for (const key in part) assert.deepEqual(values(translations[index][key]), values(part[key]), key);
    });
  });

  test(`${language} has a form for each kind of number that it tells apart`, async () => {
    const { pluralCategories } = new Intl.PluralRules(language).resolvedOptions();
    for (const part of await texts(language)) {
      for (const [key, text] of Object.entries(part)) {
        if (typeof text === "object") {
          for (const category of pluralCategories) assert.ok(text[category], `${key}: ${category}`);
        }
      }
    }
  });
}

test("nothing makes elements of text, or loads from elsewhere", () => {
  for (const { name, text } of sources) {
    assert.doesNotMatch(
      text,
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser/,
      name,
    );
    assert.doesNotMatch(text, /(?:import|from|fetch)\s*\(?["'`]https?:/, name);
  }
});
