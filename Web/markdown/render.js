// Makes the page's elements of a message's tree.

import { h, patch } from "../dom/element.js";
import { formatTime, relativeTime } from "../texts/time.js";
import { t } from "../texts/text.js";
import { channelName, nameOf } from "../store/selectors.js";
import { addressOf } from "../kernel/router.js";
import { writtenEmoji } from "./custom-emoji.js";
import { highlight } from "./highlight.js";
import { plainAddress, shownAs } from "./masked.js";
import { isOnlyEmoji } from "./only-emoji.js";
import { parse, parseInline } from "./parse.js";

/**
 * @param {object} context `state`, `serverID`, `onUser(id, element)` for a press on a name, and the `message` that the
 *   text is of, which says whom it speaks to: elsewhere `@everyone` and the names of roles are words.
 * @param {any} ending what stands behind the last word.
 */
export function renderMarkdown(text, context, ending = null) {
  const blocks = parse(text);
  const isBig = isOnlyEmoji(blocks);
  const endsInWords = blocks.at(-1)?.type === "paragraph";
  return h(
    "div",
    { class: `markdown${isBig ? " big-emoji" : ""}` },
    blocks.map((block, index) =>
      renderBlock(block, context, "auto", endsInWords && index === blocks.length - 1 ? ending : null)
    ),
    !endsInWords && ending && h("p", null, ending),
  );
}

/** Markdown without blocks, for topics and the like. */
export const renderInline = (text, context) => parseInline(text).map((node) => renderNode(node, context));

/**
 * Each paragraph finds its own direction. What holds others takes that of the first of them, which has none itself: the
 * browser does not look into what has.
 */
function renderBlock(block, context, dir = "auto", ending = null) {
  const inside = (blocks) => blocks.map((child, index) => renderBlock(child, context, index === 0 ? null : "auto"));
  const words = () => block.children.map((node) => renderNode(node, context));
  switch (block.type) {
    case "heading":
      // Headings of messages are no headings of the page.
      return h("p", { class: `heading-${block.level}`, dir }, words());
    case "quote":
      return h("blockquote", { dir }, inside(block.children));
    case "list":
      return h(
        block.start === null ? "ul" : "ol",
        { dir, start: block.start },
        block.items.map((item, index) => h("li", { dir: index === 0 ? null : "auto" }, inside(item))),
      );
    case "hidden":
      return h(Spoiler, { isBlock: true, children: block.children.map((child) => renderBlock(child, context)) });
    case "code":
      return h(
        "pre",
        {
          dir: "ltr",
          tabindex: "0",
          "aria-label": block.language ? t("code.in", { language: block.language }) : t("code"),
        },
        h(
          "code",
          null,
          highlight(block.text, block.language).map((
            piece,
          ) => (piece.kind ? h("span", { class: `code-${piece.kind}` }, piece.text) : piece.text)),
        ),
      );
    default:
      return h("p", { dir }, words(), ending);
  }
}

const ELEMENTS = { strong: "strong", emphasis: "em", underline: "u", strike: "s" };

function renderNode(node, context) {
  const inside = () => node.children.map((child) => renderNode(child, context));
  switch (node.type) {
    case "text":
      return node.text;
    case "code-span":
      return h("code", { dir: "ltr" }, node.text);
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
      return context.message?.mention_everyone ? h("span", { class: "mention" }, `@${node.name}`) : `@${node.name}`;
    case "emoji":
      return writtenEmoji(node, context);
    case "time":
      return renderTime(node);
  }
}

/** A link. Words that say something else than where it leads do not stand alone. */
export function renderLink(node, children) {
  // What only looks like an address is a text.
  if (!URL.canParse(node.url)) return children;
  switch (shownAs(node)) {
    case "address":
      return anchor(node.url, plainAddress(node.url), "ltr");
    case "both":
      return [children, " (", anchor(node.url, plainAddress(node.url), "ltr"), ")"];
    default:
      // An address is read from left to right, also among words that are not.
      return anchor(
        node.url,
        children,
        node.children.length === 1 && node.children[0].text === node.url ? "ltr" : null,
      );
  }
}

function anchor(url, children, dir) {
  const target = new URL(url);
  // A link to this very server stays in the page.
  const isOwn = target.origin === location.origin && /^\/(channels|invite)\//.test(target.pathname);
  return isOwn
    ? h("a", { href: target.pathname, dir }, children)
    : h("a", { href: target.href, dir, target: "_blank", rel: "noopener noreferrer nofollow" }, children);
}

function renderUser(id, { state, serverID, onUser }) {
  const isOwn = id === state.me?.id;
  return h(
    "button",
    {
      class: `mention${isOwn ? " own" : ""}`,
      type: "button",
      dir: "auto",
      dataset: { user: id },
      onclick: (event) => onUser?.(id, event.currentTarget),
    },
    `@${nameOf(state, id, serverID, t("someone"))}`,
  );
}

function renderRole(id, { state, serverID, message }) {
  const role = state.servers.get(serverID)?.roles.get(id);
  if (!role) return `@${t("role.deleted")}`;
  const isSpokenTo = message?.mention_roles.includes(id) ?? false;
  const style = isSpokenTo && role.color ? { "--mention": role.color } : null;
  return h("span", { class: isSpokenTo ? "mention" : null, dir: "auto", style }, `@${role.name}`);
}

function renderChannel(id, { state }) {
  const channel = state.channels.get(id);
  if (!channel) return h("span", { class: "mention" }, `#${t("channel.unknown")}`);
  return h("a", { class: "mention", dir: "auto", href: addressOf(channel) }, `#${channelName(state, channel, t)}`);
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
