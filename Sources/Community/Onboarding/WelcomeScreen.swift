import Features
import Kernel

/// What newcomers see first of a server: a few words, and where to begin (contract: REST, Onboarding).
struct WelcomeScreen: Sendable, Equatable {
    struct Entry: Sendable, Equatable {
        let channel: ChannelID
        let description: String
        /// One of Unicode's.
        let emoji: String?
    }

    var isEnabled = false
    var description: String?
    var channels: [Entry] = []

    /// Without the channels that somebody does not see, or that are gone.
    func shown(_ visible: Set<ChannelID>) -> WelcomeScreen {
        WelcomeScreen(
            isEnabled: isEnabled, description: description,
            channels: channels.filter { visible.contains($0.channel) })
    }
}

extension WelcomeScreen: JSONObjectEncodable {
    static let shape = JSONShape<WelcomeScreen>(
        "WelcomeScreen",
        .field("enabled", \.isEnabled),
        .field("description", \.description),
        .field("channels", \.channels))

    private static let entry = JSONInput(
        "WelcomeChannel",
        .required("channel_id", .id(ChannelID.self)), .optional("description", NameRules.line(50), default: ""),
        .optional("emoji", OnboardingQuestion.emoji),
        make: { (channel, description, emoji) throws(APIError) in
            Entry(channel: channel, description: description, emoji: emoji)
        })

    static let input = JSONInput(
        "WelcomeScreenDraft",
        .required("enabled", .bool), .optional("description", NameRules.text(0...300)),
        .optional("channels", .array(of: .object(entry), count: 0...5), default: []),
        make: { (isEnabled, description, channels) throws(APIError) in
            guard Set(channels.map(\.channel)).count == channels.count else {
                throw .invalidInput("channels", "name a channel twice")
            }
            let description = description.flatMap { NameRules.isVisible($0) ? $0 : nil }
            return WelcomeScreen(isEnabled: isEnabled, description: description, channels: channels)
        })
}

extension WelcomeScreen.Entry: JSONObjectEncodable {
    static let shape = JSONShape<WelcomeScreen.Entry>(
        "WelcomeScreenChannel",
        .field("channel_id", \.channel),
        .field("description", \.description),
        .field("emoji", \.emoji))
}

/// What everybody in a server keeps to.
struct ServerRules: Sendable, Equatable {
    var isEnabled = false
    var rules: [String] = []
    /// Grows with every change of the texts.
    var version = 0
    /// Which version earlier members have to have agreed to; 0: none.
    var requiredVersion = 0
}

extension ServerRules: JSONObjectEncodable {
    static let shape = JSONShape<ServerRules>(
        "ServerRules",
        .field("enabled", \.isEnabled),
        .field("rules", \.rules),
        .field("version", \.version))
}
