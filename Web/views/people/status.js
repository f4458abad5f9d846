import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { readSetting } from "../../store/settings.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { field, select } from "../common/controls.js";
import { Dialog } from "../common/dialog.js";
import { serverNow } from "../../kernel/clock.js";

const HOURS = [0, 1, 4, 24];

/** What one says of oneself beside one's name. */
export function editStatus() {
  const own = store.state.presences.get(store.state.me.id);
  const dialog = new Dialog(t("status.custom"), ({ state, isBusy }) =>
    h(
      "form",
      { onsubmit: submit },
      field(t("status.text"), {
        id: "status-text",
        maxlength: 128,
        value: own?.custom_status ?? "",
        autofocus: true,
        autocomplete: "off",
      }),
      select(t("status.lasts"), {
        id: "status-hours",
        value: String(state.hours ?? 0),
        options: HOURS.map((hours) => [String(hours), hours ? t("hours", { count: hours }) : t("status.always")]),
        onchange: (hours) => dialog.set({ hours: Number(hours) }),
      }),
      h("footer", null, h("button", { class: "button primary", disabled: isBusy }, t("save"))),
    ));
  function submit(event) {
    event.preventDefault();
    const text = event.target.querySelector("#status-text").value.trim() || null;
    const hours = dialog.state.hours ?? 0;
    dialog.attempt(async () => {
      const { status } = readSetting(store.state, "client.presence");
      store.apply(
        "PRESENCE_UPDATE",
        await api.put("/users/@me/presence", {
          status,
          custom_status: text,
          expires_at: hours && text ? Math.floor(serverNow() / 1000) + hours * 3600 : null,
        }),
      );
      store.touch("me");
      dialog.close();
    });
  }
}
