import { t } from "../../texts/text.js";
import { store } from "../../store/store.js";
import { AccountSection } from "./account.js";
import { AppearanceSection } from "./appearance.js";
import { ApplicationsSection } from "./applications.js";
import { DataSection } from "./data.js";
import { FeedbackSection } from "./feedback.js";
import { KeyboardSection, LanguageSection } from "./language.js";
import { MessagingSection } from "./messaging.js";
import { NotificationsSection } from "./notifications.js";
import { ProfileSection } from "./profile.js";
import { SecurityLogSection } from "./security-log.js";
import { SecuritySection } from "./security.js";
import { SessionsSection } from "./sessions.js";
import { SettingsWindow } from "./window.js";

export const openSettings = (section = "account") => new UserSettings(section);

/** The settings of the one who is logged in. */
class UserSettings extends SettingsWindow {
  constructor(section) {
    super(
      () => ({
        title: t("settings"),
        sections: [
          { name: "account", label: t("settings.account"), Section: AccountSection },
          { name: "profile", label: t("settings.profile"), Section: ProfileSection },
          { name: "messaging", label: t("settings.messaging"), Section: MessagingSection },
          store.state.capabilities?.two_factor !== false &&
          { name: "security", label: t("settings.security"), Section: SecuritySection },
          store.state.capabilities?.security_log !== false &&
          { name: "security-log", label: t("settings.security-log"), Section: SecurityLogSection },
          { name: "sessions", label: t("settings.sessions"), Section: SessionsSection },
          { name: "appearance", label: t("settings.appearance"), Section: AppearanceSection },
          { name: "notifications", label: t("settings.notifications"), Section: NotificationsSection },
          { name: "language", label: t("settings.language"), Section: LanguageSection },
          { name: "keyboard", label: t("settings.keyboard"), Section: KeyboardSection },
          { name: "applications", label: t("settings.applications"), Section: ApplicationsSection },
          store.state.capabilities?.feedback !== false &&
          { name: "feedback", label: t("settings.feedback"), Section: FeedbackSection },
          { name: "data", label: t("settings.data"), Section: DataSection },
        ],
      }),
      section,
    );
  }
}
