// Reads what stands within a line: first into tokens, from left to right, then into a tree. Pure, and each of the two
// looks at no place more than a few times, whatever the text is.

import { endsAddress, isLetter, isSpace, isWord } from "./characters.js";

/**
 * Reads a text without blocks.
 * @param {(node: object, from: number, to: number) => void} [mark] is told where what is no plain text stands.
 */
export const parseInline = (text, mark) => new TreeBuilder(text, mark).build(new Tokenizer(text).read());

const [BACKTICK, BACKSLASH, LESS, AT, OPEN, CLOSE] = [..."`\\<@[]"].map((sign) => sign.charCodeAt(0));
const [STAR, UNDERSCORE, TILDE, BAR, PAREN, PAREN_END] = [..."*_~|()"].map((sign) => sign.charCodeAt(0));
const ESCAPABLE = new Set([..."\\`*_~|<>[]()#@:!.-"].map((sign) => sign.charCodeAt(0)));

// MARK: Tokens

/** The greatest id that there is. */
const GREATEST_ID = "9223372036854775807";
const isID = (digits) => digits.length < GREATEST_ID.length || digits <= GREATEST_ID;

/** What stands in `<…>`: `[pattern, make]`. None of them is longer than a name and an id. */
const BRACKETED = [
  [/<@([1-9]\d{0,18})>/y, ([, id]) => isID(id) && { type: "user", id }],
  [/<@&([1-9]\d{0,18})>/y, ([, id]) => isID(id) && { type: "role", id }],
  [/<#([1-9]\d{0,18})>/y, ([, id]) => isID(id) && { type: "channel", id }],
  [
    /<(a?):([a-z0-9_]{2,32}):([1-9]\d{0,18})>/y,
    ([, animated, name, id]) => isID(id) && { type: "emoji", animated: animated === "a", name, id },
  ],
  [
    /<t:(-?\d{1,12})(?::([tTdDfFR]))?>/y,
    ([, seconds, style]) => ({ type: "time", seconds: Number(seconds), style: style ?? "f" }),
  ],
];

/**
 * Reads tokens `{kind, from, to, …}`: `text`; `node`, with its node, of what is whole in itself; `sign`, of what stands
 * in pairs; `open` and `close` of the words of a link. What is between them is text.
 */
class Tokenizer {
  constructor(text) {
    this.text = text;
    this.tokens = [];
    /** The tokens `[` that may still be the beginning of a link's words. */
    this.brackets = [];
  }

  unit(index) {
    return index >= 0 && index < this.text.length ? this.text.charCodeAt(index) : -1;
  }

  read() {
    let plain = 0;
    for (let index = 0; index < this.text.length;) {
      const token = this.token(index);
      if (token === null) {
        index += 1;
        continue;
      }
      index = token.to;
      if (token.kind === "text") continue;
      if (plain < token.from) this.tokens.push({ kind: "text", from: plain, to: token.from });
      this.tokens.push(token);
      plain = index;
    }
    if (plain < this.text.length) this.tokens.push({ kind: "text", from: plain, to: this.text.length });
    return this.tokens;
  }

  token(index) {
    switch (this.unit(index)) {
      case BACKTICK:
        return this.code(index);
      case BACKSLASH:
        return ESCAPABLE.has(this.unit(index + 1)) ? node({ type: "escape" }, index, index + 2) : null;
      case LESS:
        return this.bracketed(index);
      case AT:
        return this.everyone(index);
      case 0x48:
      case 0x68:
        return this.address(index);
      case OPEN: {
        const token = { kind: "open", from: index, to: index + 1, isLink: false };
        this.brackets.push(token);
        return token;
      }
      case CLOSE:
        return this.close(index);
      case STAR:
      case UNDERSCORE: {
        const to = this.endOfRun(index);
        // A longer run is a line across, or nothing.
        return { kind: to - index > 3 ? "text" : "sign", from: index, to };
      }
      case TILDE:
      case BAR:
        return this.unit(index + 1) === this.unit(index) ? { kind: "sign", from: index, to: index + 2 } : null;
      default:
        return null;
    }
  }

  endOfRun(index) {
    const unit = this.unit(index);
    let end = index + 1;
    while (this.unit(end) === unit) end += 1;
    return end;
  }

  /** Code goes up to the next run of as many backticks. */
  code(index) {
    const end = this.endOfRun(index);
    const closing = this.nextRun(end - index, end);
    if (closing === undefined) return { kind: "text", from: index, to: end };
    const inside = this.text.slice(end, closing);
    const isPadded = inside.startsWith(" ") && inside.endsWith(" ") && !isBlank(inside);
    const text = isPadded ? inside.slice(1, -1) : inside;
    return node({ type: "code-span", text }, index, closing + end - index);
  }

  /** Where the first run of exactly `length` backticks from a place on begins. Places are asked for in their order. */
  nextRun(length, from) {
    if (!this.runs) {
      this.runs = new Map();
      for (let index = 0; index < this.text.length;) {
        if (this.unit(index) !== BACKTICK) {
          index += 1;
          continue;
        }
        const end = this.endOfRun(index);
        const known = this.runs.get(end - index);
        if (known) known.places.push(index);
        else this.runs.set(end - index, { places: [index], next: 0 });
        index = end;
      }
    }
    const runs = this.runs.get(length);
    if (!runs) return undefined;
    while (runs.places[runs.next] < from) runs.next += 1;
    return runs.places[runs.next];
  }

  bracketed(index) {
    for (const [pattern, make] of BRACKETED) {
      pattern.lastIndex = index;
      const match = pattern.exec(this.text);
      const made = match && make(match);
      if (made) return node(made, index, index + match[0].length);
    }
    // An address in brackets stays without a preview.
    const end = this.endOfBracketedAddress(index);
    return end === null ? null : node(link(this.text.slice(index + 1, end), true), index, end + 1);
  }

  /** Where the `>` stands of an address whose `<` is here; null when there is none. */
  endOfBracketedAddress(index) {
    let end = this.host(index + 1);
    if (end === null) return null;
    while (end < this.text.length && !isSpace(this.unit(end)) && this.unit(end) !== LESS && this.unit(end) !== 0x3E) {
      end += 1;
    }
    return this.unit(end) === 0x3E ? end : null;
  }

  /** `@everyone` and `@here`, which may stand between underscores, but not within a word or an address of mail. */
  everyone(index) {
    const name = ["everyone", "here"].find((word) => this.text.startsWith(word, index + 1));
    if (!name || isWord(this.unit(index - 1))) return null;
    const to = index + 1 + name.length;
    let after = to;
    while (this.unit(after) === UNDERSCORE) after += 1;
    return isWord(this.unit(after)) ? null : node({ type: "everyone", name }, index, to);
  }

  // MARK: Addresses

  /** Where the host of an address begins whose `http://` is here; null when there is none. */
  host(index) {
    const scheme = this.text.slice(index, index + 8).toLowerCase();
    const length = scheme === "https://" ? 8 : scheme.startsWith("http://") ? 7 : 0;
    const first = this.unit(index + length);
    // The host is not empty: no path, question or fragment stands in its place.
    const isHost = length > 0 && first >= 0 && !isSpace(first) && !"/?#<>".includes(String.fromCharCode(first));
    return isHost ? index + length : null;
  }

  /** An address in a sentence takes neither the sentence's signs along nor brackets that were opened before it. */
  address(index) {
    const host = this.host(index);
    if (host === null || isWord(this.unit(index - 1))) return null;
    let end = host;
    const open = { parentheses: 0, brackets: 0 };
    for (; end < this.text.length; end += 1) {
      const unit = this.unit(end);
      if (endsAddress(unit) || (unit === TILDE && this.unit(end + 1) === TILDE)) break;
      if (unit === PAREN) open.parentheses += 1;
      else if (unit === PAREN_END && (open.parentheses -= 1) < 0) break;
      else if (unit === OPEN) open.brackets += 1;
      else if (unit === CLOSE && (open.brackets -= 1) < 0) break;
    }
    while (end > host && ".,:;!?'~_([".includes(this.text.charAt(end - 1))) end -= 1;
    return end > host ? node(link(this.text.slice(index, end), false), index, end) : null;
  }

  // MARK: Links with words

  /** `](https://…)` ends the words of the link that the last open `[` began. */
  close(index) {
    const open = this.brackets.pop();
    if (!open || this.unit(index + 1) !== PAREN || this.isBlankBetween(open.to, index)) return null;
    const target = this.target(index + 1);
    if (!target) return null;
    open.isLink = true;
    // There are no links within links.
    this.brackets = [];
    return { kind: "close", from: index, to: target.to, url: target.url };
  }

  isBlankBetween(from, to) {
    let index = from;
    while (index < to && isSpace(this.unit(index))) index += 1;
    return index === to;
  }

  target(index) {
    if (this.unit(index + 1) === LESS) {
      const end = this.endOfBracketedAddress(index + 1);
      const isWhole = end !== null && this.unit(end + 1) === PAREN_END;
      return isWhole ? { url: this.text.slice(index + 2, end), to: end + 2 } : null;
    }
    const end = this.matchingParenthesis(index);
    const host = this.host(index + 1);
    return end !== undefined && host !== null && host < end
      ? { url: this.text.slice(index + 1, end), to: end + 1 }
      : null;
  }

  /** Where the parenthesis is closed that opens here, with no space and no `<>` between. */
  matchingParenthesis(index) {
    if (!this.parentheses) {
      this.parentheses = new Map();
      let open = [];
      for (let place = 0; place < this.text.length; place += 1) {
        const unit = this.unit(place);
        if (unit === PAREN) open.push(place);
        else if (unit === PAREN_END && open.length > 0) this.parentheses.set(open.pop(), place);
        else if (unit === LESS || unit === 0x3E || isSpace(unit)) open = [];
      }
    }
    return this.parentheses.get(index);
  }
}

const node = (node, from, to) => ({ kind: "node", node, from, to });

const link = (url, isQuiet) => ({ type: "link", url, isQuiet, children: [{ type: "text", text: url }] });

const isBlank = (text) => {
  let index = 0;
  while (index < text.length && isSpace(text.charCodeAt(index))) index += 1;
  return index === text.length;
};

// MARK: The tree

/** By the sign's letter, what each width of it makes. */
const MEANINGS = {
  "*": ["", "emphasis", "strong"],
  "_": ["", "emphasis", "underline"],
  "~": ["", "", "strike"],
  "|": ["", "", "spoiler"],
};

class TreeBuilder {
  constructor(text, mark) {
    this.text = text;
    this.mark = mark;
    /** What is open: the whole, then signs `{sign, width, at, children}` and at most one link. */
    this.open = [{ sign: "", children: [] }];
    /** The first of `open` that can be closed: what is outside a link is not closed within it. */
    this.base = 1;
  }

  build(tokens) {
    for (const token of tokens) this.take(token);
    while (this.open.length > 1) this.giveUp();
    return this.open[0].children;
  }

  take(token) {
    const { kind, from, to } = token;
    if (kind === "node") this.addNode(token);
    else if (kind === "sign") this.sign(from, to);
    else if (kind === "open" && token.isLink) {
      this.open.push({ sign: "[", width: 1, at: from, children: [] });
      this.base = this.open.length;
    } else if (kind === "close") this.closeLink(token);
    else this.addText(this.text.slice(from, to));
  }

  get isInLink() {
    return this.base > 1;
  }

  add(node) {
    const { children } = this.open.at(-1);
    const last = children.at(-1);
    if (node.type === "text" && last?.type === "text") last.text += node.text;
    else children.push(node.type === "text" ? { ...node } : node);
  }

  addText(text) {
    this.add({ type: "text", text });
  }

  addNode({ node, from, to }) {
    if (!this.isInLink) this.mark?.(node, from, to);
    if (node.type === "escape") this.addText(this.text[from + 1]);
    // The words of a link are words: they are no other link, and speak to nobody.
    else if (this.isInLink && node.type === "link") this.addText(node.url);
    else if (this.isInLink && ["user", "role", "channel", "everyone"].includes(node.type)) {
      this.addText(this.text.slice(from, to));
    } else this.add(node);
  }

  closeLink({ to, url }) {
    while (this.open.length > this.base) this.giveUp();
    const { at, children } = this.open.pop();
    this.base = 1;
    const node = { type: "link", url, isQuiet: false, children };
    this.mark?.(node, at, to);
    this.add(node);
  }

  sign(from, to) {
    const sign = this.text[from];
    let width = to - from;
    const before = from > 0 ? this.text.charCodeAt(from - 1) : -1;
    const after = to < this.text.length ? this.text.charCodeAt(to) : -1;
    // A spoiler may have spaces at its edges: what is meant to be hidden is better hidden.
    const isSpoiler = sign === "|";
    const isUnderscore = sign === "_";
    const mayClose = isSpoiler ||
      (before >= 0 && !isSpace(before) && !(isUnderscore && isLetter(before) && isLetter(after)));
    const mayOpen = after >= 0 && (isSpoiler || (!isSpace(after) && !(isUnderscore && isLetter(before))));
    while (mayClose && width > 0) {
      const closed = this.closeSign(sign, width, from);
      if (closed === 0) break;
      width -= closed;
    }
    if (width === 0) return;
    if (mayOpen && !this.isOpen(sign, width)) this.open.push({ sign, width, at: to, children: [] });
    else this.addText(sign.repeat(width));
  }

  /** Whether a sign of this width is open, alone or as a part of one of three. */
  isOpen(sign, width) {
    return this.open.some((item, index) =>
      index >= this.base && item.sign === sign && (item.width === width || item.width === 3 || width === 3)
    );
  }

  /** Closes the innermost fitting sign; gives the width that was used up. */
  closeSign(sign, width, at) {
    const index = this.open.findLastIndex((item, index) =>
      index >= this.base && item.sign === sign && item.at < at &&
      (width === 3 || item.width === width || item.width === 3)
    );
    if (index < 0) return 0;
    while (this.open.length - 1 > index) this.giveUp();
    const item = this.open.at(-1);
    const used = Math.min(width, item.width);
    if (item.width === 3 && used === 3) {
      item.children = [{ type: MEANINGS[sign][1], children: item.children }];
      item.width = 2;
    }
    const node = { type: MEANINGS[sign][Math.min(used, 2)], children: item.children };
    if (item.width > used) {
      // Of three signs the inner ones are closed; the outer go on.
      item.children = [node];
      item.width -= used;
    } else {
      this.open.pop();
      this.add(node);
    }
    return used;
  }

  /** What was opened and never closed is text. */
  giveUp() {
    const { sign, width, children } = this.open.pop();
    this.addText(sign.repeat(width));
    children.forEach((node) => this.add(node));
  }
}
