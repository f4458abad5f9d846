import Events
import Kernel

/// A program that somebody runs, and that can have a bot (contract: REST, Webhooks, applications).
package struct Application: Sendable {
    let id: ApplicationID
    package let owner: UserID
    var name: String
    var description: String?
    /// Whether others than the owner may bring its bot to their servers.
    package var isPublic: Bool
    /// The privileged intents that its bot may ask for.
    package var intents: Intents
    package let bot: UserID?
    let createdAt: Timestamp
}

/// The privileged intents by their names (contract: Gateway, Intents).
enum PrivilegedIntent: String, CaseIterable, Sendable {
    case members = "GUILD_MEMBERS"
    case presences = "GUILD_PRESENCES"
    case messageContent = "MESSAGE_CONTENT"

    var intent: Intents {
        switch self {
        case .members: .guildMembers
        case .presences: .guildPresences
        case .messageContent: .messageContent
        }
    }
}

extension Application: JSONObjectEncodable {
    package static let shape = JSONShape<Application>(
        "Application",
        .field("id", \.id),
        .field("owner_id", \.owner),
        .field("name", \.name),
        .field("description", \.description),
        .field("public", \.isPublic),
        .field("privileged_intents") { application in
            PrivilegedIntent.allCases.filter { application.intents.contains($0.intent) }.map(\.rawValue)
        },
        .field("bot_id", \.bot),
        .field("created_at", \.createdAt))
}

/// A bot's key, which is shown this once.
struct BotToken: JSONObjectEncodable {
    let token: String
    let bot: UserID

    static let shape = JSONShape<BotToken>("BotToken", .field("token", \.token), .field("bot_id", \.bot))
}
