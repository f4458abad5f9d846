import Features
import Kernel

/// What was done to a server, by whom and why (contract: REST, Servers).
struct AuditEntry: Sendable {
    let id: AuditEntryID
    let server: ServerID
    let user: UserID
    let action: AuditAction
    let target: AuditTarget?
    /// What was changed: for each field its value before and after.
    let changes: [String: JSON]
    let reason: String?
    let createdAt: Timestamp
    /// What counted in a channel when it was deleted, so that later it is still known who saw it.
    var lastOverwrites: [PermissionOverwrite]?
}

/// What something was done to.
package struct AuditTarget: Sendable {
    package enum Kind: String, CaseIterable, Sendable {
        case server
        case channel
        case role
        case user
        case message
        case invite
        case webhook
        case emoji
        case thread
        case sticker
        case event
        case sound
    }

    package let kind: Kind
    /// Nil for an invite, whose code is no number; the code stands in the changes.
    package let id: Int64?
    /// Where it is: what was changed there is told to those who see the channel.
    package var channel: ChannelID?

    package init(kind: Kind, id: Int64?, channel: ChannelID? = nil) {
        self.kind = kind
        self.id = id
        self.channel = channel
    }

    static func server(_ id: ServerID) -> Self { Self(kind: .server, id: id.rawValue) }
    package static func channel(_ id: ChannelID) -> Self { Self(kind: .channel, id: id.rawValue, channel: id) }
    static func role(_ id: RoleID) -> Self { Self(kind: .role, id: id.rawValue) }
    static func user(_ id: UserID) -> Self { Self(kind: .user, id: id.rawValue) }
    package static func message(_ id: MessageID, in channel: ChannelID) -> Self {
        Self(kind: .message, id: id.rawValue, channel: channel)
    }
    package static func thread(_ id: ChannelID, in parent: ChannelID) -> Self {
        Self(kind: .thread, id: id.rawValue, channel: parent)
    }
    package static func webhook(_ id: WebhookID, in channel: ChannelID) -> Self {
        Self(kind: .webhook, id: id.rawValue, channel: channel)
    }
    static func event(_ id: ScheduledEventID, in channel: ChannelID?) -> Self {
        Self(kind: .event, id: id.rawValue, channel: channel)
    }
    static func emoji(_ id: EmojiID) -> Self { Self(kind: .emoji, id: id.rawValue) }
    static func sticker(_ id: StickerID) -> Self { Self(kind: .sticker, id: id.rawValue) }
    static func sound(_ id: SoundID) -> Self { Self(kind: .sound, id: id.rawValue) }
    static func invite(to channel: ChannelID) -> Self { Self(kind: .invite, id: nil, channel: channel) }
}

extension AuditEntry: JSONObjectEncodable {
    static let shape = JSONShape<AuditEntry>(
        "AuditLogEntry",
        .field("id", \.id),
        .field("server_id", \.server),
        .field("user_id", \.user),
        .field("action", \.action.rawValue),
        .field("target_type", \.target?.kind.rawValue),
        .field("target_id") { $0.target?.id.map(String.init) },
        .field("changes") { JSON.object($0.changes) },
        .field("reason", \.reason),
        .field("created_at", \.createdAt))
}
