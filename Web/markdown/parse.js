// Reads the Markdown of messages into a tree. Pure: a text in, plain objects out, and time that grows with the length of
// the text, whatever it is. What the signs mean is in docs/web-client.md. The server reads the same grammar
// (Sources/Chat/Markup); Tests/Grammar holds both to it.

import { isSpace } from "./characters.js";
import { parseInline } from "./inline.js";

export { parseInline };

/** Quotes, lists and spoilers nest no deeper than this; what is deeper is text. */
const DEEPEST = 6;

/** Blocks: `{type: "paragraph"|"heading"|"quote"|"list"|"code"|"hidden", …}`. */
export const parse = (text) => new BlockParser(null).parse(linesOf(text), 0);

/**
 * Where something else than plain text stands, in its order and without what is inside of it: code, links, escaped signs
 * and what stands in `<…>`.
 * @returns {{node: object, from: number, to: number}[]}
 */
export function places(text) {
  const found = [];
  new BlockParser((node, from, to) => found.push({ node, from, to })).parse(linesOf(text), 0);
  found.sort((a, b) => a.from - b.from || b.to - a.to);
  let end = 0;
  return found.filter((place) => {
    if (place.from < end) return false;
    end = place.to;
    return true;
  });
}

/** Lines `{text, at}`, with the place in the whole text at which each begins. */
function linesOf(text) {
  const lines = [];
  for (let at = 0; at <= text.length;) {
    const feed = text.indexOf("\n", at);
    const end = feed < 0 ? text.length : feed;
    lines.push({ text: text.slice(at, feed > at && text[feed - 1] === "\r" ? feed - 1 : end), at });
    at = end + 1;
  }
  return lines;
}

const rest = (line, start) => ({ text: line.text.slice(start), at: line.at + start });

const FENCE = "```";
const HIDDEN = "||";
const QUOTE = /^> ?/;
const HEADING = /^(#{1,3}) +(?=[^ ])/;
const ITEM = /^( {0,8})(?:[-*]|(\d{1,4})[.)]) +/;
const CONTINUATION = /^ {2,}\S/;

function isBlank(text) {
  let index = 0;
  while (index < text.length && isSpace(text.charCodeAt(index))) index += 1;
  return index === text.length;
}

class BlockParser {
  /** @param {?(node: object, from: number, to: number) => void} mark is told where what is no plain text stands. */
  constructor(mark) {
    this.mark = mark;
  }

  parse(lines, depth) {
    const blocks = [];
    let paragraph = [];
    const finish = () => {
      if (paragraph.length > 0) blocks.push({ type: "paragraph", children: this.inline(paragraph) });
      paragraph = [];
    };
    const fences = new FenceFinder(lines);
    for (let index = 0; index < lines.length;) {
      const line = lines[index];
      const block = this.code(lines, index, fences) ?? this.nested(lines, index, depth) ?? this.heading(line, index);
      if (block) {
        if (block.before) paragraph.push(block.before);
        finish();
        blocks.push(block.node);
        if (block.after) paragraph.push(block.after);
        index = block.next;
      } else {
        if (isBlank(line.text)) finish();
        else paragraph.push(line);
        index += 1;
      }
    }
    finish();
    return blocks;
  }

  inline(lines) {
    const text = lines.map((line) => line.text).join("\n");
    if (!this.mark) return parseInline(text);
    const starts = [];
    let length = 0;
    for (const line of lines) {
      starts.push(length);
      length += line.text.length + 1;
    }
    const place = (index) => {
      let [low, high] = [0, starts.length];
      while (high - low > 1) {
        const middle = (low + high) >> 1;
        if (starts[middle] <= index) low = middle;
        else high = middle;
      }
      return lines[low].at + index - starts[low];
    };
    return parseInline(text, (node, from, to) => this.mark(node, place(from), place(to - 1) + 1));
  }

  heading(line, index) {
    const match = HEADING.exec(line.text);
    if (!match) return null;
    const node = { type: "heading", level: match[1].length, children: this.inline([rest(line, match[0].length)]) };
    return { node, next: index + 1 };
  }

  nested(lines, index, depth) {
    if (depth >= DEEPEST) return null;
    return this.hidden(lines, index, depth) ?? this.quote(lines, index, depth) ?? this.list(lines, index, depth);
  }

  quote(lines, index, depth) {
    const inside = [];
    let next = index;
    for (let match; next < lines.length && (match = QUOTE.exec(lines[next].text)); next += 1) {
      inside.push(rest(lines[next], match[0].length));
    }
    return next > index ? { node: { type: "quote", children: this.parse(inside, depth + 1) }, next } : null;
  }

  // MARK: Code

  /** Code from three backticks to the next three: within a line, or from the beginning of one to a later one. */
  code(lines, index, fences) {
    const line = lines[index];
    const at = line.text.indexOf("`");
    if (at < 0 || !isFence(line.text, at)) return null;
    const start = at + FENCE.length;
    const before = line.text.slice(0, at);
    const isBare = isBlank(before);
    const end = line.text.indexOf(FENCE, start);
    if (end >= 0) {
      const node = { type: "code", language: "", text: line.text.slice(start, end) };
      this.mark?.(node, line.at + at, line.at + end + FENCE.length);
      return {
        node,
        before: isBare ? null : { text: before, at: line.at },
        after: remains(line, end + FENCE.length),
        next: index + 1,
      };
    }
    const last = isBare ? fences.from(index + 1) : -1;
    return last < 0 ? null : this.codeOfLines(lines, index, start, last);
  }

  codeOfLines(lines, index, start, last) {
    const first = lines[index].text.slice(start);
    const inside = lines.slice(index + 1, last).map((line) => line.text);
    const language = languageOf(first);
    if (language === null) inside.unshift(first);
    const end = lines[last].text.indexOf(FENCE);
    const final = lines[last].text.slice(0, end);
    if (!isBlank(final)) inside.push(final);
    const node = { type: "code", language: language ?? "", text: inside.join("\n") };
    this.mark?.(node, lines[index].at + start - FENCE.length, lines[last].at + end + FENCE.length);
    return { node, after: remains(lines[last], end + FENCE.length), next: last + 1 };
  }

  // MARK: Spoilers

  /**
   * A spoiler that begins a line and goes on over blocks, which it hides with all that is in them. What stays within a
   * paragraph is a matter of `parseInline`.
   */
  hidden(lines, index, depth) {
    const first = lines[index].text;
    if (!first.startsWith(HIDDEN) || first.includes(HIDDEN, HIDDEN.length)) return null;
    const end = endOfHidden(lines, index);
    if (!end || !lines.slice(index, end.line + 1).some((line, place) => isOfBlocks(line.text, place === 0))) {
      return null;
    }
    const inside = [
      rest(lines[index], HIDDEN.length),
      ...lines.slice(index + 1, end.line),
      { text: lines[end.line].text.slice(0, end.at), at: lines[end.line].at },
    ];
    const children = this.parse(inside, depth + 1);
    if (children.length === 0) return null;
    return {
      node: { type: "hidden", children },
      after: remains(lines[end.line], end.at + HIDDEN.length),
      next: end.line + 1,
    };
  }

  // MARK: Lists

  list(lines, index, depth) {
    const first = ITEM.exec(lines[index].text);
    if (!first) return null;
    const [, indent, number] = first;
    const items = [];
    let next = index;
    for (; next < lines.length; next += 1) {
      const line = lines[next];
      const match = ITEM.exec(line.text);
      if (match && match[1].length <= indent.length) items.push([rest(line, match[0].length)]);
      else if (match || CONTINUATION.test(line.text)) {
        items.at(-1).push(rest(line, indentTo(line.text, indent.length + 2)));
      } else break;
    }
    const node = {
      type: "list",
      start: number === undefined ? null : Number(number),
      items: items.map((item) => this.parse(item, depth + 1)),
    };
    return { node, next };
  }
}

/** Finds the next line with three backticks. */
class FenceFinder {
  constructor(lines) {
    this.lines = lines;
  }

  from(index) {
    if (!this.next) {
      let last = -1;
      this.next = new Array(this.lines.length + 1).fill(-1);
      for (let place = this.lines.length - 1; place >= 0; place -= 1) {
        if (this.lines[place].text.includes(FENCE)) last = place;
        this.next[place] = last;
      }
    }
    return this.next[index];
  }
}

/** Whether exactly three backticks are here, and are neither escaped nor within a spoiler of the line. */
function isFence(text, at) {
  if (!text.startsWith(FENCE, at) || text[at + FENCE.length] === "`") return false;
  let escapes = 0;
  while (text.charAt(at - 1 - escapes) === "\\") escapes += 1;
  let spoilers = 0;
  for (
    let place = text.indexOf(HIDDEN);
    place >= 0 && place < at;
    place = text.indexOf(HIDDEN, place + HIDDEN.length)
  ) {
    spoilers += 1;
  }
  return escapes % 2 === 0 && spoilers % 2 === 0;
}

/** The language that stands behind a fence, be it with attributes; null when that is a line of the code. */
function languageOf(text) {
  const [language, ...attributes] = text.trim().split(/\s+/);
  const areAttributes = attributes.every((word) => word.includes("=") || word.startsWith("{") || word.endsWith("}"));
  return /^[\w+#.-]*$/.test(language) && areAttributes && !text.includes("`") ? language : null;
}

function remains(line, start) {
  const after = rest(line, start);
  return isBlank(after.text) ? null : after;
}

/** The first `||` of a later line that is not within code. */
function endOfHidden(lines, index) {
  let isInCode = false;
  for (let number = index; number < lines.length; number += 1) {
    const { text } = lines[number];
    for (let place = number === index ? HIDDEN.length : 0;;) {
      const fence = text.indexOf(FENCE, place);
      const sign = isInCode ? -1 : text.indexOf(HIDDEN, place);
      if (sign >= 0 && (fence < 0 || sign < fence)) return { line: number, at: sign };
      if (fence < 0) break;
      isInCode = !isInCode;
      place = fence + FENCE.length;
    }
  }
  return null;
}

/** Whether a line is, or ends, a block of its own. */
const isOfBlocks = (text, isFirst) =>
  text.includes(FENCE) || (!isFirst && (isBlank(text) || QUOTE.test(text) || HEADING.test(text) || ITEM.test(text)));

function indentTo(text, most) {
  let indent = 0;
  while (indent < most && text.charAt(indent) === " ") indent += 1;
  return indent;
}
