import { h } from "../../dom/element.js";
import { store } from "../../store/store.js";
import { formatNumber, t } from "../../texts/text.js";

const MOST_BARS = 3;

/** What the bars mean, in words. */
export function qualityText({ cause, value, path, rtt_ms }) {
  const worst = cause ? t(`call.quality.${cause}`, { value: formatNumber(value) }) : t("call.quality.good");
  return `${worst} ${t(`call.path.${path}`, { time: formatNumber(Math.round(rtt_ms)) })}`;
}

/** How good the connection is, as bars; null before it was measured. */
export function qualityBars() {
  const { quality, status } = store.state.call;
  if (!quality || status !== "connected") return null;
  const text = qualityText(quality);
  return h(
    "span",
    { key: "quality", class: `quality ${quality.level}`, role: "img", "aria-label": text, title: text },
    Array.from({ length: MOST_BARS }, (_, index) => h("span", { class: index < quality.bars ? "bar on" : "bar" })),
  );
}

/** The cause where the connection is poor: then it need not be looked for. */
export function qualityTrouble() {
  const { quality } = store.state.call;
  return quality?.cause && quality.level === "poor" ? qualityText(quality) : null;
}
