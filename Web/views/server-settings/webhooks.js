import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { copyText } from "../common/copy.js";
import { button, empty, field, select } from "../common/controls.js";
import { confirm, Dialog } from "../common/dialog.js";
import { Section } from "../settings/window.js";

/** Addresses to which programs send messages; of a server, or of one of its channels. */
export class WebhooksSection extends Section {
  events = { WEBHOOKS_UPDATE: () => this.reload() };

  async load() {
    const all = await api.get(`/servers/${this.properties.serverID}/webhooks`);
    this.state.webhooks = this.properties.channelID
      ? all.filter((item) => item.channel_id === this.properties.channelID)
      : all;
  }

  describe() {
    const { webhooks } = this.state;
    return [
      h("p", { class: "soft" }, t("webhooks.about")),
      button(t("webhooks.make"), () => this.#edit(null), { kind: "primary" }),
      webhooks.length === 0
        ? empty("webhook", t("webhooks.none"), null)
        : h("ul", { class: "people" }, webhooks.map((item) => this.#entry(item))),
    ];
  }

  #entry(item) {
    return h(
      "li",
      { key: item.id },
      h(
        "span",
        { class: "grow two-lines" },
        h("strong", { dir: "auto" }, item.name),
        h("span", { class: "soft" }, `#${store.state.channels.get(item.channel_id)?.name ?? "…"}`),
      ),
      button(t("edit"), () => this.#edit(item), { "aria-label": t("edit-of", { name: item.name }) }),
      button(t("webhooks.renew"), () => this.#renew(item)),
      button(t("delete"), () => this.#remove(item), {
        kind: "danger",
        "aria-label": t("delete-of", { name: item.name }),
      }),
    );
  }

  #edit(item) {
    const channels = [...store.state.channels.values()].filter((channel) =>
      channel.server_id === this.properties.serverID && ["text", "announcement"].includes(channel.channel_type)
    );
    const dialog = new Dialog(t(item ? "webhooks.edit" : "webhooks.make"), ({ state, isBusy }) =>
      h(
        "form",
        { onsubmit: (event) => submit(event) },
        field(t("name"), {
          id: "webhook-name",
          value: item?.name ?? "",
          maxlength: 80,
          required: true,
          autofocus: true,
        }),
        select(t("channel"), {
          id: "webhook-channel",
          value: state.channel ?? item?.channel_id ?? this.properties.channelID ?? channels[0]?.id,
          options: channels.map((channel) => [channel.id, `#${channel.name}`]),
          onchange: (channel) => dialog.set({ channel }),
        }),
        field(t("webhooks.picture"), {
          id: "webhook-picture",
          type: "url",
          value: item?.avatar_url ?? "",
          placeholder: "https://",
        }),
        h("footer", null, h("button", { class: "button primary", disabled: isBusy }, t("save"))),
      ));
    const submit = (event) => {
      event.preventDefault();
      const value = (id) => event.target.querySelector(`#${id}`).value.trim();
      const body = {
        name: value("webhook-name"),
        channel_id: value("webhook-channel"),
        avatar_url: value("webhook-picture") || null,
      };
      dialog.attempt(async () => {
        const answer = item ? await api.patch(`/webhooks/${item.id}`, body) : await api.post("/webhooks", body);
        dialog.close();
        if (answer.url) showAddress(answer);
        await this.reload();
      });
    };
  }

  #renew(item) {
    this.attempt(async () => showAddress(await api.post(`/webhooks/${item.id}/regenerate-token`)));
  }

  async #remove(item) {
    if (await confirm(t("delete"), t("webhooks.delete-text", { name: item.name }), { action: t("delete") })) {
      await this.attempt(async () => {
        await api.delete(`/webhooks/${item.id}`);
        await this.load();
      });
    }
  }
}

function showAddress({ url }) {
  const address = new URL(url, location.origin).href;
  new Dialog(
    t("webhooks.address"),
    (
      dialog,
    ) => [
      h("p", null, t("shown-once")),
      h("code", { class: "secret" }, address),
      h(
        "footer",
        null,
        button(t("copy"), () => copyText(address)),
        button(t("done"), () => dialog.close(), { kind: "primary" }),
      ),
    ],
  );
}
