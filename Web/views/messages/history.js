import { h } from "../../dom/element.js";
import { renderMarkdown } from "../../markdown/render.js";
import { api } from "../../server/api.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { formatTime } from "../../texts/time.js";
import { spinner } from "../common/controls.js";
import { Dialog } from "../common/dialog.js";

/** What a message said before it was edited. */
export function showHistory(message) {
  const dialog = new Dialog(
    t("history"),
    ({ state }) =>
      state.versions
        ? h(
          "ol",
          { class: "history" },
          state.versions.map((version, index) =>
            h(
              "li",
              { key: index },
              h("time", { class: "soft" }, formatTime(version.edited_at * 1000, "f")),
              renderMarkdown(version.content ?? "", { state: store.state, serverID: message.server_id, message }),
            )
          ),
        )
        : spinner(),
  );
  dialog.attempt(async () => {
    dialog.state.versions = await api.get(`/channels/${message.channel_id}/messages/${message.id}/history`);
  });
}
