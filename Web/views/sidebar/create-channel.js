import { h } from "../../dom/element.js";
import { addressOf, navigate } from "../../kernel/router.js";
import { api } from "../../server/api.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { field, toggle } from "../common/controls.js";
import { Dialog } from "../common/dialog.js";
import { icon } from "../common/icons.js";

const KINDS = [["text", "hash"], ["announcement", "megaphone"], ["forum", "forum"], ["voice", "voice"]];

/** A new channel or category; private ones are seen by nobody else until roles are given to them. */
export function createChannel(serverID, categoryID, kind = "text") {
  const isCategory = kind === "category";
  new Dialog(t(isCategory ? "category.make" : "channel.make"), (dialog) => {
    const type = dialog.state.type ?? kind;
    return h(
      "form",
      { onsubmit: (event) => submit(event, dialog, { serverID, categoryID, type }) },
      !isCategory &&
        h(
          "fieldset",
          { class: "choices" },
          h("legend", null, t("channel.kind")),
          KINDS.map(([name, picture]) =>
            h(
              "label",
              { key: name, class: "choice-row" },
              h("input", {
                type: "radio",
                name: "kind",
                value: name,
                checked: type === name,
                onchange: () => dialog.set({ type: name }),
              }),
              icon(picture),
              h(
                "span",
                { class: "two-lines" },
                h("strong", null, t(`channel.kind.${name}`)),
                h("span", { class: "soft" }, t(`channel.kind.${name}-text`)),
              ),
            )
          ),
        ),
      field(t("name"), { id: "channel-name", maxlength: 100, required: true, autofocus: true, autocomplete: "off" }),
      toggle(t("channel.private"), {
        id: "channel-private",
        checked: dialog.state.isPrivate ?? false,
        hint: t("channel.private-text"),
        onchange: (isPrivate) => dialog.set({ isPrivate }),
      }),
      h("footer", null, h("button", { class: "button primary", disabled: dialog.isBusy }, t("make"))),
    );
  });
}

async function submit(event, dialog, { serverID, categoryID, type }) {
  event.preventDefault();
  const name = event.target.querySelector("#channel-name").value.trim();
  await dialog.attempt(async () => {
    const channel = await api.post(`/servers/${serverID}/channels`, {
      name,
      type,
      category_id: type === "category" ? null : categoryID,
      overwrites: dialog.state.isPrivate ? onlyOneself(serverID) : [],
    });
    dialog.close();
    if (type === "category") return;
    store.apply("CHANNEL_CREATE", channel);
    navigate(addressOf(channel));
  });
}

/** With these a channel is nobody else's from its first moment. */
function onlyOneself(serverID) {
  const everyone = [...store.state.servers.get(serverID).roles.values()].find((role) => role.is_default);
  return [
    { id: store.state.me.id, type: "member", allow: ["channels.view"], deny: [] },
    { id: everyone.id, type: "role", allow: [], deny: ["channels.view"] },
  ];
}
