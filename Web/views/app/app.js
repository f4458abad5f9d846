import { adopt, h, patch } from "../../dom/element.js";
import { session } from "../../server/session.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { button, empty, spinner } from "../common/controls.js";
import { administrationLink, maintenanceText } from "../common/maintenance.js";
import { Island } from "../common/island.js";
import { LoginPage } from "../login/login.js";
import { logOut } from "../common/log-out.js";
import { Lazy } from "../common/lazy.js";
import { views } from "../common/on-demand.js";
import { Shell } from "./shell.js";

/** The whole page: the login, an invite, or the conversations. */
export class App {
  constructor(element) {
    this.element = element;
    store.watch(["route", "session", "connection", "maintenance", "me"], () => this.render());
    adopt(this.element, this.#description());
  }

  /** Draws everything anew, in another language. */
  restart() {
    patch(this.element, []);
    this.render();
  }

  render() {
    patch(this.element, this.#description());
  }

  #description() {
    const { route, connection } = store.state;
    return connection.status === "outdated" ? updatePrompt(connection) : this.#page(route);
  }

  #page(route) {
    const { session: login, isReady, me } = store.state;
    if (route.name === "unknown") return nowhere();
    if (["reset-password", "verify-email", "single-sign-on"].includes(route.name)) {
      return h(LoginPage, { key: "login", route });
    }
    if (!login && route.name === "invite") {
      return h(Lazy, { key: "invite", load: views.InvitePage, properties: { code: route.code } });
    }
    if (!login) return h(LoginPage, { key: "login", route });
    if (route.name === "login" || route.name === "register") {
      // Drawn twice at the same address, the page is left only once: the place to go to is known only once.
      queueMicrotask(() => store.state.route === route && session.goBack());
      return h("div", { class: "splash" }, spinner());
    }
    if (!isReady && me?.admin && route.name === "admin") return administration(route);
    if (!isReady) return h(Splash, { key: "splash" });
    if (route.name === "invite") {
      return h(Lazy, { key: "invite", load: views.InvitePage, properties: { code: route.code } });
    }
    if (route.name === "template") {
      return h(Lazy, { key: "template", load: views.TemplatePage, properties: { code: route.code } });
    }
    return h(Shell, { key: "shell" });
  }
}

/** What is shown until the first answer of the server. */
class Splash extends Island {
  constructor() {
    super("div", "splash");
    this.update();
  }

  update() {
    const { status } = store.state.connection;
    const isTrouble = !["connecting", "online"].includes(status);
    patch(this.element, [
      h("div", { class: "logo", "aria-hidden": "true" }),
      spinner(),
      isTrouble &&
      h("p", { role: "status" }, status === "maintenance" ? maintenanceText() : t(`connection.${status}`)),
      status === "maintenance" && administrationLink(),
      isTrouble && button(t("connection.retry"), () => session.gateway?.retry()),
      isTrouble && button(t("log-out"), logOut, { kind: "link" }),
    ]);
  }
}

/** The operator's pages need no live connection: during a maintenance there is none. */
const administration = ({ section }) =>
  h(
    "main",
    { key: "administration", class: "whole" },
    h(Lazy, { load: views.AdministrationPage, properties: { section: section ?? "overview", onmenu: null } }),
  );

/** An address at which there is nothing. */
const nowhere = () =>
  h(
    "main",
    { key: "nowhere", class: "splash" },
    empty(
      "search",
      t("page.unknown"),
      t("page.unknown-text"),
      h("a", { class: "button primary", href: "/" }, t("page.home")),
    ),
  );

/** 426: this page is older than the server accepts. */
const updatePrompt = ({ updateURL }) =>
  h(
    "main",
    { key: "update", class: "splash" },
    h("div", { class: "logo", "aria-hidden": "true" }),
    h("h1", null, t("update.title")),
    h("p", null, t("update.text")),
    button(t("update.reload"), () => location.reload(), { kind: "primary" }),
    updateURL && h("a", { href: updateURL, rel: "noopener noreferrer" }, t("update.more")),
  );
