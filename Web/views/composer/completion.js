/**
 * What may be completed at the end of a text: `{sign, query}` of `@people`, `#channels` and `:emoji`, or null. Short codes
 * begin with two letters; `:-D`, `:DD` and `:pp` are faces of their own.
 */
export function completionAt(text) {
  const match = /(?:^|[\s(])([@#:])([^\s@#:]{0,32})$/u.exec(text);
  if (!match) return null;
  const [, sign, query] = match;
  const isShortCode = /^\p{L}[\p{Ll}\p{Lo}]/u.test(query) && !/^(.)\1+$/iu.test(query);
  return sign === ":" && !isShortCode ? null : { sign, query };
}
