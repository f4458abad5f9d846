// The windows of settings are loaded when they are first opened.

import { load } from "../../kernel/parts.js";
import { useTexts } from "../../texts/text.js";
import { attempt } from "../common/dialog.js";

export const openSettings = (section = "account") =>
  attempt(async () => {
    const [{ UserSettings }] = await Promise.all([load(() => import("./user-settings.js")), useTexts("settings")]);
    new UserSettings(section);
  });

export const openServerSettings = (serverID, section = null) =>
  attempt(async () => {
    const [{ ServerSettings }] = await Promise.all([
      load(() => import("../server-settings/server-settings.js")),
      useTexts("settings"),
    ]);
    new ServerSettings(serverID, section);
  });

export const openChannelSettings = (channelID, section = "overview") =>
  attempt(async () => {
    const [{ ChannelSettings }] = await Promise.all([
      load(() => import("../channel-settings/channel-settings.js")),
      useTexts("settings"),
    ]);
    new ChannelSettings(channelID, section);
  });
