import { literal, literalCode } from "../../markdown/literal.js";
import { parse, places } from "../../markdown/parse.js";

/**
 * A message in a text of one's own: what it says as a quote, its files, who said it, and a link to it. Nothing of it is
 * read outside of the quote but as it is.
 * @param {(name: string) => string} from writes whose it is.
 */
export function forwardedText(message, from, link) {
  const files = message.attachments.map((file) => literalCode(file.filename)).join(" ");
  const lines = linesOf(message.content ?? "");
  const quote = quoted([...lines, ...(files ? [files] : [])]);
  return `${quote}\n${from(literal(message.author_username))} <${link}>`;
}

function linesOf(content) {
  const lines = withCodeInLines(content).split("\n");
  return isQuote(quoted(lines)) ? lines : content.split("\n").map(literal);
}

const quoted = (lines) => lines.map((line) => `> ${line}`).join("\n");

const isQuote = (text) => parse(text).map((block) => block.type).join() === "quote";

/** Code between three backticks within a line would end the quote; it has lines of its own in one. */
function withCodeInLines(content) {
  let text = "";
  let end = 0;
  for (const { node, from, to } of places(content)) {
    if (node.type !== "code" || content.slice(from, to).includes("\n")) continue;
    const before = content.slice(end, from);
    text += `${before}${before && !before.endsWith("\n") ? "\n" : ""}\`\`\`\n${node.text}\n\`\`\``;
    if (to < content.length && content[to] !== "\n") text += "\n";
    end = to;
  }
  return text + content.slice(end);
}
