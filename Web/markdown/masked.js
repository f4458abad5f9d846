// Words of links that say something else than where the link leads. Pure.

/** What is not seen, and does not keep an address from being read as one. */
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}\u2800]/gu;
const ADDRESS = /(?:https?:\/\/|www\.)[^\s/?#]+|[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+(?=[/:])/giu;
const HOST = /^[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*\.(\p{L}{2,})$/iu;
/** Names of files look like hosts, and are what links to code and documents are called. */
const FILES = new Set(
  "bat c cc cpp cs css csv gif go h html java jpg js json jsx kt md mjs mov mp pdf php png py rb rs sh sql svg swift toml ts tsx txt vue xml yaml yml"
    .split(" "),
);

/**
 * How a link is shown: `words` by its words, `address` by its address, for the words show nothing, and `both`, for they
 * are an address of another host.
 */
export function shownAs({ url, children }) {
  const words = wordsOf(children).normalize("NFKC").replace(UNSEEN, "").trim();
  if (words === "") return "address";
  const host = hostOf(url);
  return hostsIn(words).some((other) => other !== host) ? "both" : "words";
}

/** What has neither text nor children (emoji, moments) shows something, and is no part of an address. */
const wordsOf = (nodes) => nodes.map((node) => node.text ?? (node.children ? wordsOf(node.children) : " * ")).join("");

function hostsIn(words) {
  const ending = HOST.exec(words)?.[1];
  const whole = ending && !FILES.has(ending.toLowerCase()) ? [words] : [];
  return [...words.match(ADDRESS) ?? [], ...whole].map(hostOf);
}

function hostOf(address) {
  const whole = /^https?:\/\//i.test(address) ? address : `https://${address}`;
  return URL.canParse(whole) ? new URL(whole).host.replace(/^www\./, "") : null;
}
