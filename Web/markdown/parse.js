// Reads the Markdown of messages into a tree. Pure: a text in, plain objects out, and time that grows with the length of
// the text, whatever it is. What the signs mean is in docs/web-client.md.

/** Quotes and lists nest no deeper than this; what is deeper is text. */
const DEEPEST = 6;

/** Blocks: `{type: "paragraph"|"heading"|"quote"|"list"|"code", …}`. */
export function parse(text) {
  return parseBlocks(text.replaceAll("\r\n", "\n").split("\n"), 0);
}

const FENCE = /^```([\w+#.-]*)\s*$/;
const HEADING = /^(#{1,3}) +(.+)$/;
const ITEM = /^( {0,8})(?:[-*]|(\d{1,4})[.)]) +(.*)$/;

function parseBlocks(lines, depth) {
  const blocks = [];
  let paragraph = [];
  const finish = () => {
    if (paragraph.length > 0) blocks.push({ type: "paragraph", children: parseInline(paragraph.join("\n")) });
    paragraph = [];
  };
  for (let index = 0; index < lines.length;) {
    const line = lines[index];
    const code = fenced(lines, index);
    if (code) {
      finish();
      if (code.before) blocks.push({ type: "paragraph", children: parseInline(code.before) });
      blocks.push({ type: "code", language: code.language, text: code.text });
      index = code.next;
      if (code.after) paragraph.push(code.after);
    } else if (depth < DEEPEST && /^> ?/.test(line)) {
      finish();
      const inside = [];
      while (index < lines.length && /^> ?/.test(lines[index])) inside.push(lines[index++].replace(/^> ?/, ""));
      blocks.push({ type: "quote", children: parseBlocks(inside, depth + 1) });
    } else if (HEADING.test(line)) {
      finish();
      const [, signs, content] = HEADING.exec(line);
      blocks.push({ type: "heading", level: signs.length, children: parseInline(content) });
      index += 1;
    } else if (depth < DEEPEST && ITEM.test(line)) {
      finish();
      const end = endOfList(lines, index);
      blocks.push(parseList(lines.slice(index, end), depth));
      index = end;
    } else {
      if (line.trim() === "") finish();
      else paragraph.push(line);
      index += 1;
    }
  }
  finish();
  return blocks;
}

/** Code between lines of three backticks, or the rest of the text when nobody closed it; nil when none begins here. */
function fenced(lines, index) {
  const opening = FENCE.exec(lines[index]);
  if (!opening) {
    // ```all on one line```
    const single = /^(.*?)```([^`]+)```(.*)$/.exec(lines[index]);
    if (!single || single[1].includes("`")) return null;
    return { before: single[1], language: "", text: single[2], after: single[3], next: index + 1 };
  }
  let end = index + 1;
  while (end < lines.length && lines[end].trimEnd() !== "```" && !lines[end].endsWith("```")) end += 1;
  if (end >= lines.length) return null;
  const inside = lines.slice(index + 1, end);
  const last = lines[end].trimEnd().slice(0, -3);
  if (last) inside.push(last);
  return { before: "", language: opening[1], text: inside.join("\n"), after: "", next: end + 1 };
}

function endOfList(lines, start) {
  let end = start + 1;
  while (end < lines.length && (ITEM.test(lines[end]) || /^ {2,}\S/.test(lines[end]))) end += 1;
  return end;
}

function parseList(lines, depth) {
  const [, indent, number] = ITEM.exec(lines[0]);
  const items = [];
  for (const line of lines) {
    const match = ITEM.exec(line);
    if (match && match[1].length <= indent.length) items.push([match[3]]);
    else items.at(-1).push(line.slice(Math.min(indent.length + 2, line.length - line.trimStart().length)));
  }
  return {
    type: "list",
    start: number === undefined ? null : Number(number),
    items: items.map((item) => parseBlocks(item, depth + 1)),
  };
}

// MARK: Within a line

/** What begins at a place, and how to read it: `[pattern, make]`. Sticky patterns without nested repetition. */
const ATOMS = [
  [/(`+)(?!`)([^]*?[^`])\1(?!`)/y, (match) => ({ type: "code-span", text: match[2].replace(/^ (.+) $/, "$1") })],
  [/\\([\\`*_~|<>[\]()#@:!-])/y, (match) => ({ type: "text", text: match[1] })],
  [/<@(\d{1,19})>/y, (match) => ({ type: "user", id: match[1] })],
  [/<@&(\d{1,19})>/y, (match) => ({ type: "role", id: match[1] })],
  [/<#(\d{1,19})>/y, (match) => ({ type: "channel", id: match[1] })],
  [
    /<(a?):([a-z0-9_]{2,32}):(\d{1,19})>/y,
    (match) => ({ type: "emoji", animated: match[1] === "a", name: match[2], id: match[3] }),
  ],
  [
    /<t:(-?\d{1,12})(?::([tTdDfFR]))?>/y,
    (match) => ({ type: "time", seconds: Number(match[1]), style: match[2] ?? "f" }),
  ],
  [/<(https?:\/\/[^\s<>]{1,2000})>/y, (match) => link(match[1], match[1], true)],
  [
    /@(everyone|here)(?![\p{L}\p{N}_])/yu,
    (match, before) => (isWord(before) ? null : { type: "everyone", name: match[1] }),
  ],
  [/https?:\/\/[^\s<>"`|*]{1,2000}/y, (match, before) => (isWord(before) ? null : bareLink(match[0]))],
];

const PAIRS = [
  ["**", "strong"],
  ["__", "underline"],
  ["~~", "strike"],
  ["||", "spoiler"],
  ["*", "emphasis"],
  ["_", "emphasis"],
];

const isWord = (character) => character !== undefined && /[\p{L}\p{N}_]/u.test(character);

/** Reads a text without blocks. */
export function parseInline(text) {
  return new InlineParser(text).read();
}

class InlineParser {
  constructor(text) {
    this.text = text;
    this.index = 0;
    // What has been opened and not closed: [{sign, type, children, at}]; the lowest is the whole.
    this.open = [{ sign: "", children: [] }];
  }

  read() {
    while (this.index < this.text.length) {
      if (!this.atom() && !this.link() && !this.sign()) this.plain();
    }
    while (this.open.length > 1) this.giveUp();
    return this.open[0].children;
  }

  get children() {
    return this.open.at(-1).children;
  }

  add(node) {
    const last = this.children.at(-1);
    if (node.type === "text" && last?.type === "text") last.text += node.text;
    else this.children.push(node);
  }

  atom() {
    // Only these can begin one; most letters are passed over at once.
    if (!"`\\<@h".includes(this.text[this.index])) return false;
    for (const [pattern, make] of ATOMS) {
      pattern.lastIndex = this.index;
      const match = pattern.exec(this.text);
      const node = match && make(match, this.text[this.index - 1]);
      if (!node) continue;
      this.add(node);
      this.index += node.length ?? match[0].length;
      return true;
    }
    return false;
  }

  /** `[words](https://…)`: only addresses of the web. */
  link() {
    if (this.text[this.index] !== "[") return false;
    const pattern =
      /\[([^\][\n]{1,500})\]\(<?(https?:\/\/[^\s<>()]{1,2000}(?:\([^\s<>()]{0,200}\)[^\s<>()]{0,200})?)>?\)/y;
    pattern.lastIndex = this.index;
    const match = pattern.exec(this.text);
    if (!match) return false;
    this.add({ type: "link", url: match[2], children: parseInline(match[1]).filter((node) => node.type !== "link") });
    this.index += match[0].length;
    return true;
  }

  sign() {
    const pair = PAIRS.find(([sign]) => this.text.startsWith(sign, this.index));
    if (!pair) return false;
    const [sign, type] = pair;
    const [before, after] = [this.text[this.index - 1], this.text[this.index + sign.length]];
    const opened = this.open.findLastIndex((item) => item.sign === sign);
    // An underscore within a word, as in a file's name, is only that.
    const isInWord = sign.startsWith("_") && isWord(before) && isWord(after);
    if (opened > 0 && this.index > this.open[opened].at + sign.length && before !== " " && !isInWord) {
      while (this.open.length - 1 > opened) this.giveUp();
      const { children } = this.open.pop();
      this.add({ type, children });
    } else if (opened <= 0 && after !== undefined && !/\s/.test(after) && !(sign.startsWith("_") && isWord(before))) {
      this.open.push({ sign, type, children: [], at: this.index });
    } else {
      this.add({ type: "text", text: sign });
    }
    this.index += sign.length;
    return true;
  }

  /** What was opened and never closed is text. */
  giveUp() {
    const { sign, children } = this.open.pop();
    this.add({ type: "text", text: sign });
    children.forEach((node) => this.add(node));
  }

  plain() {
    const rest = /[^`\\<@h[*_~|]+/y;
    rest.lastIndex = this.index;
    const text = rest.exec(this.text)?.[0] ?? this.text[this.index];
    this.add({ type: "text", text });
    this.index += text.length;
  }
}

const link = (url, text, isQuiet) => ({ type: "link", url, isQuiet, children: [{ type: "text", text }] });

/** An address in a sentence does not take the sentence's signs along. */
function bareLink(text) {
  let url = text.replace(/[.,:;!?'"\u3001\u3002]+$/, "");
  const count = (sign) => url.split(sign).length - 1;
  while (url.endsWith(")") && count(")") > count("(")) url = url.slice(0, -1);
  if (!/^https?:\/\/[^/?#]/.test(url)) return null;
  return { ...link(url, url, false), length: url.length };
}

/** The text without its signs, for previews and notifications. */
export function plainText(text, { name = () => "" } = {}) {
  const words = (nodes) =>
    nodes.map((node) => {
      switch (node.type) {
        case "text":
        case "code-span":
        case "code":
          return node.text;
        case "spoiler":
          return "▒▒▒";
        case "emoji":
          return `:${node.name}:`;
        case "everyone":
          return `@${node.name}`;
        case "user":
        case "role":
        case "channel":
        case "time":
          return name(node);
        case "list":
          return node.items.map((item) => words(item)).join(" ");
        default:
          return words(node.children ?? []);
      }
    }).join("");
  return parse(text).map((block) => words([block])).join(" ").replace(/\s+/g, " ").trim();
}
