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

    /// Whether there can be some that only their members see.
    package var takesPrivateThreads: Bool { self == .text }
}

/// A place to talk, or a category of such (contract: REST, Channels).
package struct Channel: Sendable, Equatable {
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
    /// The newest one that ever was, also if it is gone: the next one has a greater id, whatever the clock of its node says.
    package let newestMessage: MessageID
    /// Another one when a message that was there reads otherwise, or is gone.
    package let messagesRevision: Int64
    /// Who opened a group or a thread.
    package var owner: UserID?
    /// After so long without a message threads here are archived; nil where nobody has said so.
    package var defaultAutoArchive_min: Int?
    /// Whether those who write are told who has read; nil where nobody has said so.
    package var readReceipts: Bool?
    /// How people speak with each other there, where they do.
    package var voice: VoiceSettings
    /// The channel's own; nil where there can be none, and where they were not asked for.
    var overwrites: [PermissionOverwrite]?
    /// Everybody in a private channel, the reader included.
    var recipients: [PublicUser]?
    package var thread: ThreadState?

    package init(
        id: ChannelID, server: ServerID?, name: String, type: ChannelType, topic: String? = nil, position: Int,
        category: ChannelID? = nil, nsfw: Bool, slowmode_s: Int, forwarding: Bool = true, createdAt: Timestamp,
        lastMessage: MessageID? = nil, newestMessage: MessageID = MessageID(rawValue: 0), messagesRevision: Int64 = 0,
        owner: UserID? = nil, defaultAutoArchive_min: Int? = nil,
        readReceipts: Bool? = nil, voice: VoiceSettings = VoiceSettings(), overwrites: [PermissionOverwrite]? = nil,
        recipients: [PublicUser]? = nil,
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
        self.newestMessage = newestMessage
        self.messagesRevision = messagesRevision
        self.owner = owner
        self.defaultAutoArchive_min = defaultAutoArchive_min
        self.readReceipts = readReceipts
        self.voice = voice
        self.overwrites = overwrites
        self.recipients = recipients
        self.thread = thread
    }
}

/// How people speak with each other in a channel.
package struct VoiceSettings: Sendable, Equatable {
    /// Of a voice, in bits a second.
    package var bitrate = 64_000
    /// How many may be there; 0 for as many as like.
    package var userLimit = 0
    /// How many may show their cameras.
    package var videoLimit = 25
    package var encryption = VoiceEncryption.preferred
}

/// Whether what is said in a channel is encrypted from device to device, so that no server between them hears it.
package enum VoiceEncryption: String, CaseIterable, Sendable {
    /// Devices that can't are not let in.
    case required
    /// While every device there can.
    case preferred
    case off
}

/// What a thread is besides a channel.
package struct ThreadState: Sendable, Equatable {
    package let parent: ChannelID
    /// The message that the thread was opened on.
    package let message: MessageID?
    /// Whether it is there for its members alone, and for who manages threads.
    package let isPrivate: Bool
    /// Whether any member brings others into a private one.
    package var isInvitable: Bool
    package var isArchived: Bool
    package var isLocked: Bool
    /// After so long without a message the thread is archived.
    package var autoArchive_min: Int
    package var archivedAt: Timestamp?
    package var memberCount: Int
    /// What is there now; the message that it was opened on stands in the channel.
    package let messageCount: Int
    /// Of those that are there now.
    package let lastMessageAt: Timestamp?
    /// Whether the reader is in it; nil where nobody asked.
    package var isJoined: Bool?

    package init(
        parent: ChannelID, message: MessageID?, isPrivate: Bool = false, isInvitable: Bool = true,
        isArchived: Bool, isLocked: Bool, autoArchive_min: Int, archivedAt: Timestamp? = nil, memberCount: Int,
        messageCount: Int = 0, lastMessageAt: Timestamp? = nil
    ) {
        self.parent = parent
        self.message = message
        self.isPrivate = isPrivate
        self.isInvitable = isInvitable
        self.isArchived = isArchived
        self.isLocked = isLocked
        self.autoArchive_min = autoArchive_min
        self.archivedAt = archivedAt
        self.memberCount = memberCount
        self.messageCount = messageCount
        self.lastMessageAt = lastMessageAt
    }

    var name: String { isLocked ? "locked" : isArchived ? "archived" : "active" }
}

extension Channel: Keepable {
    package var texts: [String] { [name, topic ?? ""] }
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
        .field("default_auto_archive_minutes", \.defaultAutoArchive_min),
        .field("read_receipts", \.givesReceipts),
        .field("bitrate", \.shownVoice?.bitrate),
        .field("user_limit", \.shownVoice?.userLimit),
        .field("video_limit", \.shownVoice?.videoLimit),
        .field("e2ee", \.shownVoice?.encryption.rawValue),
        .field("thread") { channel in channel.thread.map { ThreadReport(state: $0, owner: channel.owner) } })
}

extension Channel {
    fileprivate var shownVoice: VoiceSettings? { type == .voice ? voice : nil }

    /// Whether there are read receipts as long as few people read it; nil where it is asked of another channel, or of none.
    var givesReceipts: Bool? {
        switch type {
        case .dm, .group: readReceipts ?? true
        case .text, .voice, .announcement, .forum: readReceipts ?? false
        case .category, .notes, .thread: nil
        }
    }

    /// What counts in it: its own overwrites, or where it has none those of its category.
    func inForce(_ overwrites: [ChannelID: [PermissionOverwrite]]) -> [PermissionOverwrite] {
        (overwrites[id] ?? []).inForce(above: category.flatMap { overwrites[$0] } ?? [])
    }
}

/// A thread as clients see it.
private struct ThreadReport: JSONObjectEncodable {
    let state: ThreadState
    let owner: UserID?

    static let shape = JSONShape<ThreadReport>(
        "ThreadState",
        .field("parent_id", \.state.parent),
        .field("message_id", \.state.message),
        .field("thread_type") { $0.state.isPrivate ? "private" : "public" },
        .field("owner_id", \.owner),
        .field("state", \.state.name),
        .field("archived", \.state.isArchived),
        .field("locked", \.state.isLocked),
        .field("invitable", \.state.isInvitable),
        .field("auto_archive_minutes", \.state.autoArchive_min),
        .field("message_count", \.state.messageCount),
        .field("member_count", \.state.memberCount),
        .field("last_message_at", \.state.lastMessageAt),
        .field("archived_at", \.state.archivedAt),
        .field("joined", \.state.isJoined))
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
    /// Whether a private thread is seen by right alone, and not as one of its members.
    let isSeenByRight: Bool
    /// Whether somebody wants to hear of everything that is said there; nil where that was not asked.
    package let isListenedTo: Bool?

    init(
        channel: Channel, permissions: EffectivePermissions, participants: [UserID] = [], isSeenByRight: Bool = false,
        isListenedTo: Bool? = nil
    ) {
        self.channel = channel
        self.permissions = permissions
        self.participants = participants
        self.isSeenByRight = isSeenByRight
        self.isListenedTo = isListenedTo
    }

    /// What its viewer hears of it through changes of sight.
    var visibleAudiences: [Audience] { PlaceSight(permissions).audiences(of: channel) }

    /// Who hears of the channel itself.
    package var audience: [Audience] {
        switch channel.type {
        case .dm, .notes: return participants.map(Audience.user)
        default:
            guard let thread = channel.thread else { return [.channel(channel.id)] }
            return thread.isPrivate
                ? [.channel(channel.id), .privateThreads(of: thread.parent)] : [.channel(thread.parent)]
        }
    }

    /// Who hears what is said. Two people are simply told both, so that nobody has to be subscribed to every conversation
    /// that they ever had.
    package var messageAudience: [Audience] {
        switch channel.type {
        case .dm, .notes: return participants.map(Audience.user)
        default:
            guard let thread = channel.thread else { return [.messages(of: channel.id)] }
            return thread.isPrivate
                ? [.messages(of: channel.id), .messages(inPrivateThreadsOf: thread.parent)]
                : [.messages(of: thread.parent)]
        }
    }

    /// What an event is about that users are told of this place: a conversation of two stays theirs.
    package var subject: EventSubject {
        switch channel.type {
        case .dm, .notes: .none
        default: .place(isSeenByRight ? messageAudience.last : messageAudience.first)
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
    /// What an event is about that somebody is told of a channel, who may not see it at the moment.
    static func subject(of channel: Channel, for user: UserID, _ tx: Transaction) throws -> EventSubject {
        guard let thread = channel.thread, thread.isPrivate, try !ThreadMemberStore.isMember(user, of: channel.id, tx)
        else { return try unattended(channel, tx).subject }
        return .place(.messages(inPrivateThreadsOf: thread.parent))
    }
}
