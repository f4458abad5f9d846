import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { nameOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { formatTime } from "../../texts/time.js";
import { button, empty } from "../common/controls.js";
import { PagedSection } from "../settings/pages.js";

export class BansSection extends PagedSection {
  cursor = "after";
  events = {
    GUILD_BAN_ADD: (ban) => this.keep(ban),
    GUILD_BAN_REMOVE: ({ user_id }) => this.drop(user_id),
  };

  get path() {
    return `/servers/${this.properties.serverID}/bans`;
  }

  topics() {
    return ["users", `members:${this.properties.serverID}`];
  }

  idOf(ban) {
    return ban.user_id;
  }

  none() {
    return empty("role", t("bans.none"), t("bans.none-text"));
  }

  entry(ban) {
    const { username, reason, banned_by, server_id, created_at, expires_at } = ban;
    const notes = [
      reason || t("reason.none"),
      t("bans.by", { name: nameOf(store.state, banned_by, server_id) }),
      formatTime(created_at * 1000, "d"),
      expires_at && t("until", { time: formatTime(expires_at * 1000, "f") }),
    ];
    return h(
      "li",
      { key: ban.user_id },
      h(
        "span",
        { class: "grow two-lines" },
        h("strong", { dir: "auto" }, username),
        h("span", { class: "soft", dir: "auto" }, notes.filter(Boolean).join(" · ")),
      ),
      button(t("bans.lift"), () => this.#lift(ban)),
    );
  }

  #lift({ user_id }) {
    this.attempt(async () => {
      await api.delete(`${this.path}/${user_id}`);
      this.drop(user_id);
    });
  }
}
