// A message's words without its signs. Pure.

import { parse } from "./parse.js";

/**
 * In one line, for previews and notifications, which show no spoiler.
 * @param {(node: object) => string} [options.name] what a mention or a moment is shown as.
 */
export function plainText(text, { name = () => "" } = {}) {
  const words = (nodes) => nodes.map((node) => (isHidden(node) ? "▒▒▒" : wordsOf(node, name, words))).join("");
  return parse(text).map((block) => words([block])).join(" ").replace(/\s+/g, " ").trim();
}

/**
 * As it is shown, for the clipboard: lines and code as they are, mentions by their names. Spoilers keep their signs, so
 * that pasting does not tell them, and links their addresses.
 */
export function copiedText(text, { name = () => "" } = {}) {
  const words = (nodes) =>
    nodes.map((node) => {
      const inside = wordsOf(node, name, words);
      if (node.type === "spoiler") return `||${inside}||`;
      if (node.type === "link" && inside !== node.url) return `${inside} (${node.url})`;
      return inside;
    }).join("");
  const lines = (blocks, between) => blocks.map((block) => blockLines(block, words, lines)).join(between);
  return lines(parse(text), "\n\n");
}

function blockLines(block, words, lines) {
  switch (block.type) {
    case "quote":
      return indented(lines(block.children, "\n\n"), "> ", "> ");
    case "hidden":
      return `||${lines(block.children, "\n\n")}||`;
    case "list":
      return block.items.map((item, index) => {
        const sign = block.start === null ? "- " : `${block.start + index}. `;
        return indented(lines(item, "\n"), sign, "  ");
      }).join("\n");
    default:
      return words([block]);
  }
}

const indented = (text, first, others) =>
  text.split("\n").map((line, index) => (index === 0 ? first : others) + line).join("\n");

const isHidden = (node) => node.type === "spoiler" || node.type === "hidden";

function wordsOf(node, name, words) {
  switch (node.type) {
    case "text":
    case "code-span":
    case "code":
      return node.text;
    case "emoji":
      return `:${node.name}:`;
    case "everyone":
      return `@${node.name}`;
    case "user":
    case "role":
    case "channel":
    case "time":
      return name(node);
    case "quote":
      return node.children.map((child) => words([child])).join(" ");
    case "list":
      return node.items.flat().map((child) => words([child])).join(" ");
    default:
      return words(node.children ?? []);
  }
}
