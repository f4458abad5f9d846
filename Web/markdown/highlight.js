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

const LANGUAGES = {
  sql: { words: SQL, comment: /--[^\n]*|\/\*[^]*?\*\//y, ignoresCase: true },
  python: { words: PYTHON, comment: /#[^\n]*/y },
  shell: { words: SHELL, comment: /#[^\n]*/y },
  markup: { words: MARKUP, comment: /<!--[^]*?-->/y },
  plain: null,
  other: { words: C_LIKE, comment: /\/\/[^\n]*|\/\*[^]*?\*\/|#!?[^\n{}[\]]*$/my },
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

const STRING = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/y;
const NUMBER = /\b(?:0x[\da-fA-F_]+|\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?)\b/y;
const WORD = /[A-Za-z_$][\w$]*/y;
const TAG = /<\/?[A-Za-z][\w:-]*|\/?>/y;

/** Pieces of a text: `[{kind: null|"keyword"|"string"|"number"|"comment"|"function", text}]`. */
export function highlight(text, language) {
  const rules = LANGUAGES[NAMES[language.toLowerCase()] ?? "other"];
  if (!rules) return [{ kind: null, text }];
  const words = new Set(rules.words);
  const pieces = [];
  const add = (kind, piece) => {
    if (pieces.at(-1)?.kind === kind) pieces.at(-1).text += piece;
    else pieces.push({ kind, text: piece });
  };
  let index = 0;
  const take = (pattern) => {
    pattern.lastIndex = index;
    return pattern.exec(text)?.[0] || null;
  };
  while (index < text.length) {
    let piece;
    let kind = null;
    if ((piece = take(rules.comment))) kind = "comment";
    else if ((piece = take(STRING))) kind = "string";
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
