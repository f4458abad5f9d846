import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { t } from "../../texts/text.js";
import { formatTime } from "../../texts/time.js";
import { avatar, button } from "../common/controls.js";
import { confirm } from "../common/dialog.js";
import { OperatorList } from "./pages.js";

export class ServersSection extends OperatorList {
  path = "/admin/servers";
  cursor = "after";
  isSearched = true;

  entry(server) {
    return h(
      "li",
      { key: server.id },
      avatar({ url: null, name: server.name, id: server.id }, { size: 40, className: "square" }),
      h(
        "span",
        { class: "grow two-lines" },
        h("strong", { dir: "auto" }, server.name),
        h(
          "span",
          { class: "soft" },
          t("members.count", { count: server.member_count }),
          " · ",
          formatTime(server.created_at * 1000, "D"),
        ),
      ),
      button(t("delete"), () => this.#delete(server), {
        kind: "danger",
        "aria-label": t("delete-of", { name: server.name }),
      }),
    );
  }

  async #delete(server) {
    if (!(await confirm(t("delete"), t("admin.delete-text", { name: server.name }), { action: t("delete") }))) return;
    await this.attempt(async () => {
      await api.delete(`/admin/servers/${server.id}`);
      this.drop(server.id);
    }, t("done"));
  }
}
