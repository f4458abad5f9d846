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
    const address = `${location.origin}/api/v1/servers/${this.properties.serverID}/widget.json`;
    return this.state.widget.enabled && h(
      "div",
      { class: "row" },
      field(t("widget.address"), { id: "widget-address", value: address, readonly: true, className: "grow" }),
      button(t("copy"), () => copyText(address)),
    );
  }

  async save({ enabled, channel_id }) {
    this.state.widget = await api.patch(this.path, { enabled, channel_id: channel_id || null });
  }
}
