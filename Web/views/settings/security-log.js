import { h } from "../../dom/element.js";
import { t } from "../../texts/text.js";
import { formatTime } from "../../texts/time.js";
import { empty } from "../common/controls.js";
import { PagedSection } from "./pages.js";
import { deviceName } from "./sessions.js";

/** What happened to one's account. */
export class SecurityLogSection extends PagedSection {
  path = "/users/@me/security-log";
  cursor = "before";
  listClass = "people security-log";

  events = { SECURITY_ALERT: () => this.reload() };

  head() {
    return h("p", { key: "about", class: "soft" }, t("security-log.about"));
  }

  none() {
    return empty("key", t("security-log.none"));
  }

  entry({ id, action, severity, count, ip_address, user_agent, details, created_at }) {
    const kind = details.new_place ? "login-new" : details.password_was_right ? "password-known" : action;
    const place = [ip_address, user_agent && deviceName(user_agent)].filter(Boolean).join(" · ");
    return h(
      "li",
      { key: id },
      h(
        "span",
        { class: "grow two-lines" },
        h(
          "strong",
          null,
          t(`security-log.${kind}`),
          count > 1 && h("span", { class: "tag" }, t("security-log.times", { count })),
          severity !== "info" && h("span", { class: "tag" }, t(`security-log.is-${severity}`)),
        ),
        h("span", { class: "soft" }, [formatTime(created_at * 1000, "f"), place].filter(Boolean).join(" · ")),
      ),
    );
  }
}
