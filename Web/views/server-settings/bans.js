import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { nameOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { formatTime } from "../../texts/time.js";
import { button, empty } from "../common/controls.js";
import { Section } from "../settings/window.js";

const PAGE = 100;

export class BansSection extends Section {
  async load(after = null) {
    const page = await api.get(`/servers/${this.properties.serverID}/bans`, { limit: PAGE, after });
    this.state.bans = [...(after ? this.state.bans : []), ...page];
    this.state.hasMore = page.length === PAGE;
  }

  describe() {
    const { bans, hasMore } = this.state;
    if (bans.length === 0) return empty("role", t("bans.none"), t("bans.none-text"));
    return [
      h(
        "ul",
        { class: "people" },
        bans.map((ban) =>
          h(
            "li",
            { key: ban.user_id },
            h(
              "span",
              { class: "grow two-lines" },
              h("strong", { dir: "auto" }, ban.username),
              h(
                "span",
                { class: "soft", dir: "auto" },
                [
                  ban.reason || t("reason.none"),
                  t("bans.by", { name: nameOf(store.state, ban.banned_by, ban.server_id) }),
                  formatTime(ban.created_at * 1000, "d"),
                  ban.expires_at && t("until", { time: formatTime(ban.expires_at * 1000, "f") }),
                ].filter(Boolean).join(" · "),
              ),
            ),
            button(t("bans.lift"), () => this.#lift(ban)),
          )
        ),
      ),
      hasMore && button(t("more"), () => this.attempt(() => this.load(bans.at(-1).user_id)), { kind: "wide" }),
    ];
  }

  #lift(ban) {
    this.attempt(async () => {
      await api.delete(`/servers/${this.properties.serverID}/bans/${ban.user_id}`);
      this.state.bans = this.state.bans.filter((other) => other !== ban);
    });
  }
}
