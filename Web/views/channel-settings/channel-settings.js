import { inChannel } from "../../store/permissions.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { WebhooksSection } from "../server-settings/webhooks.js";
import { WhySection } from "../server-settings/why.js";
import { SettingsWindow } from "../settings/window.js";
import { ExportSection } from "./export.js";
import { OverviewSection } from "./overview.js";
import { OverwritesSection } from "./overwrites.js";

export const openChannelSettings = (channelID, section = "overview") => new ChannelSettings(channelID, section);

/** The settings of a channel or category. */
class ChannelSettings extends SettingsWindow {
  constructor(channelID, section) {
    const channel = store.state.channels.get(channelID);
    const rights = inChannel(store.state, channel);
    const isText = ["text", "announcement"].includes(channel.channel_type);
    const properties = { channelID, serverID: channel.server_id };
    super(
      channel.channel_type === "category" ? channel.name : `#${channel.name}`,
      [
        rights.has("channels.manage") &&
        { name: "overview", label: t("server.overview"), Section: OverviewSection, properties },
        rights.has("roles.manage") &&
        { name: "permissions", label: t("channel.permissions"), Section: OverwritesSection, properties },
        rights.has("roles.manage") && { name: "why", label: t("server.why"), Section: WhySection, properties },
        isText && rights.has("webhooks.manage") &&
        { name: "webhooks", label: t("server.webhooks"), Section: WebhooksSection, properties },
        isText && rights.has("messages.manage") &&
        { name: "export", label: t("channel.export"), Section: ExportSection, properties },
      ],
      section,
      { topics: [`channel:${channelID}`, "servers"], isThere: () => store.state.channels.has(channelID) },
    );
  }
}
