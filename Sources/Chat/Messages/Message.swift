import Kernel

/// A message, with its author as they are called now (contract: REST, Messages).
///
/// A class, because lists of them are handed through generic code, which would copy a struct of so many fields, and count a
/// reference for each, at every step.
final class Message: Sendable {
    let id: MessageID
    let channel: ChannelID
    let server: ServerID?
    let author: UserID
    let authorUsername: String
    let authorDisplayName: String?
    let type: MessageType
    let content: String?
    let createdAt: Timestamp
    let editedAt: Timestamp?
    let replyTo: MessageID?
    /// Nil also when the message that was replied to is gone.
    let reply: MessagePreview?
    let nonce: String?

    init(
        id: MessageID, channel: ChannelID, server: ServerID?, author: UserID, authorUsername: String,
        authorDisplayName: String?, type: MessageType, content: String?, createdAt: Timestamp, editedAt: Timestamp?,
        replyTo: MessageID?, reply: MessagePreview?, nonce: String?
    ) {
        self.id = id
        self.channel = channel
        self.server = server
        self.author = author
        self.authorUsername = authorUsername
        self.authorDisplayName = authorDisplayName
        self.type = type
        self.content = content
        self.createdAt = createdAt
        self.editedAt = editedAt
        self.replyTo = replyTo
        self.reply = reply
        self.nonce = nonce
    }
}

enum MessageType: String, Sendable {
    case `default`
    case reply
}

/// The message that another one answers.
struct MessagePreview: JSONObjectEncodable {
    let id: MessageID
    let author: UserID
    let authorUsername: String
    let content: String?

    static let shape = JSONShape<MessagePreview>(
        "MessagePreview",
        .field("id", \.id),
        .field("author_id", \.author),
        .field("author_username", \.authorUsername),
        .field("content", \.content))
}

extension Message: JSONObjectEncodable {
    static let shape = JSONShape<Message>(
        "Message",
        .field("id", \.id),
        .field("channel_id", \.channel),
        .field("server_id", \.server),
        .field("author_id", \.author),
        .field("author_username", \.authorUsername),
        .field("author_display_name", \.authorDisplayName),
        .field("author_avatar_url") { _ in String?.none },
        .field("type", \.type.rawValue),
        .field("content", \.content),
        .field("created_at", \.createdAt),
        .field("edited_at", \.editedAt),
        .field("reply_to_id", \.replyTo),
        .field("reply_to", \.reply),
        .field("attachments") { _ in [String]() },
        .field("embeds") { _ in [String]() },
        .field("mentions") { _ in [String]() },
        .field("mention_roles") { _ in [String]() },
        .field("mention_everyone") { _ in false },
        .field("pinned") { _ in false },
        .field("reactions") { _ in [String]() },
        .field("webhook_id") { _ in String?.none },
        .field("nonce", \.nonce),
        .field("thread_id") { _ in ChannelID?.none },
        .field("poll") { _ in String?.none })
}

/// An earlier text of a message.
struct MessageVersion: JSONObjectEncodable {
    let content: String?
    /// When it was replaced.
    let replacedAt: Timestamp

    static let shape = JSONShape<MessageVersion>(
        "MessageVersion", .field("content", \.content), .field("edited_at", \.replacedAt))
}

/// MESSAGE_DELETE.
struct MessageDeletedEvent: JSONObjectEncodable {
    let id: MessageID
    let channel: ChannelID
    let server: ServerID?

    static let shape = JSONShape<MessageDeletedEvent>(
        "MessageDeletedEvent",
        .field("id", \.id), .field("channel_id", \.channel), .field("server_id", \.server))
}

/// MESSAGE_DELETE_BULK.
struct MessagesDeletedEvent: JSONObjectEncodable {
    let ids: [MessageID]
    let channel: ChannelID
    let server: ServerID?

    static let shape = JSONShape<MessagesDeletedEvent>(
        "MessagesDeletedEvent",
        .field("ids", \.ids), .field("channel_id", \.channel), .field("server_id", \.server))
}

struct DeletedMessages: JSONObjectEncodable {
    let count: Int

    static let shape = JSONShape<DeletedMessages>(
        "DeletedMessages", .field("success") { _ in true }, .field("deleted_count", \.count))
}
