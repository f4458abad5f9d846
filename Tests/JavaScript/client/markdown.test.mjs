import assert from "node:assert/strict";
import { test } from "node:test";
import { highlight } from "../../../Web/markdown/highlight.js";
import { isOnlyEmoji } from "../../../Web/markdown/only-emoji.js";
import { parse } from "../../../Web/markdown/parse.js";
import { copiedText, plainText } from "../../../Web/markdown/text.js";

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
});

test("a preview has the words and not the signs, and keeps spoilers hidden", () => {
  assert.equal(plainText("**a** ||b|| `c`\n- d"), "a ▒▒▒ c d");
  assert.equal(plainText("> ||a\n>\n> b||\n> - c\n>\n>   d\n> - e\nf"), "▒▒▒ c d e f");
});

test("a preview hides a spoiler over several paragraphs, and of any length", () => {
  assert.equal(plainText("||a\n\nb|| c"), "▒▒▒ c");
  assert.equal(plainText(`||${"secret ".repeat(100)}||`), "▒▒▒");
});

test("what is copied is what is shown, with the signs of spoilers and the addresses of links", () => {
  const name = (node) => `@${node.type}${node.id}`;
  const copied = (text) => copiedText(text, { name });
  assert.equal(copied("**hi** <@1>, `<@2>`\nbye"), "hi @user1, <@2>\nbye");
  assert.equal(copied("a\n\n```js\nlet a\n\nlet b\n```"), "a\n\nlet a\n\nlet b");
  assert.equal(copied("||a|| ||b\n\nc||"), "||a|| ||b\n\nc||");
  assert.equal(copied("||b\n\n<@1>||"), "||b\n\n@user1||");
  assert.equal(copied("[words](https://a.org) https://b.org"), "words (https://a.org) https://b.org");
  assert.equal(copied("> a\n> b\n\n3. c\n4. d"), "> a\n> b\n\n3. c\n4. d");
  assert.equal(copied("<:bird:1> \\@everyone"), ":bird: @everyone");
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

test("unfinished comments and strings colour what an editor would, and no letter is lost", () => {
  for (
    const [code, language, comments] of [["a /* b\nc", "c", ["/* b\nc"]], ["<!-- x", "html", ["<!-- x"]], [
      "# x {",
      "c",
      [],
    ]]
  ) {
    const pieces = highlight(code, language);
    assert.equal(pieces.map((piece) => piece.text).join(""), code);
    assert.deepEqual(pieces.filter((piece) => piece.kind === "comment").map((piece) => piece.text), comments);
  }
  assert.deepEqual(highlight("if (a)", "constructor"), highlight("if (a)", "other"));
  assert.deepEqual(highlight("'a\\'b", "c").map((piece) => piece.kind), [null]);
});

test("a few emoji are shown large, and many or endless ones are not", () => {
  const joined = (count) => Array(count).fill("👨").join("\u200d");
  for (const text of ["🎉", "👩🏻‍❤️‍💋‍👩🏻 🏴󠁧󠁢󠁥󠁮󠁧󠁿", "<:party:3> 🏳️‍🌈", "👍".repeat(12), joined(4)]) {
    assert.ok(isOnlyEmoji(parse(text)), text);
  }
  for (const text of ["a", "1", "👍".repeat(13), joined(1001), joined(7)]) assert.ok(!isOnlyEmoji(parse(text)), text);
});
