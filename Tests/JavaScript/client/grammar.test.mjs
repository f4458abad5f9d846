import assert from "node:assert/strict";
import fs from "node:fs";
import { test } from "node:test";
import { isLetter, isSpace } from "../../../Web/markdown/characters.js";
import { highlight } from "../../../Web/markdown/highlight.js";
import { parse, places } from "../../../Web/markdown/parse.js";
import { copiedText, plainText } from "../../../Web/markdown/text.js";
import { mentions, outline } from "../outline.mjs";

const folder = new URL("../../Grammar/", import.meta.url);
const nobody = { users: [], roles: [], everyone: false };

for (const file of fs.readdirSync(folder)) {
  for (const row of JSON.parse(fs.readFileSync(new URL(file, folder), "utf8"))) {
    test(`${file}: ${JSON.stringify(row.text)}`, () => {
      const tree = parse(row.text);
      assert.deepEqual(outline(tree), row.tree);
      assert.deepEqual(mentions(tree), row.mentions ?? nobody);
    });
  }
}

test("white space is what the language calls so", () => {
  for (let unit = 0; unit < 0x10000; unit += 1) {
    assert.equal(isSpace(unit), /\s/.test(String.fromCharCode(unit)), `U+${unit.toString(16)}`);
  }
});

test("letters of the living scripts are letters, and signs are none", () => {
  for (const letter of "aZ9_éßжЩאبあアー漢한ไทक") assert.ok(isLetter(letter.charCodeAt(0)), letter);
  for (const sign of " .,。、「」（）！“”«»—…×÷·€→\u3000") assert.ok(!isLetter(sign.charCodeAt(0)), sign);
});

test("it is known where in a text code, links, mentions and escaped signs stand", () => {
  const found = (text) => places(text).map(({ node, from, to }) => `${node.type}:${text.slice(from, to)}`);
  assert.deepEqual(found("a `b` \\* <@1> https://a.org, [c `d` <@2>](https://b.org)"), [
    "code-span:`b`",
    "escape:\\*",
    "user:<@1>",
    "link:https://a.org",
    "link:[c `d` <@2>](https://b.org)",
  ]);
  assert.deepEqual(found("> - a `b\n>   c` <#3>\n\n# <@&4>"), ["code-span:`b\n>   c`", "channel:<#3>", "role:<@&4>"]);
  assert.deepEqual(found("a\r\n```js\r\nx\r\n``` <@1>"), ["code:```js\r\nx\r\n```", "user:<@1>"]);
  assert.deepEqual(found("||<@1>\n\n```<@2>```||"), ["user:<@1>", "code:```<@2>```"]);
});

// MARK: Steps

/** How many units of texts are looked at while something is done. */
function steps(work) {
  let count = 0;
  const originals = [];
  const replace = (prototype, name, make) => {
    const original = prototype[name];
    originals.push([prototype, name, original]);
    prototype[name] = make(original);
  };
  const whole = (original) =>
    function (...values) {
      count += this.length + 1;
      return original.apply(this, values);
    };
  for (const name of ["charAt", "charCodeAt"]) {
    replace(String.prototype, name, (original) =>
      function (index) {
        count += 1;
        return original.call(this, index);
      });
  }
  for (const name of ["trim", "toLowerCase", "split"]) replace(String.prototype, name, whole);
  for (const name of ["indexOf", "includes"]) {
    replace(String.prototype, name, () =>
      function (sign, from = 0) {
        const found = indexOf.call(this, sign, from);
        count += 1 + (found < 0 ? Math.max(0, this.length - from) : found - from);
        return name === "indexOf" ? found : found >= 0;
      });
  }
  replace(String.prototype, "slice", (original) =>
    function (...values) {
      const part = original.apply(this, values);
      count += 1 + part.length;
      return part;
    });
  replace(RegExp.prototype, "exec", (original) =>
    function (text) {
      const from = this.global ? this.lastIndex : 0;
      const match = original.call(this, text);
      // Those that do not stick read up to what they find, from the beginning or from where they were.
      const end = this.global && match ? match.index + match[0].length : text.length;
      count += 1 + (this.sticky ? match?.[0].length ?? 0 : end - from);
      return match;
    });
  try {
    work();
  } finally {
    for (const [prototype, name, original] of originals) prototype[name] = original;
  }
  return count;
}
const { indexOf } = String.prototype;

/** Each has driven some parser to time that grows with the square of the length, or worse. */
const SHAPES = {
  "words": (n) => "word ".repeat(n / 5),
  "an address and brackets": (n) => "https://a/" + ")".repeat(n),
  "addresses and brackets": (n) => ("https://a/" + "(".repeat(n / 8) + ")".repeat(n / 8) + " ").repeat(4),
  "dots at the end of an address": (n) => "https://a/" + ".".repeat(n) + " x",
  "an address of dots": (n) => "https://.".repeat(n / 9),
  "backticks": (n) => "`".repeat(n),
  "backticks before words": (n) => "`".repeat(n / 2) + "x".repeat(n / 2),
  "runs of backticks of all lengths": (n) =>
    Array.from({ length: Math.sqrt(2 * n) }, (_, i) => "`".repeat(i + 1) + "x").join(""),
  "falling runs of backticks": (n) =>
    Array.from({ length: Math.sqrt(2 * n) }, (_, i) => "`".repeat(Math.sqrt(2 * n) - i) + "x").join(""),
  "backticks, then single ones": (n) => "`".repeat(n / 2 + 1) + "a` ".repeat(n / 6),
  "open fences": (n) => "```a\n".repeat(n / 5),
  "odd open fences": (n) => "```a b\n".repeat(n / 7) + "```x",
  "fences in a line": (n) => "a```b".repeat(n / 5),
  "fences and backticks": (n) => "```a` ".repeat(n / 6),
  "quotes": (n) => (">".repeat(6) + "a\n").repeat(n / 8),
  "nested lists": (n) => Array.from({ length: n / 8 }, (_, i) => " ".repeat(i % 9) + "- a").join("\n"),
  "open brackets": (n) => "[".repeat(n),
  "closed brackets": (n) => "[".repeat(n / 2) + "](https://a.org)".repeat(n / 32),
  "links without end": (n) => "[a](https://b".repeat(n / 13),
  "links that open": (n) => "[a](".repeat(n / 4),
  "parentheses within a link": (n) => "[a](https://b" + "(".repeat(n / 2) + ")".repeat(n / 2),
  "blank words of links": (n) => ("[" + " ".repeat(20)).repeat(n / 40) + "](https://a)".repeat(n / 24),
  "angles": (n) => "<".repeat(n),
  "addresses in angles without end": (n) => "<https://aaaaaaa ".repeat(n / 17),
  "long addresses in angles": (n) => ("<https://" + "a".repeat(n / 4) + " ").repeat(4),
  "stars": (n) => "*".repeat(n),
  "stars and letters": (n) => "*a".repeat(n / 2),
  "signs of all kinds": (n) => "*a**b__c~~d||".repeat(n / 13),
  "signs of three": (n) => "***a** b_c___d".repeat(n / 14),
  "backslashes": (n) => "\\".repeat(n),
  "half mentions": (n) => "@everyon".repeat(n / 8),
  "mentions before underscores": (n) => "@everyone____".repeat(n / 13),
  "spoilers by lines": (n) => "||\n".repeat(n / 3),
  "spoilers and fences": (n) => "||\n```\n".repeat(n / 7),
  "spoilers over blank lines": (n) => "||a\n\nb||\n".repeat(n / 9),
  "blank lines": (n) => " \n".repeat(n / 2),
  "headings": (n) => "# #\n".repeat(n / 4),
  "quotes of lists": (n) => ("> - ".repeat(8) + "a\n").repeat(n / 34),
  "numbers of lists": (n) => "1. ".repeat(n / 3),
  "items without words": (n) => "- \n".repeat(n / 3),
  "signs that never close": (n) => "**a __b ~~c ||d ***e ".repeat(n / 21),
  "signs within links": (n) => "[*a **b ||c](https://d)* ".repeat(n / 24),
  "underscores within words": (n) => "a_b_".repeat(n / 4),
  "escaped brackets": (n) => "\\[\\](".repeat(n / 5),
  "half moments": (n) => "<t:1234567890:".repeat(n / 14),
  "half emoji": (n) => "<a:aaaaaaaa:12".repeat(n / 14),
  "long numbers": (n) => ("<@" + "9".repeat(40)).repeat(n / 42),
  "letters that begin addresses": (n) => "h".repeat(n),
  "schemes": (n) => "http://".repeat(n / 7),
  "addresses and wide signs": (n) => "https://a。」".repeat(n / 11),
  "addresses of signs": (n) => "https://a/(([[".repeat(n / 14),
  "carriage returns": (n) => "\r\n".repeat(n / 2),
  "spaces": (n) => " ".repeat(n),
  "signs over two units": (n) => "👩‍👩‍👧".repeat(n / 8),
};

/** Doubling a text may double the steps, and a little more. */
function assertLinear(work, name) {
  const [small, large] = [4096, 8192].map(work);
  assert.ok(large <= 2.2 * small + 100, `${name}: ${small} steps, then ${large}`);
  assert.ok(small <= 400 * 4096, `${name}: ${small} steps`);
}

for (const [name, make] of Object.entries(SHAPES)) {
  test(`steps grow as the text does: ${name}`, () => {
    assertLinear((length) => steps(() => parse(make(length))), name);
    assertLinear((length) => steps(() => places(make(length))), name);
    assertLinear((length) => steps(() => plainText(make(length))), name);
    assertLinear((length) => steps(() => copiedText(make(length))), name);
  });
}

const CODE = {
  "open comments": ["c", (n) => "/*".repeat(n / 2)],
  "comments without end": ["c", (n) => "/* a ".repeat(n / 5)],
  "signs before a bracket": ["c", (n) => "#".repeat(n) + "{"],
  "escaped quotation marks": ["js", (n) => "'a\\".repeat(n / 3)],
  "double escapes": ["js", (n) => "\"\\\\'\\".repeat(n / 5)],
  "digits": ["c", (n) => "0x" + "0".repeat(n) + "g"],
  "digits and dots": ["c", (n) => "0.".repeat(n / 2)],
  "backticks": ["js", (n) => "`\\".repeat(n / 2)],
  "open tags": ["html", (n) => "<!--".repeat(n / 4)],
  "angles": ["html", (n) => "<a".repeat(n / 2)],
  "dashes": ["sql", (n) => "-".repeat(n)],
  "letters": ["py", (n) => "a".repeat(n)],
  "quotation marks by lines": ["js", (n) => "'\n\"\n".repeat(n / 4)],
  "directives before brackets": ["c", (n) => "# a [\n".repeat(n / 6)],
  "half closed comments": ["c", (n) => "/* *".repeat(n / 4)],
  "half closed tags": ["html", (n) => "<a-b:c ".repeat(n / 7)],
  "calls": ["c", (n) => "if(a(".repeat(n / 5)],
};

for (const [name, [language, make]] of Object.entries(CODE)) {
  test(`steps grow as the code does: ${name}`, () =>
    assertLinear((length) => steps(() => highlight(make(length), language)), name));
}
