// Whether a text is a few emoji and nothing else; those are shown large. Pure.

const MOST = 12;
/** In UTF-16 units. Those that there are have 15 at most; joined without end, any number of signs is one emoji. */
const LONGEST = 16;
const SIGNS = /^[\p{Extended_Pictographic}\p{Emoji_Component}\s]*$/u;

export function isOnlyEmoji(blocks) {
  if (blocks.length !== 1 || blocks[0].type !== "paragraph") return false;
  let count = 0;
  for (const node of blocks[0].children) {
    if (node.type === "emoji") count += 1;
    else if (node.type === "text" && SIGNS.test(node.text) && !/[\d#*]/.test(node.text)) {
      const text = node.text.replace(/\s/g, "");
      if (text.length > MOST * LONGEST) return false;
      const all = [...new Intl.Segmenter().segment(text)];
      if (all.some(({ segment }) => segment.length > LONGEST)) return false;
      count += all.length;
    } else return false;
  }
  return count > 0 && count <= MOST;
}
