import Kernel
import People

/// A message, with its author as they are called now (contract: REST, Messages).
///
/// A class, because lists of them are handed through generic code, which would copy a struct of so many fields, and count a
/// reference for each, at every step.
package final class Message: Sendable {
    package let id: MessageID
    package let channel: ChannelID
    package let server: ServerID?
    package let author: UserID
    package let authorUsername: String
    package let authorDisplayName: String?
    let authorAvatarURL: String?
    let type: MessageType
    package let content: String?
    package let createdAt: Timestamp
    package let editedAt: Timestamp?
    package let replyTo: MessageID?
    /// Nil also when the message that was replied to is gone.
    let reply: MessagePreview?
    let nonce: String?
    package let details: MessageDetails
    /// Whom it has reached; only of one's own, and where there are receipts.
    let receipts: ReceiptCounts?

    init(
        id: MessageID, channel: ChannelID, server: ServerID?, author: UserID, authorUsername: String,
        authorDisplayName: String?, authorAvatarURL: String? = nil, type: MessageType, content: String?,
        createdAt: Timestamp, editedAt: Timestamp?,
        replyTo: MessageID?, reply: MessagePreview?, nonce: String?, details: MessageDetails = .none,
        receipts: ReceiptCounts? = nil
    ) {
        self.id = id
        self.channel = channel
        self.server = server
        self.author = author
        self.authorUsername = authorUsername
        self.authorDisplayName = authorDisplayName
        self.authorAvatarURL = authorAvatarURL
        self.type = type
        self.content = content
        self.createdAt = createdAt
        self.editedAt = editedAt
        self.replyTo = replyTo
        self.reply = reply
        self.nonce = nonce
        self.details = details
        self.receipts = receipts
    }

    func with(_ receipts: ReceiptCounts) -> Message {
        Message(
            id: id, channel: channel, server: server, author: author, authorUsername: authorUsername,
            authorDisplayName: authorDisplayName, authorAvatarURL: authorAvatarURL, type: type, content: content,
            createdAt: createdAt, editedAt: editedAt, replyTo: replyTo, reply: reply, nonce: nonce, details: details,
            receipts: receipts)
    }
}

/// What most messages do not have. Shared by those that have none of it.
package final class MessageDetails: Sendable {
    static let none = MessageDetails(standsElsewhere: false)

    let embeds: StoredEmbeds
    package let attachments: [Attachment]
    /// What the links in the text lead to; shown after the embeds.
    let previews: [LinkPreview]
    let mentions: Mentions
    let mentioned: [MentionedUser]
    let isPinned: Bool
    let reactions: [ReactionCount]
    let webhook: WebhookID?
    let thread: ChannelID?
    let poll: Poll?
    let stickers: [MessageSticker]
    /// Of a message that is nothing but something said.
    let voice: VoiceRecording?
    let forward: Forward?
    /// Whether some of it is stored beside the message, and changes without it.
    let standsElsewhere: Bool

    init(
        embeds: StoredEmbeds = .none, attachments: [Attachment] = [], previews: [LinkPreview] = [],
        mentions: Mentions = .none, mentioned: [MentionedUser] = [], isPinned: Bool = false,
        reactions: [ReactionCount] = [], webhook: WebhookID? = nil, thread: ChannelID? = nil, poll: Poll? = nil,
        stickers: [MessageSticker] = [], voice: VoiceRecording? = nil, forward: Forward? = nil,
        standsElsewhere: Bool = true
    ) {
        self.embeds = embeds
        self.attachments = attachments
        self.previews = previews
        self.mentions = mentions
        self.mentioned = mentioned
        self.isPinned = isPinned
        self.reactions = reactions
        self.webhook = webhook
        self.thread = thread
        self.poll = poll
        self.stickers = stickers
        self.voice = voice
        self.forward = forward
        self.standsElsewhere = standsElsewhere
    }
}

/// Embeds as they are stored, which is as they are sent.
struct StoredEmbeds: JSONEncodable, Equatable {
    /// The JSON of the list; nil for none.
    let text: String?

    static let none = StoredEmbeds(text: nil)

    static var schema: JSONSchema { .array(of: Embed.schema) }

    func encode(to json: inout JSONWriter) {
        if let text { json.raw(text.utf8) } else { [Embed]().encode(to: &json) }
    }

    /// These and further ones.
    func followed(by more: [Embed]) -> StoredEmbeds {
        guard !more.isEmpty else { return self }
        let added = String(decoding: more.jsonBytes, as: UTF8.self)
        guard let text else { return StoredEmbeds(text: added) }
        return StoredEmbeds(text: text.dropLast() + "," + added.dropFirst())
    }
}

extension MessageDetails {
    /// What the author embedded, and what is known of the links.
    var allEmbeds: StoredEmbeds { embeds.followed(by: previews.map(\.embed)) }

    /// Those of what was handed on are stored as the message's own.
    var storedAttachments: [Attachment] { forward?.snapshot.attachments ?? attachments }
    var storedStickers: [MessageSticker] { forward?.snapshot.stickers ?? stickers }
    var storedVoice: VoiceRecording? { forward?.snapshot.voice ?? voice }

    /// What the links lead to that are in its text or in what it hands on.
    var allPreviews: [LinkPreview] { previews + (forward?.snapshot.previews ?? []) }
}

extension StoredEmbeds {
    init(_ embeds: [Embed]) {
        self.init(text: embeds.isEmpty ? nil : String(decoding: embeds.jsonBytes, as: UTF8.self))
    }
}

/// Somebody whom a message speaks to.
struct MentionedUser: JSONObjectEncodable {
    let id: UserID
    let username: String
    let displayName: String?

    static let shape = JSONShape<MentionedUser>(
        "MentionedUser", .field("id", \.id), .field("username", \.username), .field("display_name", \.displayName))
}

enum MessageType: String, Sendable {
    case `default`
    case reply
    case poll
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
    package static let shape = JSONShape<Message>(
        "Message",
        .field("id", \.id),
        .field("channel_id", \.channel),
        .field("server_id", \.server),
        .field("author_id", \.author),
        .field("author_username", \.authorUsername),
        .field("author_display_name", \.authorDisplayName),
        .field("author_avatar_url", \.authorAvatarURL),
        .field("type", \.type.rawValue),
        .field("content", \.content),
        .field("created_at", \.createdAt),
        .field("edited_at", \.editedAt),
        .field("reply_to_id", \.replyTo),
        .field("reply_to", \.reply),
        .field("attachments", \.details.attachments),
        .field("embeds", \.details.allEmbeds),
        .field("mentions", \.details.mentioned),
        .field("mention_roles", \.details.mentions.roles),
        .field("mention_everyone", \.details.mentions.everyone),
        .field("pinned", \.details.isPinned),
        .field("reactions", \.details.reactions),
        .field("webhook_id", \.details.webhook),
        .field("nonce", \.nonce),
        .field("read_count", \.receipts?.read),
        .field("delivery_count", \.receipts?.delivered),
        .field("thread_id", \.details.thread),
        .field("poll", \.details.poll),
        .field("stickers", \.details.stickers),
        .field("voice", \.details.voice),
        .field("forward", \.details.forward))
}

extension Message {
    /// Its text, and that of what it hands on: where links are looked for.
    var linkedText: String? {
        guard let forwarded = details.forward?.snapshot.content else { return content }
        return content.map { "\($0)\n\(forwarded)" } ?? forwarded
    }
}

extension Message {
    /// All that is to be read in it, line by line; files and stickers by their names.
    package var spelledOut: [String] {
        let files = details.storedAttachments.map { "[\($0.filename)]" }
        let stickers = details.storedStickers.map { "[\($0.name)]" }
        let poll = details.poll.map { ["\($0.question)"] + $0.options.map { "- \($0.text)" } } ?? []
        return [content].compactMap { $0 } + [details.forward?.snapshot.content].compactMap { $0 } + poll + stickers
            + files
    }

    /// A message's JSON without what it quotes, because that is gone; what it answers stays an id.
    package static func withoutQuotation(_ payload: [UInt8]) -> [UInt8] {
        guard case .object(var members)? = try? JSONParser.parse(payload) else { return payload }
        members["reply_to"] = .null
        return JSON.object(members).jsonBytes
    }
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

extension MentionedUser {
    init(_ face: UserFace) {
        self.init(id: face.id, username: face.username, displayName: face.displayName)
    }
}
