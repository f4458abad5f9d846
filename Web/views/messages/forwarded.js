import { literal, literalCode } from "../../markdown/literal.js";
import { parse, places } from "../../markdown/parse.js";

/**
 * A message in a text of one's own: what it says as a quote, its poll and its files, who said it, and a link to it. Nothing
 * of it is read outside of the quote but as it is.
 * @param {(name: string) => string} from writes whose it is.
 * @param {number} limit how many characters a message can have; what would be beyond is left to the link.
 */
export function forwardedText(message, from, link, limit = Infinity) {
  const files = message.attachments.map((file) => literalCode(file.filename)).join(" ");
  const source = `${from(literal(message.author_username))} <${link}>`;
  const words = message.content || wordsOf(message.embeds ?? []);
  const most = limit - lengthOf(source) - lengthOf(`\n${quoted([CUT])}\n`);
  const below = fitting([...pollLines(message.poll), ...(files ? [files] : [])], most);
  const room = limit - lengthOf(quoted(below)) - lengthOf(source) - 2;
  const quote = quoted([...(words || below.length === 0 ? linesOf(words, room) : []), ...below]);
  return `${quote}\n${source}`;
}

function linesOf(content, room) {
  const lines = fitting(withCodeInLines(content).split("\n"), room);
  return isQuote(quoted(lines)) ? lines : fitting(content.split("\n").map(literal), room);
}

const CUT = "…";

/** The first lines that have room in a quote, and a sign where there are more. */
function fitting(lines, room) {
  if (lengthOf(quoted(lines)) <= room) return lines;
  let left = room - lengthOf(quoted([CUT]));
  const shown = [];
  for (const line of lines) {
    const signs = [...line];
    // With the end of the line and the sign of the quote.
    const length = signs.length + 3;
    if (length > left) return [...shown, signs.slice(0, Math.max(0, left)).join("") + CUT];
    shown.push(line);
    left -= length;
  }
  return shown;
}

const lengthOf = (text) => [...text].length;

/** The question, and the answers that there are to choose from. */
const pollLines = (poll) =>
  poll ? [`**${literal(poll.question)}**`, ...poll.options.map(({ text }) => `- ${literal(text)}`)] : [];

/** What a program says that writes nothing beside its embeds. */
const wordsOf = (embeds) =>
  embeds.flatMap(({ title, description, fields }) => [
    title && `**${literal(title)}**`,
    description,
    ...(fields ?? []).map(({ name, value }) => `**${literal(name)}** ${value}`),
  ]).filter(Boolean).join("\n");

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
