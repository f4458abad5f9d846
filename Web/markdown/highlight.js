// Colours for code: a few rules that fit most languages rather than a grammar for each. Pure.

const C_LIKE =
  "if else for while do switch case default break continue return func fn function def class struct enum protocol interface extension impl trait let var const static public private internal fileprivate protected import export from as in is new delete try catch finally throw throws async await yield guard defer where self this super nil null undefined true false None True False void int float double bool char string type typeof instanceof mut pub use mod match loop package go chan select map range template namespace using virtual override final abstract extends implements static_assert sizeof auto register extern typedef union goto unsafe some any actor isolated nonisolated inout lazy weak unowned init deinit"
    .split(" ");
const SHELL =
  "if then else elif fi for do done while until case esac function in return export local readonly set unset echo cd exit source eval exec trap sudo"
    .split(" ");
const SQL =
  "select from where insert into values update set delete create table index view drop alter add primary key foreign references not null unique default on join left right inner outer full group by order having limit offset union all as and or in is like between exists case when then else end distinct with recursive returning begin commit rollback"
    .split(" ");
const PYTHON =
  "def class if elif else for while try except finally raise with as import from return yield lambda pass break continue global nonlocal in is not and or None True False async await match case assert del self"
    .split(" ");
const MARKUP = [];

const BLOCK = ["/*", "*/"];

/** `line` begins a comment to the end of the line, `block` is one between two signs. */
const LANGUAGES = {
  sql: { words: SQL, line: ["--"], block: BLOCK, ignoresCase: true },
  python: { words: PYTHON, line: ["#"] },
  shell: { words: SHELL, line: ["#"] },
  markup: { words: MARKUP, line: [], block: ["<!--", "-->"] },
  plain: null,
  other: { words: C_LIKE, line: ["//"], block: BLOCK, hasDirectives: true },
};

const NAMES = {
  py: "python",
  python: "python",
  rb: "python",
  ruby: "python",
  yaml: "python",
  yml: "python",
  toml: "python",
  ini: "python",
  sh: "shell",
  bash: "shell",
  zsh: "shell",
  shell: "shell",
  console: "shell",
  dockerfile: "shell",
  make: "shell",
  sql: "sql",
  html: "markup",
  xml: "markup",
  svg: "markup",
  text: "plain",
  txt: "plain",
  "": "plain",
};

const NUMBER = /\d\w*(?:\.\d\w*)?/y;
const WORD = /[A-Za-z_$][\w$]*/y;
const TAG = /<\/?[A-Za-z][\w:-]*|\/?>/y;

/** Pieces of a text: `[{kind: null|"keyword"|"string"|"number"|"comment"|"function", text}]`. */
export function highlight(text, language) {
  const code = language.toLowerCase();
  const rules = LANGUAGES[Object.hasOwn(NAMES, code) ? NAMES[code] : "other"];
  if (!rules) return [{ kind: null, text }];
  const words = new Set(rules.words);
  const reader = new CodeReader(text);
  const pieces = [];
  const add = (kind, piece) => {
    if (pieces.at(-1)?.kind === kind) pieces.at(-1).text += piece;
    else pieces.push({ kind, text: piece });
  };
  let index = 0;
  const take = (pattern) => {
    pattern.lastIndex = index;
    return pattern.exec(text)?.[0] ?? null;
  };
  while (index < text.length) {
    let piece;
    let kind = null;
    if ((piece = reader.comment(index, rules))) kind = "comment";
    else if ((piece = reader.string(index))) kind = "string";
    else if (rules.words === MARKUP && (piece = take(TAG))) kind = "keyword";
    else if ((piece = take(NUMBER))) kind = "number";
    else if ((piece = take(WORD))) {
      if (words.has(rules.ignoresCase ? piece.toLowerCase() : piece)) kind = "keyword";
      else if (text[index + piece.length] === "(") kind = "function";
    } else piece = text[index];
    add(kind, piece);
    index += piece.length;
  }
  return pieces;
}

/** Reads what has an end that must be looked for. Where none was found is not looked at again. */
class CodeReader {
  constructor(text) {
    this.text = text;
    /** By the sign that begins something: up to where it has no end. */
    this.endless = {};
  }

  comment(index, { line, block, hasDirectives }) {
    // An unfinished comment goes to the end, as it does in an editor.
    if (block && this.text.startsWith(block[0], index)) {
      const end = this.text.indexOf(block[1], index + block[0].length);
      return this.text.slice(index, end < 0 ? this.text.length : end + block[1].length);
    }
    if (line.some((sign) => this.text.startsWith(sign, index))) return this.text.slice(index, this.#endOfLine(index));
    return hasDirectives && this.text.charAt(index) === "#" ? this.#directive(index) : null;
  }

  #endOfLine(index) {
    const end = this.text.indexOf("\n", index);
    return end < 0 ? this.text.length : end;
  }

  /** `#include <x>`, `#!/bin/sh`, `# words`: a line, but not what stands before a bracket. */
  #directive(index) {
    if (index < this.endless["#"]) return null;
    let end = index;
    while (end < this.text.length && !"\n{}[]".includes(this.text.charAt(end))) end += 1;
    if (end === this.text.length || this.text.charAt(end) === "\n") return this.text.slice(index, end);
    this.endless["#"] = end;
    return null;
  }

  /** Between quotation marks in a line, or between backticks over several. */
  string(index) {
    const quote = this.text.charAt(index);
    if (!"\"'`".includes(quote) || index < this.endless[quote]) return null;
    let end = index + 1;
    while (
      end < this.text.length && this.text.charAt(end) !== quote && (quote === "`" || this.text.charAt(end) !== "\n")
    ) {
      const isEscape = this.text.charAt(end) === "\\" && (quote === "`" || this.text.charAt(end + 1) !== "\n");
      end += isEscape ? 2 : 1;
    }
    if (this.text.charAt(end) === quote) return this.text.slice(index, end + 1);
    this.endless[quote] = end;
    return null;
  }
}
