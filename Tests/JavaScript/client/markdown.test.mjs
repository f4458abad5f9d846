import assert from "node:assert/strict";
import { test } from "node:test";
import { highlight } from "../../../Web/markdown/highlight.js";
import { parse, parseInline, plainText } from "../../../Web/markdown/parse.js";

/** A tree as a short text: `strong(a)`. */
function show(nodes) {
  return nodes
    .map((node) => {
      if (node.type === "text") return node.text;
      if (node.type === "code-span") return `code(${node.text})`;
      if (node.type === "code") return `block(${node.language}:${node.text})`;
      if (node.type === "list") return `list(${node.items.map(show).join("|")})`;
      if (node.type === "link") return `link(${node.url}=${show(node.children)})`;
      if (["user", "role", "channel"].includes(node.type)) return `${node.type}(${node.id})`;
      if (node.type === "emoji") return `emoji(${node.name})`;
      if (node.type === "time") return `time(${node.seconds},${node.style})`;
      if (node.type === "everyone") return `everyone(${node.name})`;
      return `${node.type}(${show(node.children)})`;
    })
    .join("");
}

const INLINE = [
  ["plain", "plain"],
  ["**a** *b* _c_ __d__ ~~e~~ ||f||", "strong(a) emphasis(b) emphasis(c) underline(d) strike(e) spoiler(f)"],
  ["**a *b* c**", "strong(a emphasis(b) c)"],
  ["**open", "**open"],
  ["a * b * c", "a * b * c"],
  ["snake_case_name", "snake_case_name"],
  ["`**no**`", "code(**no**)"],
  ["``a ` b``", "code(a ` b)"],
  ["\\*not\\*", "*not*"],
  ["<@1> <@&2> <#3> <:bird:4> <a:bird:5>", "user(1) role(2) channel(3) emoji(bird) emoji(bird)"],
  ["<t:0> <t:1795466080:R>", "time(0,f) time(1795466080,R)"],
  ["@everyone you@everyone @here.", "everyone(everyone) you@everyone everyone(here)."],
  ["https://a.org/x.", "link(https://a.org/x=https://a.org/x)."],
  ["(https://a.org/x_(y))", "(link(https://a.org/x_(y)=https://a.org/x_(y)))"],
  ["<https://a.org>", "link(https://a.org=https://a.org)"],
  ["[words](https://a.org)", "link(https://a.org=words)"],
  ["[x](javascript:alert(1))", "[x](javascript:alert(1))"],
  ["[x](data:text/html,x)", "[x](data:text/html,x)"],
  ["https://", "https://"],
  ["<script>alert(1)</script>", "<script>alert(1)</script>"],
];

for (const [text, expected] of INLINE) {
  test(`within a line: ${text}`, () => assert.equal(show(parseInline(text)), expected));
}

const BLOCKS = [
  ["a\nb\n\nc", "paragraph(a\nb)paragraph(c)"],
  ["# a\n## b", "heading(a)heading(b)"],
  ["> a\n> b\nc", "quote(paragraph(a\nb))paragraph(c)"],
  ["- a\n- b\n  - c", "list(paragraph(a)|paragraph(b)list(paragraph(c)))"],
  ["1. a\n2. b", "list(paragraph(a)|paragraph(b))"],
  ["```swift\nlet a = **1**\n```", "block(swift:let a = **1**)"],
  ["```\nopen", "paragraph(```\nopen)"],
  ["a ```b``` c", "paragraph(a )block(:b)paragraph( c)"],
  ["", ""],
];

for (const [text, expected] of BLOCKS) {
  test(`blocks: ${JSON.stringify(text)}`, () => assert.equal(show(parse(text)), expected));
}

test("no text breaks the parser, or takes it long", () => {
  const signs = [
    "*",
    "_",
    "**",
    "||",
    "`",
    "```",
    "\n",
    "> ",
    "- ",
    "[",
    "](",
    "http://",
    "<@",
    ">",
    "a",
    " ",
    "é",
    "鶴",
    "\\",
    "<t:",
    ":R>",
  ];
  let seed = 1795466080;
  console.log(`seed ${seed}`);
  const random = (count) => (seed = (seed * 1103515245 + 12345) % 2147483648) % count;
  for (let round = 0; round < 3000; round += 1) {
    const text = Array.from({ length: random(60) }, () => signs[random(signs.length)]).join("");
    assert.ok(Array.isArray(parse(text)));
  }
  // Each of these has driven some parser to time that grows with the square of the length, or worse.
  for (const piece of ["*", "_a", "**a", "[", "[a](", "`", "> ", "||", "<@", "http://a", "- a\n  "]) {
    const text = piece.repeat(Math.ceil(4000 / piece.length)).slice(0, 4000);
    assert.ok(Array.isArray(parse(text)));
  }
});

test("a preview has the words and not the signs, and keeps spoilers hidden", () => {
  assert.equal(plainText("**a** ||b|| `c`\n- d"), "a ▒▒▒ c d");
});

test("code is coloured, and every letter of it is kept", () => {
  const code = 'let a = "x" // note\nfunc f(n: Int) { return 0x1F }';
  const pieces = highlight(code, "swift");
  assert.equal(pieces.map((piece) => piece.text).join(""), code);
  assert.deepEqual(
    pieces.filter((piece) => piece.kind).map((piece) => [piece.kind, piece.text]),
    [["keyword", "let"], ["string", '"x"'], ["comment", "// note"], ["keyword", "func"], ["function", "f"], [
      "keyword",
      "return",
    ], ["number", "0x1F"]],
  );
});
