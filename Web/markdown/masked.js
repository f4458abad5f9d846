// Words of links that say something else than where the link leads. Pure.

/** What is not seen, and does not keep an address from being read as one. */
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}\u2800\ufffc]/gu;
/** Signs that are read as those of an address. */
const ALIKE = [[/[\u3002\u2024]/g, "."], [/[\u2044\u2215\u29f8\u2571\u27cb\\]/g, "/"], [/\u2236/g, ":"]];
const NAME = String.raw`[\p{L}\p{N}-]+`;
/** A host, with what stands before it, its port and the sign behind it. */
const HOST = new RegExp(String.raw`(://|www\.|@|)(${NAME}(?:\.${NAME})*)(:\d{1,5})?(?=([/:?#@]?))`, "giu");
const NUMBERS = /^\d{1,3}(?:\.\d{1,3}){3}$/;
const ENDING = /\.(\p{L}{2,})$/u;
/** Names of files look like hosts, and are what links to code and documents are called. */
const FILES = new Set(
  "bat c cc cpp cs css csv gif go h html java jpg js json jsx kt md mjs mov mp pdf php png py rb rs sh sql svg swift toml ts tsx txt vue xml yaml yml"
    .split(" "),
);

/**
 * How a link is shown: `words` by its words, `address` by its address, for the words show nothing or name somebody before
 * the host, and `both`, for they have the address of another host.
 */
export function shownAs({ url, children }) {
  const words = ALIKE.reduce(
    (text, [sign, meant]) => text.replace(sign, meant),
    wordsOf(children).normalize("NFKC").replace(UNSEEN, "").trim(),
  );
  if (!/[\p{L}\p{N}\p{P}\p{S}]/u.test(words)) return "address";
  if (words === url && URL.canParse(url) && plainAddress(url) !== url) return "address";
  const host = hostOf(url);
  return hostsIn(words).some((other) => other !== host) ? "both" : "words";
}

/** An address without the name and the password that may stand before its host, and look like one. */
export function plainAddress(url) {
  const target = new URL(url);
  if (!target.username && !target.password) return url;
  target.username = target.password = "";
  return target.href;
}

/** What has neither text nor children (emoji, moments) shows something, and is no part of an address. */
const wordsOf = (nodes) => nodes.map((node) => node.text ?? (node.children ? wordsOf(node.children) : " * ")).join("");

const hostsIn = (words) =>
  [...words.matchAll(HOST)].filter(isHost).map(([, , name, port = ""]) => hostOf(`https://${name}${port}`));

/** A word is one by what stands around it, by its ending, or because this server is called so. */
function isHost([, before, name, port, behind]) {
  if (before === "://" || before === "www.") return true;
  if (!name.includes(".")) return name.toLowerCase() === globalThis.location?.hostname && Boolean(port || behind);
  if (before || port || behind || NUMBERS.test(name)) return true;
  const ending = ENDING.exec(name)?.[1].toLowerCase();
  return ending !== undefined && !FILES.has(ending);
}

function hostOf(address) {
  return URL.canParse(address) ? new URL(address).host.replace(/^www\./, "") : null;
}
