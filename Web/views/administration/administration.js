// The operator's pages: one section at a time, chosen by the address.

import { h, make, patch } from "../../dom/element.js";
import { navigate } from "../../kernel/router.js";
import { t } from "../../texts/text.js";
import { iconButton } from "../common/controls.js";
import { Island } from "../common/island.js";
import { DiscoverySection } from "./discovery.js";
import { ReportsSection } from "./reports.js";
import { LimitsSection } from "./limits.js";
import { JobsSection, LogSection } from "./lists.js";
import { MaintenanceSection } from "./maintenance.js";
import { NodesSection } from "./nodes.js";
import { OverviewSection } from "./overview.js";
import { ServersSection } from "./servers.js";
import { StickersSection } from "./stickers.js";
import { TicketsSection } from "./tickets.js";
import { UsersSection } from "./users.js";

const SECTIONS = {
  overview: OverviewSection,
  users: UsersSection,
  servers: ServersSection,
  discovery: DiscoverySection,
  reports: ReportsSection,
  tickets: TicketsSection,
  stickers: StickersSection,
  limits: LimitsSection,
  jobs: JobsSection,
  nodes: NodesSection,
  log: LogSection,
  maintenance: MaintenanceSection,
};

export class AdministrationPage extends Island {
  constructor(properties) {
    super("div", "administration");
    // Only those who come here need these rules.
    const style = make(
      h("link", { rel: "stylesheet", href: new URL("./administration.css", import.meta.url).href }),
    );
    if (!document.head.querySelector(`[href="${style.href}"]`)) {
      style.addEventListener("load", () => this.#showTab(), { once: true });
      document.head.append(style);
    }
    this.update(properties);
  }

  /** Nothing scrolls before it stands in the page and has its rules. */
  #showTab() {
    requestAnimationFrame(() => {
      this.element.querySelector(".tabs [aria-current]").scrollIntoView({ block: "nearest", inline: "center" });
    });
  }

  update({ section, onmenu }) {
    const name = Object.hasOwn(SECTIONS, section) ? section : "overview";
    const go = (event, path) => {
      event.preventDefault();
      navigate(path);
    };
    patch(this.element, [
      h(
        "header",
        { key: "header", class: "channel-header" },
        onmenu && iconButton("menu", t("menu.open"), onmenu, { className: "only-narrow" }),
        h("h1", null, t("admin")),
      ),
      h(
        "nav",
        { key: "nav", class: "tabs", "aria-label": t("admin") },
        Object.keys(SECTIONS).map((key) =>
          h("a", {
            key,
            href: `/admin/${key}`,
            "aria-current": key === name ? "page" : null,
            onclick: (event) => go(event, `/admin/${key}`),
          }, t(`admin.${key}`))
        ),
      ),
      h("div", {
        key: "content",
        class: "administration-content",
        tabindex: "0",
        role: "region",
        "aria-label": t(`admin.${name}`),
      }, h(SECTIONS[name], { key: name })),
    ]);
    if (this.name === name) return;
    this.name = name;
    this.#showTab();
  }
}
