import Kernel

/// How often a message was reacted to with an emoji (contract: REST, Messages).
struct ReactionCount: Sendable, Equatable {
    let emoji: String
    let count: Int
    /// Whether the reader is among them. Nil in events, which say the same to everyone: a client keeps what it knows.
    let me: Bool?
}

extension ReactionCount: JSONObjectEncodable {
    static let shape = JSONShape<ReactionCount>(
        "ReactionCount", .field("emoji", \.emoji), .field("count", \.count), .field("me", \.me))
}

/// Somebody who reacted.
struct Reactor: JSONObjectEncodable {
    let user: UserID
    let username: String
    let reactedAt: Timestamp

    static let shape = JSONShape<Reactor>(
        "Reactor", .field("user_id", \.user), .field("username", \.username), .field("reacted_at", \.reactedAt))
}

/// MESSAGE_REACTION_ADD and MESSAGE_REACTION_REMOVE.
struct ReactionEvent: JSONObjectEncodable {
    let message: MessageID
    let channel: ChannelID
    let server: ServerID?
    let user: UserID
    let emoji: String

    static let shape = JSONShape<ReactionEvent>(
        "ReactionEvent",
        .field("message_id", \.message), .field("channel_id", \.channel), .field("server_id", \.server),
        .field("user_id", \.user), .field("emoji", \.emoji))
}

/// MESSAGE_REACTION_REMOVE_ALL.
struct ReactionsClearedEvent: JSONObjectEncodable {
    let message: MessageID
    let channel: ChannelID
    let server: ServerID?

    static let shape = JSONShape<ReactionsClearedEvent>(
        "ReactionsClearedEvent",
        .field("message_id", \.message), .field("channel_id", \.channel), .field("server_id", \.server))
}
