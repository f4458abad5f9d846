// The machines that serve the instance together, and what is wrong with them.

import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { language, rich, t } from "../../texts/text.js";
import { formatTime } from "../../texts/time.js";
import { Section } from "../settings/window.js";

/** Nodes say something of themselves as often. */
const LOOK_AGAIN_MS = 5000;

export class NodesSection extends Section {
  async load() {
    // Also when it fails: the node that is asked may be the one that is cut off, and another one answers next.
    this.later(LOOK_AGAIN_MS, () => this.reload());
    this.state.cluster = await api.get("/admin/nodes");
  }

  describe() {
    const { nodes, problems, position, waiting } = this.state.cluster;
    const isWell = problems.length === 0 && nodes.every((node) => node.problems.length === 0);
    return [
      h("p", { class: "soft" }, t("admin.nodes-about")),
      h(
        "div",
        { role: "status" },
        isWell && h("p", { class: "health" }, h("span", { class: "dot up" }), t("admin.nodes-well")),
        problems.map((name) => h("p", { key: name, class: "notice-line" }, t(`admin.nodes-problem.${name}`))),
        nodes.flatMap((node) =>
          node.problems.map((name) =>
            h(
              "p",
              { key: `${node.number}-${name}`, class: "notice-line" },
              rich(`admin.node-problem.${name}`, { node: h("strong", null, nameOf(node)) }),
            )
          )
        ),
      ),
      h("ul", { class: "people" }, nodes.map(entry)),
      h("p", { class: "soft" }, t("admin.nodes-log", { position, waiting })),
    ];
  }
}

const nameOf = ({ number }) => t("admin.node", { number: String(number) });
/** With its sign, since a clock may be ahead or behind. */
const offset = (value_ms) => new Intl.NumberFormat(language, { signDisplay: "exceptZero" }).format(value_ms);

function entry(node) {
  const { machine, version, started_at, clock_ahead_ms, position, lag, sessions } = node;
  const facts = version === null ? [] : [
    machine,
    version,
    t("admin.since", { time: formatTime(started_at * 1000, "f") }),
    t("admin.node-sessions", { count: sessions }),
    t("admin.node-position", { position }),
    lag > 0 && t("admin.node-lag", { count: lag }),
    t("admin.node-clock", { offset: offset(clock_ahead_ms) }),
  ];
  return h(
    "li",
    { key: node.number },
    h("span", { class: `dot ${node.problems.length === 0 ? "up" : "down"}` }),
    h(
      "span",
      { class: "grow two-lines" },
      h(
        "strong",
        null,
        nameOf(node),
        node.leads && h("span", { class: "tag" }, t("admin.node-leads")),
      ),
      h(
        "span",
        { class: "soft node-facts" },
        [...facts, t("admin.node-heard", { count: node.silent_seconds })].filter(Boolean).join(" · "),
      ),
    ),
  );
}
