import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { inServer } from "../../store/permissions.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { copyText } from "../common/copy.js";
import { button } from "../common/controls.js";
import { ask, confirm, Dialog, showMenu } from "../common/dialog.js";
import { Section } from "./window.js";

/** Programs of one's own: bots, their tokens, and where they are. */
export class ApplicationsSection extends Section {
  async load() {
    this.state.applications = await api.get("/applications");
  }

  describe() {
    return [
      h("p", { class: "soft" }, t("applications.about")),
      button(t("applications.make"), () => this.#make(), { kind: "primary" }),
      h(
        "ul",
        { class: "people" },
        this.state.applications.map((item) =>
          h(
            "li",
            { key: item.id },
            h(
              "span",
              { class: "grow two-lines" },
              h("strong", { dir: "auto" }, item.name),
              h("span", { class: "soft" }, t(item.bot_id ? "applications.has-bot" : "applications.no-bot")),
            ),
            button(t("more"), (event) => showMenu(event.currentTarget, this.#menu(item)), { "aria-haspopup": "menu" }),
          )
        ),
      ),
    ];
  }

  #menu(item) {
    const servers = [...store.state.servers.values()].filter((server) =>
      inServer(store.state, server.id).has("server.manage")
    );
    return [
      !item.bot_id &&
      {
        label: t("applications.make-bot"),
        icon: "add",
        run: () => this.#token(() => api.post(`/applications/${item.id}/bot`, {})),
      },
      item.bot_id &&
      {
        label: t("applications.new-token"),
        icon: "retry",
        run: () => this.#token(() => api.post(`/applications/${item.id}/bot/token`)),
      },
      ...(item.bot_id
        ? servers.map((server) => ({
          label: t("applications.bring", { name: server.name }),
          icon: "invite",
          run: () => this.attempt(() => api.put(`/servers/${server.id}/bots/${item.id}`), t("done")),
        }))
        : []),
      { label: t("delete"), icon: "trash", isDangerous: true, run: () => this.#delete(item) },
    ];
  }

  async #make() {
    const name = await ask(t("applications.make"), t("name"), { maxlength: 80, action: t("make") });
    if (name) {
      await this.attempt(async () => {
        await api.post("/applications", { name });
        await this.load();
      });
    }
  }

  #token(work) {
    this.attempt(async () => {
      const { token } = await work();
      new Dialog(
        t("applications.token"),
        (
          dialog,
        ) => [
          h("p", null, t("shown-once")),
          h("code", { class: "secret" }, token),
          h(
            "footer",
            null,
            button(t("copy"), () => copyText(token)),
            button(t("done"), () => dialog.close(), { kind: "primary" }),
          ),
        ],
      );
      await this.load();
    });
  }

  async #delete(item) {
    if (await confirm(t("delete"), t("applications.delete-text", { name: item.name }), { action: t("delete") })) {
      await this.attempt(async () => {
        await api.delete(`/applications/${item.id}`);
        await this.load();
      });
    }
  }
}
