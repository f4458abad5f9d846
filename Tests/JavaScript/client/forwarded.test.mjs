import assert from "node:assert/strict";
import { test } from "node:test";
import { literal, literalCode } from "../../../Web/markdown/literal.js";
import { parse, parseInline } from "../../../Web/markdown/parse.js";
import { plainText } from "../../../Web/markdown/text.js";
import { forwardedText } from "../../../Web/views/messages/forwarded.js";

const NAMES = [
  "wren",
  "[The Boss](https://evil.example/login)",
  "https://evil.example/login",
  "<https://evil.example>",
  "**Boss** `x` ||y|| ~~z~~ _u_ __v__",
  "@everyone <@1> <@&2> <#3> <:aa:4> <t:0:R>",
  "```\nx\n```",
  "# a\n> b\n- c",
  "back\\slash\\",
  "1. `` ` ```",
];

for (const name of NAMES) {
  test(`a name is read as it is: ${JSON.stringify(name)}`, () => {
    const plain = name.replace(/\s+/g, " ");
    assert.deepEqual(parse(literal(name)), [{ type: "paragraph", children: [{ type: "text", text: plain }] }]);
    assert.equal(plainText(`> ${literalCode(name)}`), plain);
    assert.equal(parseInline(literalCode(name)).length, 1);
  });
}

test("what is forwarded speaks in the quote only, whatever it holds", () => {
  const parts = [...NAMES, "```", "a ```b``` c", "||", "> ||", "\n", "`", "[", "](", "<", "\\", "a"];
  let seed = 1795466080;
  console.log(`seed ${seed}`);
  const random = (count) => Math.floor((seed = (seed * 48271) % 2147483647) / 2147483647 * count);
  for (let round = 0; round < 2000; round += 1) {
    const any = () => Array.from({ length: random(6) }, () => parts[random(parts.length)]).join("");
    const message = { content: any(), author_username: `x${any()}`, attachments: [{ filename: `f${any()}` }] };
    const text = forwardedText(message, (name) => `— ${name},`, "https://own.example/1");
    const blocks = parse(text);
    assert.deepEqual(blocks.map((block) => block.type), ["quote", "paragraph"], text);
    const [words, link, ...more] = blocks[1].children;
    assert.equal(words.text, `— ${message.author_username.replace(/\s+/g, " ").trim()}, `);
    assert.equal(link.url, "https://own.example/1");
    assert.deepEqual(more, []);
  }
});

test("one-line code stays code when it is forwarded", () => {
  const message = { content: "a ```b``` c", author_username: "wren", attachments: [] };
  const [quote] = parse(forwardedText(message, (name) => name, "https://own.example/1"));
  assert.deepEqual(quote.children.map((block) => block.type), ["paragraph", "code", "paragraph"]);
});
