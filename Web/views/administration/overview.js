// How the server is doing: figures, and how they move while one looks.

import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { language, t } from "../../texts/text.js";
import { formatTime } from "../../texts/time.js";
import { Section } from "../settings/window.js";

const BETWEEN_SAMPLES_MS = 10_000;
const MOST_SAMPLES = 60;
const PLOTTED = ["messages", "active_users_7d", "users"];

export class OverviewSection extends Section {
  async load() {
    const sentAt = performance.now();
    const [figures, status] = await Promise.all([api.get("/admin/stats"), api.get("/status")]);
    const sample = { ...figures, answer_ms: performance.now() - sentAt };
    Object.assign(this.state, {
      figures,
      status,
      samples: [...(this.state.samples ?? []), sample].slice(-MOST_SAMPLES),
    });
    this.later(BETWEEN_SAMPLES_MS, () => this.reload());
  }

  describe() {
    const { figures: { clock_step: step, ...figures }, status, samples } = this.state;
    const hours = Math.floor(status.uptime_seconds / 3600);
    return [
      h(
        "p",
        { class: "health" },
        h("span", { class: `dot ${status.state === "running" ? "up" : "down"}` }),
        t(`admin.state.${status.state}`),
        " · ",
        status.version,
        " · ",
        t("admin.up", { count: hours }),
      ),
      step && h(
        "p",
        { class: "notice-line", role: "status" },
        t("admin.clock", { seconds: step.seconds, time: formatTime(step.followed_at) }),
      ),
      h(
        "dl",
        { class: "figures" },
        Object.entries(figures).map(([name, value]) =>
          h(
            "div",
            { key: name },
            h("dt", null, t(`admin.figure.${name}`)),
            h("dd", null, new Intl.NumberFormat(language).format(value)),
          )
        ),
      ),
      h("h2", null, t("admin.now")),
      h("div", { class: "plots" }, [
        ...PLOTTED.map((name) => plot(t(`admin.figure.${name}`), samples.map((sample) => sample[name]))),
        plot(t("admin.answer"), samples.map((sample) => Math.round(sample.answer_ms))),
      ]),
      h("p", { class: "soft" }, t("admin.metrics")),
    ];
  }
}

const [WIDTH, HEIGHT] = [240, 70];

/** A line of figures; its text says the first and the last. */
function plot(label, values) {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const span = most - least || 1;
  const x = (index) => (values.length < 2 ? WIDTH : (index / (values.length - 1)) * WIDTH);
  const y = (value) => HEIGHT - 6 - ((value - least) / span) * (HEIGHT - 12);
  const line = values.map((value, index) => `${index === 0 ? "M" : "L"}${x(index).toFixed(1)} ${y(value).toFixed(1)}`)
    .join("");
  const text = t("admin.plot", { name: label, first: values[0], last: values.at(-1) });
  return h(
    "figure",
    { key: label },
    h("figcaption", null, label, h("strong", null, new Intl.NumberFormat(language).format(values.at(-1)))),
    h(
      "svg",
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": text, class: "plot" },
      h("path", { d: `${line}L${WIDTH} ${HEIGHT}L0 ${HEIGHT}Z`, class: "area" }),
      h("path", { d: line, class: "line" }),
    ),
  );
}
