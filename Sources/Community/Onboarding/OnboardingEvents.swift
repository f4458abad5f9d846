import Events
import Kernel

/// GUILD_ONBOARDING_UPDATE. What of it somebody sees depends on their channels, so that they ask for it.
struct OnboardingEvent: JSONObjectEncodable {
    let server: ServerID
    let setup: OnboardingSetup

    static let shape = JSONShape<OnboardingEvent>(
        "OnboardingEvent",
        .field("server_id", \.server),
        .field("welcome_enabled", \.setup.welcome.isEnabled),
        .field("rules_enabled", \.setup.rules.isEnabled),
        .field("rules_version", \.setup.rules.version),
        .field("questions_enabled", \.setup.questionnaire.isEnabled))
}

extension Onboarding {
    package static let events: [EventDeclaration] = [.init(.guildOnboardingUpdate)]
}

extension EventKind where Payload == OnboardingEvent {
    static var guildOnboardingUpdate: Self {
        Self(
            "GUILD_ONBOARDING_UPDATE", intents: .always(.guilds), heardBy: "members",
            "The welcome screen, the rules or the questions of a server were changed.")
    }
}
