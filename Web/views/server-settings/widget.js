import { h } from "../../dom/element.js";
import { api } from "../../server/api.js";
import { t } from "../../texts/text.js";
import { button, field, select, toggle } from "../common/controls.js";
import { copyText } from "../common/copy.js";
import { FormSection } from "../settings/form.js";
import { channelOptions } from "./channel-choice.js";

/** What the server shows on other pages. */
export class WidgetSection extends FormSection {
  get path() {
    return `/servers/${this.properties.serverID}/widget`;
  }

  async load() {
    this.state.widget = await api.get(this.path);
  }

  values() {
    return this.state.widget;
  }

  fields(draft) {
    return [
      h("p", { class: "soft" }, t("widget.about")),
      toggle(t("widget.enabled"), {
        id: "widget-enabled",
        checked: draft.enabled,
        onchange: (enabled) => this.change({ enabled }),
      }),
      select(t("widget.channel"), {
        id: "widget-channel",
        value: draft.channel_id ?? "",
        options: [["", t("widget.no-channel")], ...channelOptions(this.properties.serverID)],
        hint: t("widget.channel-hint"),
        onchange: (channel_id) => this.change({ channel_id: channel_id || null }),
      }),
    ];
  }

  below() {
    if (!this.state.widget.enabled) return null;
    const id = this.properties.serverID;
    const address = `${location.origin}/api/v1/servers/${id}/widget.json`;
    const snippet = snippetOf(id, address);
    return [
      h("h2", null, t("widget.elsewhere")),
      h(
        "div",
        { class: "row" },
        field(t("widget.address"), {
          id: "widget-address",
          value: address,
          readonly: true,
          className: "grow",
        }),
        button(t("copy"), () => copyText(address), { "aria-label": t("widget.copy-address") }),
      ),
      field(t("widget.snippet"), {
        id: "widget-snippet",
        type: "textarea",
        className: "code",
        value: snippet,
        rows: 10,
        readonly: true,
        spellcheck: "false",
        dir: "ltr",
        hint: t("widget.snippet-hint"),
      }),
      button(t("widget.copy-snippet"), () => copyText(snippet)),
    ];
  }

  async save({ enabled, channel_id }) {
    this.state.widget = await api.patch(this.path, { enabled, channel_id: channel_id || null });
  }
}

/** A line for another page that asks for the figures and shows them; names are put in as text, whatever stands in them. */
function snippetOf(id, address) {
  const figures = t("widget.line", { online: "${server.presence_count}", members: "${server.member_count}" });
  return `<p id="aviary-${id}"></p>
<script>
  fetch("${address}")
    .then((answer) => answer.json())
    .then((server) => {
      const link = document.createElement("a");
      link.textContent = \`\${server.name}: ${figures}\`;
      if (server.instant_invite) link.href = server.instant_invite;
      document.getElementById("aviary-${id}").append(link);
    });
</script>`;
}
