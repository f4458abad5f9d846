import Database
import Events
import Kernel
import People

package enum ChannelType: String, CaseIterable, Sendable {
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
    package var takesMessages: Bool { self != .category && self != .forum }

    /// Whether threads can be opened in it.
    package var takesThreads: Bool { self == .text || self == .announcement || self == .forum }
}

/// A place to talk, or a category of such (contract: REST, Channels).
package struct Channel: Sendable {
    package let id: ChannelID
    package let server: ServerID?
    package var name: String
    package let type: ChannelType
    package var topic: String?
    package var position: Int
    package var category: ChannelID?
    package var nsfw: Bool
    package var slowmode_s: Int
    /// Whether everybody who reads it may hand its messages on.
    package var forwarding: Bool
    package let createdAt: Timestamp
    package var lastMessage: MessageID?
    /// Who opened a group or a thread.
    package var owner: UserID?
    /// The channel's own; nil where there can be none, and where they were not asked for.
    var overwrites: [PermissionOverwrite]?
    /// Everybody in a private channel, the reader included.
    var recipients: [PublicUser]?
    package var thread: ThreadState?

    package init(
        id: ChannelID, server: ServerID?, name: String, type: ChannelType, topic: String? = nil, position: Int,
        category: ChannelID? = nil, nsfw: Bool, slowmode_s: Int, forwarding: Bool = true, createdAt: Timestamp,
        lastMessage: MessageID? = nil,
        owner: UserID? = nil, overwrites: [PermissionOverwrite]? = nil, recipients: [PublicUser]? = nil,
        thread: ThreadState? = nil
    ) {
        self.id = id
        self.server = server
        self.name = name
        self.type = type
        self.topic = topic
        self.position = position
        self.category = category
        self.nsfw = nsfw
        self.slowmode_s = slowmode_s
        self.forwarding = forwarding
        self.createdAt = createdAt
        self.lastMessage = lastMessage
        self.owner = owner
        self.overwrites = overwrites
        self.recipients = recipients
        self.thread = thread
    }
}

/// What a thread is besides a channel.
package struct ThreadState: Sendable, Equatable {
    package let parent: ChannelID
    /// The message that the thread was opened on.
    package let message: MessageID?
    package var isArchived: Bool
    package var isLocked: Bool
    /// After so long without a message the thread is archived.
    package var autoArchive_min: Int
    package var memberCount: Int

    package init(
        parent: ChannelID, message: MessageID?, isArchived: Bool, isLocked: Bool, autoArchive_min: Int,
        memberCount: Int
    ) {
        self.parent = parent
        self.message = message
        self.isArchived = isArchived
        self.isLocked = isLocked
        self.autoArchive_min = autoArchive_min
        self.memberCount = memberCount
    }
}

extension Channel: JSONObjectEncodable {
    package static let shape = JSONShape<Channel>(
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
        .field("forwarding", \.forwarding),
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
    package static let shape = JSONShape<ThreadState>(
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
package struct ChannelDeletedEvent: JSONObjectEncodable {
    package let id: ChannelID
    package let server: ServerID?

    package init(id: ChannelID, server: ServerID?) {
        self.id = id
        self.server = server
    }

    package static let shape = JSONShape<ChannelDeletedEvent>(
        "ChannelDeletedEvent", .field("id", \.id), .field("server_id", \.server))
}

/// A channel together with what somebody may do in it.
package struct Place: Sendable {
    package let channel: Channel
    package let permissions: EffectivePermissions
    /// Those in a private channel.
    package let participants: [UserID]

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
    package var audience: [Audience] {
        switch channel.type {
        case .dm, .notes: participants.map(Audience.user)
        default: [.channel(channel.thread?.parent ?? channel.id)]
        }
    }

    /// Who hears what is said. Two people are simply told both, so that nobody has to be subscribed to every conversation
    /// that they ever had.
    package var messageAudience: [Audience] {
        switch channel.type {
        case .dm, .notes: participants.map(Audience.user)
        default: [.messages(of: channel.thread?.parent ?? channel.id)]
        }
    }

    /// What an event is about that users are told of this place: a conversation of two stays theirs.
    package var subject: EventSubject {
        switch channel.type {
        case .dm, .notes: .none
        default: .place(messageAudience.first)
        }
    }

    package var isPrivate: Bool { channel.server == nil }

    /// - Throws: `.invalidInput` for a channel that has no messages of its own.
    package func requireMessages() throws(APIError) {
        guard channel.type.takesMessages else {
            throw .invalidInput("channel_id", "a \(channel.type.rawValue) has no messages")
        }
    }

    /// In a private channel everyone in it has the right.
    /// - Throws: `Permission denied`.
    package func require(_ permission: Permission) throws(APIError) { try permissions.require(permission) }
}

extension Place {
    /// A channel as the server itself acts in it.
    package static func unattended(_ channel: Channel, _ tx: Transaction) throws -> Place {
        Place(
            channel: channel, permissions: .fixed([], for: UserID(rawValue: 0)),
            participants: channel.server == nil ? try ChannelStore.participants(of: channel.id, tx) : [])
    }
}
