// Making a server, or joining one by an invite.

import { h } from "../../dom/element.js";
import { navigate } from "../../kernel/router.js";
import { api } from "../../server/api.js";
import { whenServerIsKnown } from "../../server/servers.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { button, field, select } from "../common/controls.js";
import { Dialog } from "../common/dialog.js";

export function addServer() {
  new Dialog(
    t("server.add"),
    (
      dialog,
    ) => [
      h("p", null, t("server.add-text")),
      makeForm(dialog),
      h("div", { class: "or" }, t("or")),
      joinForm(dialog),
      store.state.capabilities?.discovery !== false && [
        h("div", { class: "or" }, t("or")),
        button(t("directory.open"), () => {
          dialog.close();
          navigate("/discovery");
        }, { kind: "wide" }),
      ],
    ],
    { className: "narrow" },
  );
}

const TEMPLATES = ["default", "community", "study", "gaming"];

export const makeForm = (dialog) =>
  h(
    "form",
    {
      onsubmit: async (event) => {
        event.preventDefault();
        const name = event.target.querySelector("#server-name").value.trim();
        await dialog.attempt(async () => {
          const server = await api.post("/servers", { name, template: dialog.state.template ?? "default" });
          dialog.close();
          enter(server.id);
        });
      },
    },
    field(t("server.name"), {
      id: "server-name",
      minlength: 2,
      maxlength: 100,
      required: true,
      autofocus: true,
      value: t("server.default-name", { name: store.state.me.display_name ?? store.state.me.username }),
    }),
    select(t("server.template"), {
      id: "server-template",
      value: dialog.state.template ?? "default",
      options: TEMPLATES.map((name) => [name, t(`template.${name}`)]),
      onchange: (template) => dialog.set({ template }),
    }),
    h("button", { class: "button primary wide", disabled: dialog.isBusy }, t("server.make")),
  );

export const joinForm = (dialog) =>
  h(
    "form",
    {
      onsubmit: (event) => {
        event.preventDefault();
        // A whole link or only its code.
        const link = event.target.querySelector("#invite-code").value.trim();
        const place = link.includes("/templates/") ? "templates" : "invite";
        dialog.close();
        navigate(`/${place}/${encodeURIComponent(link.split("/").at(-1))}`);
      },
    },
    field(t("invite.link"), {
      id: "invite-code",
      required: true,
      placeholder: `${location.origin}/invite/…`,
      autocomplete: "off",
    }),
    h("button", { class: "button wide" }, t("invite.use")),
  );

async function enter(id) {
  await whenServerIsKnown(id);
  navigate(`/channels/${id}`);
}
