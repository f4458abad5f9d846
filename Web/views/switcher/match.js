// Which names fit what one types. Pure.

import { folded } from "../../kernel/folded.js";

/**
 * Those in which the letters stand in this order; beginnings of names and words first, then what is unread.
 * @param {string[]} recent the keys of where one was last, which come before what is only unread while nothing is typed.
 */
export function rankMatches(places, query, recent = []) {
  const wanted = folded(query);
  if (!wanted) {
    const age = ({ key }) => (recent.includes(key) ? recent.indexOf(key) : recent.length);
    return [...places].sort((a, b) =>
      b.mentions - a.mentions || age(a) - age(b) || Number(b.unread > 0) - Number(a.unread > 0)
    );
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
