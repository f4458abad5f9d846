import { h } from "../../dom/element.js";
import { navigate } from "../../kernel/router.js";
import { api } from "../../server/api.js";
import { iconOf, nameOf } from "../../store/selectors.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { button, field, select } from "../common/controls.js";
import { Dialog } from "../common/dialog.js";
import { FormSection } from "../settings/form.js";
import { avatarField, savePicture } from "../settings/picture.js";

/** After so long somebody may be taken to be away. */
const AFK_TIMEOUTS_S = [60, 300, 900, 1800, 3600];

export class OverviewSection extends FormSection {
  topics() {
    return [`server:${this.properties.serverID}`];
  }

  get server() {
    return store.state.servers.get(this.properties.serverID);
  }

  values() {
    const { name, description, default_channel_id, afk_channel_id, afk_timeout } = this.server ?? {};
    return { name, description, default_channel_id, afk_channel_id, afk_timeout };
  }

  fields(draft) {
    const { server } = this;
    if (!server) return null;
    const channels = (type) =>
      [...server.channelIDs].map((id) => store.state.channels.get(id)).filter((channel) =>
        channel?.channel_type === type
      );
    return [
      avatarField(this, iconOf(server), { className: "square" }),
      field(t("server.name"), {
        id: "server-name",
        ...this.text("name"),
        minlength: 2,
        maxlength: 100,
        required: true,
      }),
      field(t("server.description"), {
        id: "server-description",
        type: "textarea",
        ...this.text("description"),
        maxlength: 1000,
      }),
      select(t("server.first-channel"), {
        id: "server-channel",
        value: draft.default_channel_id ?? "",
        options: [["", "—"], ...channels("text").map((channel) => [channel.id, `#${channel.name}`])],
        onchange: (default_channel_id) => this.change({ default_channel_id }),
      }),
      store.state.capabilities?.voice?.enabled && [
        select(t("server.afk-channel"), {
          id: "server-afk-channel",
          value: draft.afk_channel_id ?? "",
          options: [["", "—"], ...channels("voice").map((channel) => [channel.id, channel.name])],
          onchange: (id) => this.change({ afk_channel_id: id || null }),
          hint: t("server.afk-hint"),
        }),
        select(t("server.afk-timeout"), {
          id: "server-afk-timeout",
          value: String(draft.afk_timeout ?? ""),
          options: AFK_TIMEOUTS_S.map((seconds) => [String(seconds), t("minutes", { count: seconds / 60 })]),
          onchange: (seconds) => this.change({ afk_timeout: Number(seconds) }),
        }),
      ],
    ];
  }

  below() {
    return this.server?.owner_id === store.state.me.id && [
      h("h2", null, t("server.end")),
      h(
        "div",
        { class: "row" },
        button(t("server.transfer"), () => this.#transfer()),
        button(t("server.delete"), () => this.#delete(), { kind: "danger" }),
      ),
    ];
  }

  async save({ name, description, default_channel_id, afk_channel_id, afk_timeout }, { picture }) {
    const { id } = this.server;
    if (picture) {
      const { icon_url = null } = (await savePicture(`/avatars/servers/${id}`, picture)) ?? {};
      store.apply("GUILD_UPDATE", { id, icon_url });
    }
    store.apply(
      "GUILD_UPDATE",
      await api.patch(`/servers/${id}`, {
        name: name.trim(),
        description: description?.trim() || null,
        default_channel_id: default_channel_id || null,
        afk_channel_id,
        afk_timeout,
      }),
    );
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
        this.reset();
        this.properties.window.close();
        navigate("/channels/@me");
      });
    };
  }
}
