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

    /// Whether threads can be opened in it.
    var takesThreads: Bool { self == .text || self == .announcement || self == .forum }
}

/// A place to talk, or a category of such (contract: REST, Channels).
struct Channel: Sendable {
    let id: ChannelID
    let server: ServerID?
    var name: String
    let type: ChannelType
    var topic: String?
    var position: Int
    var category: ChannelID?
    var nsfw: Bool
    var slowmode_s: Int
    let createdAt: Timestamp
    var lastMessage: MessageID?
    /// Who opened a group or a thread.
    var owner: UserID?
    /// The channel's own; nil where there can be none, and where they were not asked for.
    var overwrites: [PermissionOverwrite]?
    /// Everybody in a private channel, the reader included.
    var recipients: [PublicUser]?
    var thread: ThreadState?
}

/// What a thread is besides a channel.
struct ThreadState: Sendable, Equatable {
    let parent: ChannelID
    /// The message that the thread was opened on.
    let message: MessageID?
    var isArchived: Bool
    var isLocked: Bool
    /// After so long without a message the thread is archived.
    var autoArchive_min: Int
    var memberCount: Int
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
        .field("recipients", \.recipients),
        .field("overwrites", \.overwrites),
        .field("owner_id", \.owner),
        .field("thread", \.thread))
}

extension Channel {
    /// What counts in it: its own overwrites, or where it has none those of its category.
    func inForce(_ overwrites: [ChannelID: [PermissionOverwrite]]) -> [PermissionOverwrite] {
        (overwrites[id] ?? []).inForce(above: category.flatMap { overwrites[$0] } ?? [])
    }
}

extension ThreadState: JSONObjectEncodable {
    static let shape = JSONShape<ThreadState>(
        "ThreadState",
        .field("parent_id", \.parent),
        .field("message_id", \.message),
        .field("archived", \.isArchived),
        .field("locked", \.isLocked),
        .field("auto_archive_minutes", \.autoArchive_min),
        .field("member_count", \.memberCount))
}

extension PermissionOverwrite: JSONObjectEncodable {
    public static let shape = JSONShape<PermissionOverwrite>(
        "Overwrite",
        .field("id", \.subject.text),
        .field("type", \.subject.kind),
        .field("allow") { $0.allow.permissions.map(\.rawValue) },
        .field("deny") { $0.deny.permissions.map(\.rawValue) })
}

extension PermissionOverwrite.Subject {
    var number: Int64 {
        switch self {
        case .role(let id): id.rawValue
        case .member(let id): id.rawValue
        }
    }

    var text: String { String(number) }

    var kind: String { if case .role = self { "role" } else { "member" } }
}

/// CHANNEL_DELETE and THREAD_DELETE: the channel is gone, or at least for the one who is told.
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
    /// Those in a private channel.
    let participants: [UserID]

    init(channel: Channel, permissions: EffectivePermissions, participants: [UserID] = []) {
        self.channel = channel
        self.permissions = permissions
        self.participants = participants
    }

    /// What its viewer hears of it through changes of sight. Threads are heard with their parents.
    var visibleAudiences: [Audience] {
        guard permissions.contains(.channelsView) else { return [] }
        return permissions.contains(.messagesRead)
            ? [.channel(channel.id), .messages(of: channel.id)] : [.channel(channel.id)]
    }

    /// Who hears of the channel itself.
    var audience: [Audience] {
        switch channel.type {
        case .dm, .notes: participants.map(Audience.user)
        default: [.channel(channel.thread?.parent ?? channel.id)]
        }
    }

    /// Who hears what is said. Two people are simply told both, so that nobody has to be subscribed to every conversation
    /// that they ever had.
    var messageAudience: [Audience] {
        switch channel.type {
        case .dm, .notes: participants.map(Audience.user)
        default: [.messages(of: channel.thread?.parent ?? channel.id)]
        }
    }

    /// What an event is about that users are told of this place: a conversation of two stays theirs.
    var subject: EventSubject {
        switch channel.type {
        case .dm, .notes: .none
        default: .place(messageAudience.first)
        }
    }

    var isPrivate: Bool { channel.server == nil }

    /// - Throws: `.invalidInput` for a channel that has no messages of its own.
    func requireMessages() throws(APIError) {
        guard channel.type.takesMessages else {
            throw .invalidInput("channel_id", "a \(channel.type.rawValue) has no messages")
        }
    }

    /// In a private channel everyone in it has the right.
    /// - Throws: `Permission denied`.
    func require(_ permission: Permission) throws(APIError) { try permissions.require(permission) }
}
