// Which names fit what one types. Pure.

import { folded } from "../../kernel/folded.js";

/** Those in which the letters stand in this order; beginnings of names and words first, then what is unread. */
export function rankMatches(places, query) {
  const wanted = folded(query);
  if (!wanted) {
    return [...places].sort((a, b) => b.mentions - a.mentions || Number(b.unread > 0) - Number(a.unread > 0));
  }
  return places
    .map((place) => ({ place, score: score(folded(place.name), wanted) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) =>
      b.score - a.score || b.place.mentions - a.place.mentions || a.place.name.length - b.place.name.length
    )
    .map(({ place }) => place);
}

function score(name, wanted) {
  if (name === wanted) return 5;
  if (name.startsWith(wanted)) return 4;
  if (name.split(/[\s_-]+/).some((word) => word.startsWith(wanted))) return 3;
  if (name.includes(wanted)) return 2;
  let at = -1;
  for (const letter of wanted) {
    at = name.indexOf(letter, at + 1);
    if (at < 0) return 0;
  }
  return 1;
}
