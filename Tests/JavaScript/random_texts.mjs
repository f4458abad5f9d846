// Writes texts as the web client reads them, a JSON `{text, tree, mentions}` in each line:
//
//   random_texts.mjs SEED COUNT    random texts of what is tricky in the grammar
//   random_texts.mjs units         each sign and letter beside what it may touch

import { parse } from "../../Web/markdown/parse.js";
import { mentions, outline } from "./outline.mjs";

const PIECES = [
  ..."*_~|`\\[]()<>@#!.,:; \n-ahH1é漢。」…’",
  ..."**|__|~~|***|___|```|``|````|\\`|\\\\|](|[a|](https://b.org)|](<https://c.org>)|<https://|https://a.org/|HTTP://b/"
    .split("|"),
  "||",
  "||",
  "\n\n",
  "\r\n",
  "\n```\n",
  "```js\n",
  "``` a=1\n",
  "\n> ",
  "> > ",
  "\n- ",
  "\n  - ",
  "\n10. ",
  "\n# ",
  "\n## ",
  "  ",
  "\u3000",
  "\u2028",
  "<@1>",
  "<@22>",
  "<@&3>",
  "<#4>",
  "<@0>",
  "<@9223372036854775808>",
  "@everyone",
  "@here",
  "<:bird:5>",
  "<a:bird:5>",
  "<t:0:R>",
  "word",
  "snake_case",
  "日本",
  "😀",
];

function* randomTexts(seed, count) {
  let state = seed % 2147483647 || 1;
  const random = (bound) => {
    state = (state * 48271) % 2147483647;
    return state % bound;
  };
  for (let number = 0; number < count; number += 1) {
    yield Array.from({ length: 1 + random(40) }, () => PIECES[random(PIECES.length)]).join("");
  }
}

function* unitTexts() {
  for (let unit = 0x20; unit < 0x10000; unit += unit < 0x3100 || unit >= 0xFE00 ? 1 : 0x101) {
    if (unit >= 0xD800 && unit < 0xE000) continue;
    const sign = String.fromCharCode(unit);
    yield `${sign}@here${sign} ${sign}_a_${sign}https://a.org/${sign}b${sign} ${sign}\n\n${sign}\n\\${sign}`;
  }
}

const [first, count] = process.argv.slice(2);
const lines = [];
for (const text of first === "units" ? unitTexts() : randomTexts(Number(first), Number(count))) {
  const tree = parse(text);
  lines.push(JSON.stringify({ text, tree: outline(tree), mentions: mentions(tree) }));
}
process.stdout.write(lines.join("\n"));
