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
    const { server_id } = store.state.channels.get(channelID);
    super(() => describe(channelID), section, ["servers", `channel:${channelID}`, `server:${server_id}`]);
  }
}

function describe(channelID) {
  const channel = store.state.channels.get(channelID);
  if (!channel) return null;
  const rights = inChannel(store.state, channel);
  const isText = ["text", "announcement"].includes(channel.channel_type);
  const properties = { channelID, serverID: channel.server_id };
  const part = (name, label, Section, isShown) => isShown && { name, label: t(label), Section, properties };
  return {
    title: channel.channel_type === "category" ? channel.name : `#${channel.name}`,
    sections: [
      part("overview", "server.overview", OverviewSection, rights.has("channels.manage")),
      part("permissions", "channel.permissions", OverwritesSection, rights.has("roles.manage")),
      part("why", "server.why", WhySection, rights.has("roles.manage")),
      part("webhooks", "server.webhooks", WebhooksSection, isText && rights.has("webhooks.manage")),
      part("export", "channel.export", ExportSection, isText && rights.has("messages.manage")),
    ],
  };
}
