import EventLog
import Kernel

enum ChannelType: String, CaseIterable, Sendable {
    case text
    case voice
    case category
    case announcement
    case forum
    case thread
    case dm
    case group
    case notes

    /// Those that a server's channel can be made as.
    static let creatable: [ChannelType] = [.text, .voice, .category, .announcement, .forum]

    /// Whether messages can be sent to it directly; a forum's stand in its threads.
    var takesMessages: Bool { self != .category && self != .forum }
}

/// A place to talk, or a category of such (contract: REST, Channels).
struct Channel: Sendable {
    let id: ChannelID
    let server: ServerID?
    let name: String
    let type: ChannelType
    let topic: String?
    let position: Int
    let category: ChannelID?
    let nsfw: Bool
    let slowmode_s: Int
    let createdAt: Timestamp
    let lastMessage: MessageID?
}

extension Channel: JSONObjectEncodable {
    static let shape = JSONShape<Channel>(
        "Channel",
        .field("id", \.id),
        .field("server_id", \.server),
        .field("name", \.name),
        .field("channel_type", \.type.rawValue),
        .field("topic", \.topic),
        .field("position", \.position),
        .field("category_id", \.category),
        .field("nsfw", \.nsfw),
        .field("slowmode_seconds", \.slowmode_s),
        .field("created_at", \.createdAt),
        .field("last_message_id", \.lastMessage),
        .field("recipients") { _ in [PublicUser]?.none },
        .field("overwrites") { _ in [String]?.none })
}

/// CHANNEL_DELETE: the channel is gone, or at least for the one who is told.
struct ChannelDeletedEvent: JSONObjectEncodable {
    let id: ChannelID
    let server: ServerID?

    static let shape = JSONShape<ChannelDeletedEvent>(
        "ChannelDeletedEvent", .field("id", \.id), .field("server_id", \.server))
}

/// A channel together with what somebody may do in it.
struct Place: Sendable {
    let channel: Channel
    let permissions: EffectivePermissions

    /// What its viewer hears of it.
    var audiences: [Audience] {
        permissions.contains(.messagesRead)
            ? [.channel(channel.id), .messages(of: channel.id)] : [.channel(channel.id)]
    }

    /// - Throws: `.invalidInput` for a channel that has no messages of its own.
    func requireMessages() throws(APIError) {
        guard channel.type.takesMessages else {
            throw .invalidInput("channel_id", "a \(channel.type.rawValue) has no messages")
        }
    }

    /// The intent of events about the channel's messages.
    var messageIntent: Intents { channel.server == nil ? .directMessages : .guildMessages }
}
