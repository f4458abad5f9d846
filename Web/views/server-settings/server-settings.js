import { inServer } from "../../store/permissions.js";
import { store } from "../../store/store.js";
import { t } from "../../texts/text.js";
import { SettingsWindow } from "../settings/window.js";
import { AuditLogSection } from "./audit-log.js";
import { BansSection } from "./bans.js";
import { DiscoverySection } from "./discovery.js";
import { EmojiSection } from "./emoji.js";
import { InvitesSection } from "./invites.js";
import { MembersSection } from "./members.js";
import { OverviewSection } from "./overview.js";
import { QuestionsSection } from "./questions.js";
import { RolesSection } from "./roles.js";
import { RulesSection } from "./rules.js";
import { TemplatesSection } from "./templates.js";
import { WebhooksSection } from "./webhooks.js";
import { SoundboardSection } from "./soundboard.js";
import { StickersSection } from "./stickers.js";
import { WelcomeSection } from "./welcome.js";
import { WhySection } from "./why.js";
import { WidgetSection } from "./widget.js";

export const openServerSettings = (serverID, section = null) => new ServerSettings(serverID, section);

/** The settings of a server; only the sections that one has a right to. */
class ServerSettings extends SettingsWindow {
  constructor(serverID, section) {
    super(() => describe(serverID), section, ["servers", `server:${serverID}`]);
  }
}

function describe(serverID) {
  const server = store.state.servers.get(serverID);
  if (!server) return null;
  const rights = inServer(store.state, serverID);
  const may = (...names) => names.some((name) => rights.has(name));
  const part = (name, Section, isShown) =>
    isShown && { name, label: t(`server.${name}`), Section, properties: { serverID } };
  const manages = (module) => may("server.manage") && store.state.capabilities?.[module] !== false;
  const mayManageMembers = may(
    "members.manage_roles",
    "members.kick",
    "members.ban",
    "members.timeout",
    "members.manage_nicknames",
  );
  return {
    title: server.name,
    sections: [
      part("overview", OverviewSection, may("server.manage")),
      part("roles", RolesSection, may("roles.manage")),
      part("members", MembersSection, mayManageMembers),
      part("why", WhySection, may("roles.manage", "server.manage")),
      part("invites", InvitesSection, may("server.manage", "invites.manage")),
      part("bans", BansSection, may("members.ban")),
      part("emoji", EmojiSection, may("emojis.manage")),
      part("stickers", StickersSection, may("emojis.manage") && Boolean(store.state.capabilities?.stickers)),
      part("soundboard", SoundboardSection, may("emojis.manage") && Boolean(store.state.capabilities?.soundboard)),
      part("webhooks", WebhooksSection, may("webhooks.manage") && store.state.capabilities?.webhooks !== false),
      part("welcome-screen", WelcomeSection, manages("onboarding")),
      part("rules", RulesSection, manages("onboarding")),
      part("questions", QuestionsSection, manages("onboarding")),
      part("discovery", DiscoverySection, manages("discovery")),
      part("templates", TemplatesSection, manages("templates")),
      part("widget", WidgetSection, manages("widget")),
      part("audit-log", AuditLogSection, may("server.view_audit_log")),
    ],
  };
}
