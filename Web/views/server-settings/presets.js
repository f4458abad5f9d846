// Something ready-made to begin a welcome screen and questions with.

import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { t } from "../../texts/text.js";
import { Dialog } from "../common/dialog.js";

/** Asks for a preset and lays it before those who manage the server. Whether one was taken. */
export async function applyPreset(serverID) {
  const { presets, details } = await api.get("/features/onboarding/presets");
  return new Promise((resolve) => {
    const dialog = new Dialog(
      t("preset.apply"),
      ({ isBusy }) => [
        h("p", null, t("preset.text")),
        h(
          "ul",
          { class: "presets" },
          presets.map((preset) =>
            h(
              "li",
              { key: preset },
              h(
                "button",
                {
                  type: "button",
                  class: "button wide",
                  disabled: isBusy,
                  onclick: () => take(preset),
                },
                t(`preset.${preset}`),
                h("span", { class: "soft" }, ` · ${t("preset.steps", { count: details[preset].steps.length })}`),
              ),
            )
          ),
        ),
      ],
      { onclose: (result) => resolve(result === true) },
    );
    const take = (preset) =>
      dialog.attempt(async () => {
        await api.post("/features/onboarding/apply-preset", { server_id: serverID, preset });
        dialog.close(true);
      });
  });
}
