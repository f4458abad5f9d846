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

const forward = (message, limit) =>
  forwardedText(
    { author_username: "wren", attachments: [], ...message },
    (name) => name,
    "https://own.example/1",
    limit,
  );

test("a poll is forwarded as its question and its answers", () => {
  const poll = { question: "Which *tree*?", options: [{ text: "oak" }, { text: "# elm" }] };
  assert.equal(
    plainText(forward({ content: null, poll })),
    plainText("> **Which \\*tree\\*?**\n> - oak\n> - \\# elm\nwren <https://own.example/1>"),
  );
  const [quote] = parse(forward({ content: "vote!", poll }));
  assert.deepEqual(quote.children.map((block) => block.type), ["paragraph", "list"]);
});

test("what a program says in an embed alone is forwarded", () => {
  const embeds = [{ title: "Build [7]", description: "has *failed*", fields: [{ name: "took", value: "3 s" }] }];
  assert.equal(plainText(forward({ content: "", embeds })).split("wren")[0].trim(), "Build [7] has failed took 3 s");
  assert.ok(!forward({ content: "see", embeds }).includes("Build"), "beside words it is a preview");
});

test("a long message is cut where it is forwarded, and stays a quote", () => {
  const contents = [
    "x".repeat(4000),
    "word ".repeat(799),
    "line\n".repeat(799),
    `\`\`\`\n${"code\n".repeat(700)}\`\`\``,
    "😀".repeat(4000),
    "||a||\n".repeat(600),
    `Hello all,\n${"word ".repeat(790)}`,
  ];
  for (const content of contents) {
    const text = forward({ content, attachments: [{ filename: "notes.txt" }] }, 4000);
    assert.ok([...text].length <= 4000, `${[...text].length}`);
    assert.ok([...text].length > 3000);
    assert.deepEqual(parse(text).map((block) => block.type), ["quote", "paragraph"]);
    assert.match(text, /…/);
  }
});

test("names of files that are longer than a message are cut where it is forwarded", () => {
  const attachments = Array.from({ length: 10 }, (_, number) => ({ filename: `${number}\`\`*`.repeat(60) }));
  for (const content of ["", "see below"]) {
    const text = forward({ content, attachments }, 4000);
    assert.ok([...text].length <= 4000, `${[...text].length}`);
    assert.deepEqual(parse(text).map((block) => block.type), ["quote", "paragraph"]);
  }
});
