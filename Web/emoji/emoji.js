// Finding emoji: Unicode's by name, loaded when they are first wanted, and those of one's servers.

import { load } from "../kernel/parts.js";

let loading = null;

/** Unicode's emoji: `[{group, emoji, name, hasTones, keys}]`. */
export function unicodeEmoji() {
  loading ??= load(() => import("./list.js")).then(({ GROUPS }) =>
    Object.entries(GROUPS).flatMap(([group, lines]) =>
      lines.trim().split("\n").map((line) => {
        const [emoji, name] = line.split("\t");
        const hasTones = emoji.endsWith("~");
        return {
          group,
          emoji: hasTones ? emoji.slice(0, -1) : emoji,
          hasTones,
          name,
          keys: name.replaceAll(" ", "_").toLowerCase(),
        };
      })
    )
  );
  loading.catch(() => (loading = null));
  return loading;
}

const TONES = ["", "\u{1F3FB}", "\u{1F3FC}", "\u{1F3FD}", "\u{1F3FE}", "\u{1F3FF}"];

/** An emoji in a skin tone: 0 for none, else 1 (light) to 5 (dark). */
export function withTone(emoji, tone) {
  if (!tone) return emoji;
  const [first, ...rest] = [...emoji];
  // The tone takes the place of the sign for a colourful picture.
  return first + TONES[tone] + rest.filter((part, index) => !(index === 0 && part === "\uFE0F")).join("");
}

/** Those whose name has every word of the query, names that begin with it first. */
export function searchEmoji(all, query, most) {
  const words = query.toLowerCase().split(/[\s_]+/).filter(Boolean);
  const found = all.filter(({ keys }) => words.every((word) => keys.includes(word)));
  const rank = ({ keys }) => (keys.split(/[_ ]/).includes(words[0]) ? 0 : keys.startsWith(words[0]) ? 1 : 2);
  return words.length === 0 ? found.slice(0, most) : found.sort((a, b) => rank(a) - rank(b)).slice(0, most);
}
