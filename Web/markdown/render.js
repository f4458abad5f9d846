// Makes the page's elements of a message's tree.

import { h, patch } from "../dom/element.js";
import { formatTime, relativeTime } from "../texts/time.js";
import { t } from "../texts/text.js";
import { nameOf } from "../store/selectors.js";
import { addressOf } from "../kernel/router.js";
import { highlight } from "./highlight.js";
import { parse, parseInline } from "./parse.js";

/**
 * @param {object} context `state`, `serverID`, and `onUser(id, element)` for a press on a name.
 */
export function renderMarkdown(text, context) {
  const blocks = parse(text);
  const isBig = isOnlyEmoji(blocks);
  return h(
    "div",
    { class: `markdown${isBig ? " big-emoji" : ""}`, dir: "auto" },
    blocks.map((block) => renderBlock(block, context)),
  );
}

/** Markdown without blocks, for topics and the like. */
export const renderInline = (text, context) => parseInline(text).map((node) => renderNode(node, context));

function renderBlock(block, context) {
  switch (block.type) {
    case "heading":
      // Headings of messages are no headings of the page.
      return h("p", { class: `heading-${block.level}` }, block.children.map((node) => renderNode(node, context)));
    case "quote":
      return h("blockquote", null, block.children.map((child) => renderBlock(child, context)));
    case "list":
      return h(
        block.start === null ? "ul" : "ol",
        block.start === null ? null : { start: block.start },
        block.items.map((item) => h("li", null, item.map((child) => renderBlock(child, context)))),
      );
    case "hidden":
      return h(Spoiler, { isBlock: true, children: block.children.map((child) => renderBlock(child, context)) });
    case "code":
      return h(
        "pre",
        { tabindex: "0", "aria-label": block.language ? t("code.in", { language: block.language }) : t("code") },
        h(
          "code",
          null,
          highlight(block.text, block.language).map((
            piece,
          ) => (piece.kind ? h("span", { class: `code-${piece.kind}` }, piece.text) : piece.text)),
        ),
      );
    default:
      return h("p", null, block.children.map((node) => renderNode(node, context)));
  }
}

const ELEMENTS = { strong: "strong", emphasis: "em", underline: "u", strike: "s" };

function renderNode(node, context) {
  const inside = () => node.children.map((child) => renderNode(child, context));
  switch (node.type) {
    case "text":
      return node.text;
    case "code-span":
      return h("code", null, node.text);
    case "strong":
    case "emphasis":
    case "underline":
    case "strike":
      return h(ELEMENTS[node.type], null, inside());
    case "spoiler":
      return h(Spoiler, { children: inside() });
    case "link":
      return renderLink(node, inside());
    case "user":
      return renderUser(node.id, context);
    case "role":
      return renderRole(node.id, context);
    case "channel":
      return renderChannel(node.id, context);
    case "everyone":
      return h("span", { class: "mention" }, `@${node.name}`);
    case "emoji":
      return customEmoji(node);
    case "time":
      return renderTime(node);
  }
}

export const customEmoji = ({ id, name }) =>
  h("img", {
    class: "emoji",
    src: `/api/v1/media/emojis/${id}`,
    alt: `:${name}:`,
    title: `:${name}:`,
    draggable: "false",
    loading: "lazy",
  });

function renderLink(node, children) {
  // What only looks like an address is a text.
  if (!URL.canParse(node.url)) return children;
  const target = new URL(node.url);
  // A link to this very server stays in the page.
  const isOwn = target.origin === location.origin && /^\/(channels|invite)\//.test(target.pathname);
  return isOwn
    ? h("a", { href: target.pathname }, children)
    : h("a", { href: target.href, target: "_blank", rel: "noopener noreferrer nofollow" }, children);
}

function renderUser(id, { state, serverID, onUser }) {
  const isOwn = id === state.me?.id;
  return h(
    "button",
    { class: `mention${isOwn ? " own" : ""}`, type: "button", onclick: (event) => onUser?.(id, event.currentTarget) },
    `@${nameOf(state, id, serverID, t("someone"))}`,
  );
}

function renderRole(id, { state, serverID }) {
  const role = state.servers.get(serverID)?.roles.get(id);
  const style = role?.color ? { "--mention": role.color } : null;
  return h("span", { class: "mention", style }, `@${role?.name ?? t("role.deleted")}`);
}

function renderChannel(id, { state }) {
  const channel = state.channels.get(id);
  if (!channel) return h("span", { class: "mention" }, `#${t("channel.unknown")}`);
  return h("a", { class: "mention", href: addressOf(channel) }, `#${channel.name}`);
}

function renderTime(node) {
  const moment = new Date(node.seconds * 1000);
  if (Number.isNaN(moment.getTime())) return shownTime(node);
  return h("time", { datetime: moment.toISOString(), title: formatTime(moment, "F") }, shownTime(node));
}

/** What `<t:SECONDS:STYLE>` is read as. */
export function shownTime({ seconds, style }) {
  const moment = new Date(seconds * 1000);
  if (Number.isNaN(moment.getTime())) return String(seconds);
  return style === "R" ? relativeTime(seconds * 1000) : formatTime(moment, style);
}

/** Hidden until one asks for it. */
class Spoiler {
  constructor(properties) {
    this.element = document.createElement(properties.isBlock ? "div" : "span");
    this.isOpen = false;
    this.update(properties);
  }

  update({ children, isBlock = false }) {
    this.children = children;
    this.isBlock = isBlock;
    this.#draw();
  }

  #draw() {
    const open = () => {
      this.isOpen = true;
      this.#draw();
    };
    patch(
      this.element,
      this.isOpen
        ? h(this.isBlock ? "div" : "span", { key: "open", class: "spoiler open" }, this.children)
        : h("button", {
          key: "closed",
          type: "button",
          class: "spoiler",
          "aria-label": t("spoiler.show"),
          onclick: open,
        }, h("span", { "aria-hidden": "true" }, this.isBlock ? "▒▒▒▒▒▒▒▒▒▒▒▒" : this.children)),
    );
  }
}

/** Whether a message is a few emoji and nothing else; those are shown large. */
function isOnlyEmoji(blocks) {
  if (blocks.length !== 1 || blocks[0].type !== "paragraph") return false;
  let count = 0;
  for (const node of blocks[0].children) {
    if (node.type === "emoji") count += 1;
    else if (
      node.type === "text" && /^[\p{Extended_Pictographic}\p{Emoji_Component}\s]*$/u.test(node.text) &&
      !/[\d#*]/.test(node.text)
    ) {
      count += [...new Intl.Segmenter().segment(node.text.replace(/\s/g, ""))].length;
    } else return false;
  }
  return count > 0 && count <= 12;
}
