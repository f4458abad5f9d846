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

/** What people meet, as the server says it. */
const SAID = [
  ["content", "must be at most 4000 characters long, is 4001", "4,000"],
  ["name", "must be 2 to 32 characters long, is 1", "2"],
  ["name", "must have 1 to 100 visible characters and no control characters", "100"],
  ["server", "has 500 channels already, which is the limit", "500"],
  ["message_id", "is one too many: there can be 1000 bookmarks", "1,000"],
  ["overwrites", "a channel has at most 200", "200"],
  ["emoji", "the message has 20 kinds already, which is the limit"],
  ["username", "may have letters A-Z, digits, '_', '.' and '-'"],
  ["username", "is not to be had here"],
  ["email", "must be an e-mail address"],
  ["send_at", "must lie within the next year"],
  ["timeout_until", "must be within the next 28 days"],
  ["options", "must differ: nobody could tell equal ones apart"],
  ["poll", "is over"],
  ["user_id", "is your own"],
  ["value", "must be an IP address or a CIDR range"],
  ["content", "or embeds is required"],
];

for (const language of ["en", "de", "ja"]) {
  test(`what the server says of a field is said in words for people: ${language}`, async () => {
    const { explain, useLanguage } = await import("../../../Web/texts/text.js");
    globalThis.document ??= { documentElement: {} };
    await useLanguage(language);
    for (const [field, message, number = ""] of SAID) {
      const text = explain({ status: 400, message: "Invalid input", details: [{ field, message }] });
      assert.notEqual(text, `${field}: ${message}`);
      if (language !== "en") assert.ok(!text.includes(message), text);
      assert.ok(text.replaceAll(".", ",").includes(number), text);
      assert.doesNotMatch(text, /\{|NaN/);
    }
    const unknown = explain({ status: 400, message: "Invalid input", details: [{ field: "a", message: "is odd" }] });
    assert.ok(unknown.includes("a: is odd"), "nothing that the server says is lost");
    assert.equal(unknown === "a: is odd", language === "en");
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
