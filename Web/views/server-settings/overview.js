import { h } from "../../dom/element.js";
import { navigate } from "../../kernel/router.js";
import { api } from "../../server/api.js";
import { iconOf, nameOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { button, field, select } from "../common/controls.js";
import { Dialog } from "../common/dialog.js";
import { pictureField } from "../settings/picture.js";
import { Section } from "../settings/window.js";

export class OverviewSection extends Section {
  topics() {
    return [`server:${this.properties.serverID}`];
  }

  get server() {
    return store.state.servers.get(this.properties.serverID);
  }

  describe() {
    const { server } = this;
    if (!server) return null;
    const channels = [...server.channelIDs].map((id) => store.state.channels.get(id)).filter((channel) =>
      channel?.channel_type === "text"
    );
    const isOwner = server.owner_id === store.state.me.id;
    return [
      pictureField(this, { url: iconOf(server), path: `/avatars/servers/${server.id}`, className: "square" }),
      h(
        "form",
        { onsubmit: (event) => this.#save(event) },
        field(t("server.name"), {
          id: "server-name",
          value: server.name,
          minlength: 2,
          maxlength: 100,
          required: true,
        }),
        field(t("server.description"), {
          id: "server-description",
          type: "textarea",
          value: server.description ?? "",
          maxlength: 1000,
        }),
        select(t("server.first-channel"), {
          id: "server-channel",
          value: server.default_channel_id ?? "",
          options: [["", "—"], ...channels.map((channel) => [channel.id, `#${channel.name}`])],
          onchange: (value) => (this.state.channel = value),
        }),
        h("button", { class: "button primary", disabled: this.isBusy }, t("save")),
      ),
      isOwner &&
      [
        h("h2", null, t("server.end")),
        h(
          "div",
          { class: "row" },
          button(t("server.transfer"), () => this.#transfer()),
          button(t("server.delete"), () => this.#delete(), { kind: "danger" }),
        ),
      ],
    ];
  }

  async pictureChanged(answer) {
    store.apply("GUILD_UPDATE", { id: this.server.id, icon_url: answer.icon_url ?? null });
  }

  #save(event) {
    event.preventDefault();
    const value = (id) => event.target.querySelector(`#${id}`).value.trim();
    const channel = this.state.channel ?? this.server.default_channel_id;
    this.attempt(async () => {
      store.apply(
        "GUILD_UPDATE",
        await api.patch(`/servers/${this.server.id}`, {
          name: value("server-name"),
          description: value("server-description") || null,
          default_channel_id: channel || null,
        }),
      );
    }, t("saved"));
  }

  #transfer() {
    const { server } = this;
    const members = [...(store.state.members.get(server.id)?.byID.keys() ?? [])].filter((id) =>
      id !== store.state.me.id
    );
    const dialog = new Dialog(t("server.transfer"), ({ state, isBusy }) =>
      h(
        "form",
        { onsubmit: (event) => submit(event) },
        h("p", null, t("server.transfer-text")),
        select(t("server.new-owner"), {
          id: "new-owner",
          value: state.owner ?? "",
          options: [["", "—"], ...members.map((id) => [id, nameOf(store.state, id, server.id)])],
          onchange: (owner) => dialog.set({ owner }),
        }),
        field(t("account.current-password"), {
          id: "transfer-password",
          type: "password",
          autocomplete: "current-password",
          required: true,
        }),
        h(
          "footer",
          null,
          h("button", { class: "button danger", disabled: isBusy || !state.owner }, t("server.transfer")),
        ),
      ));
    const submit = (event) => {
      event.preventDefault();
      const password = event.target.querySelector("#transfer-password").value;
      dialog.attempt(async () => {
        store.apply(
          "GUILD_UPDATE",
          await api.post(`/servers/${server.id}/transfer`, { user_id: dialog.state.owner, password }),
        );
        dialog.close();
      });
    };
  }

  #delete() {
    const { server } = this;
    const dialog = new Dialog(t("server.delete"), ({ state, isBusy }) =>
      h(
        "form",
        { onsubmit: (event) => submit(event) },
        h("p", null, t("server.delete-text", { name: server.name })),
        field(t("server.name"), {
          id: "delete-name",
          required: true,
          autofocus: true,
          autocomplete: "off",
          oninput: (event) => dialog.set({ name: event.target.value }),
        }),
        h(
          "footer",
          null,
          h("button", { class: "button danger", disabled: isBusy || state.name !== server.name }, t("server.delete")),
        ),
      ));
    const submit = (event) => {
      event.preventDefault();
      dialog.attempt(async () => {
        await api.delete(`/servers/${server.id}`);
        dialog.close();
        this.properties.window.close();
        navigate("/channels/@me");
      });
    };
  }
}
