// Finding emoji: Unicode's by name, loaded when they are first wanted, and those of one's servers.

import { load } from "../kernel/parts.js";

let loading = null;

/** Unicode's emoji: `[{group, emoji, name, hasTones, codes, keys}]`, the usual short code first. */
export function unicodeEmoji() {
  loading ??= load(() => import("./list.js")).then(({ GROUPS }) =>
    Object.entries(GROUPS).flatMap(([group, lines]) =>
      lines.trim().split("\n").map((line) => {
        const [emoji, name, usual] = line.split("\t");
        const hasTones = emoji.endsWith("~");
        const codes = [...(usual?.split(" ") ?? []), name.replaceAll(" ", "_").toLowerCase()];
        return {
          group,
          emoji: hasTones ? emoji.slice(0, -1) : emoji,
          hasTones,
          name,
          codes,
          keys: codes.join(" "),
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

/** By short code: what `:thumbsup:` means, for those who write it in full. */
export async function shortCodes() {
  const all = await unicodeEmoji();
  const usual = all.flatMap(({ codes, emoji }) => codes.slice(0, -1).map((code) => [code, emoji]));
  return new Map([...all.map(({ codes, emoji }) => [codes.at(-1), emoji]), ...usual]);
}

/** Those whose names have every word of the query: the one that is called so, then usual codes that begin so, short ones first. */
export function searchEmoji(all, query, most) {
  const words = query.toLowerCase().split(/[\s_]+/).filter(Boolean);
  if (words.length === 0) return all.slice(0, most);
  const found = all.filter(({ keys }) => words.every((word) => keys.includes(word)));
  const ranks = new Map(found.map((item) => [item, rank(item, words)]));
  return found.sort((a, b) => ranks.get(a) - ranks.get(b)).slice(0, most);
}

const LONGEST_CODE = 100;

function rank({ codes, keys }, words) {
  const code = words.join("_");
  if (codes.includes(code)) return 0;
  const usual = codes.slice(0, -1).find((one) => one.startsWith(code));
  if (usual) return usual.length;
  if (keys.split(/[_ ]/).includes(words[0])) return LONGEST_CODE;
  return LONGEST_CODE + (keys.startsWith(words[0]) ? 1 : 2);
}
