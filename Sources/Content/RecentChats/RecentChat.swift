import Community
import Kernel

/// A channel that somebody has been in, and where they were (contract: REST, Recent chats).
struct RecentChat: Sendable {
    let channel: ChannelID
    var server: ServerID?
    let lastMessage: MessageID?
    /// Whatever the client counts in.
    let scrollPosition: Int
    let accessedAt: Timestamp
}

extension RecentChat: JSONObjectEncodable {
    static let shape = JSONShape<RecentChat>(
        "RecentChat",
        .field("conversation_id", \.channel),
        .field("channel_id", \.channel),
        .field("server_id", \.server),
        .field("last_message_id", \.lastMessage),
        .field("scroll_position", \.scrollPosition),
        .field("accessed_at", \.accessedAt))
}

/// The same in a list, with what the channel is and what is unread in it.
struct ListedChat: JSONObjectEncodable {
    let chat: RecentChat
    let channel: Channel
    let unread: Int

    static let shape = JSONShape<ListedChat>(
        "ListedChat",
        .field("conversation_id", \.chat.channel),
        .field("channel_id", \.chat.channel),
        .field("server_id", \.chat.server),
        .field("last_message_id", \.chat.lastMessage),
        .field("scroll_position", \.chat.scrollPosition),
        .field("accessed_at", \.chat.accessedAt),
        .field("name", \.channel.name),
        .field("channel_type", \.channel.type.rawValue),
        .field("unread_count", \.unread))
}

struct LastChat: JSONObjectEncodable {
    let chat: RecentChat?

    static let shape = JSONShape<LastChat>(
        "LastChat", .field("success") { _ in true }, .field("last_chat", \.chat))
}

struct ListedChats: JSONObjectEncodable {
    let chats: [ListedChat]

    static let shape = JSONShape<ListedChats>("ListedChats", .field("recent_chats", \.chats))
}
