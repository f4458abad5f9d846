import { h } from "../../dom/element.js";
import { t } from "../../texts/text.js";
import { Dialog } from "../common/dialog.js";

const KEYS = {
  "keys.go": [
    ["Ctrl+K", "switcher.open"],
    ["Alt+↑ Alt+↓", "keys.channel"],
    ["Alt+Shift+↑ Alt+Shift+↓", "keys.unread"],
    ["Ctrl+Alt+↑ Ctrl+Alt+↓", "keys.server"],
    ["Ctrl+F", "search"],
    ["Ctrl+Alt+D", "keys.date"],
    ["Ctrl+Alt+I", "inbox"],
    ["Esc", "keys.present"],
    ["Shift+Esc", "keys.read"],
  ],
  "keys.write": [
    ["Enter", "send"],
    ["Shift+Enter", "keys.line"],
    ["↑", "keys.edit-last"],
    ["Ctrl+B Ctrl+I Ctrl+U", "keys.format"],
    ["@ # :", "keys.complete"],
    ["Ctrl+Shift+U", "composer.upload"],
  ],
  "keys.message": [
    ["↑ ↓", "keys.walk"],
    ["Enter →", "keys.inside"],
    ["Esc", "keys.outside"],
    ["R", "reply"],
    ["E", "edit"],
    ["+", "react"],
    ["P", "pin"],
    ["T", "thread.start"],
    ["F", "forward"],
    ["U", "mark-unread"],
    ["M", "more"],
    ["Delete", "delete"],
  ],
  "keys.page": [["?", "shortcuts"], ["Ctrl+,", "settings"], ["F6", "keys.region"]],
};

/** The list of keys. */
export function openShortcuts() {
  new Dialog(
    t("shortcuts"),
    () =>
      h(
        "div",
        { class: "shortcuts", tabindex: "0", role: "group", "aria-label": t("shortcuts") },
        Object.entries(KEYS).map(([group, entries]) =>
          h(
            "section",
            { key: group },
            h("h3", null, t(group)),
            h(
              "dl",
              null,
              entries.map(([keys, key]) =>
                h(
                  "div",
                  { key },
                  h("dt", null, t(key)),
                  h("dd", null, keys.split(" ").map((one) => h("kbd", null, one))),
                )
              ),
            ),
          )
        ),
      ),
    { className: "wide" },
  );
}
