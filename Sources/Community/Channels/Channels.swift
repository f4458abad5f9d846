import Database
import Events
import Features
import Kernel

/// The channels of servers: seeing, making, changing and ordering them.
package struct Channels: Sendable {
    let parts: Parts
    let sight: Sight
    let auditLog: AuditLog

    struct Draft: Sendable {
        let name: String
        let type: ChannelType
        let topic: String?
        let category: ChannelID?
        let nsfw: Bool
        let slowmode_s: Int
        let forwarding: Bool
        let defaultAutoArchive_min: Int?
        let readReceipts: Bool?
        let voice: VoiceSettings
        let position: Int?
        let overwrites: [Overwrites.Draft]
    }

    struct Change: Sendable {
        let name: String?
        let topic: Kernel.Change<String>
        let category: Kernel.Change<ChannelID>
        let nsfw: Bool?
        let slowmode_s: Int?
        let forwarding: Bool?
        let defaultAutoArchive_min: Kernel.Change<Int>
        let readReceipts: Bool?
        let voice: VoiceSettingsChange
        let position: Int?
    }

    struct VoiceSettingsChange: Sendable {
        let bitrate: Int?
        let userLimit: Int?
        let videoLimit: Int?
        let encryption: VoiceEncryption?
    }

    /// A line of a reordering.
    struct Move: Sendable {
        let channel: ChannelID
        let position: Int
        let category: Kernel.Change<ChannelID>
    }

    // MARK: Seeing

    /// What everyone in a private channel may do. Deleting the messages of others is not among it.
    private static let privatePermissions: PermissionSet = [
        .channelsView, .messagesSend, .messagesRead, .messagesEmbedLinks, .messagesAttachFiles, .messagesAddReactions,
        .messagesUseExternalEmojis, .messagesUseExternalStickers, .messagesSendVoice, .pollsCreate,
    ]

    /// The channel as a user finds it.
    /// - Throws: `.channelNotFound`; `.accessDenied` for one who is no member or may not view it.
    package static func place(_ id: ChannelID, for user: UserID, _ tx: Transaction) throws -> Place {
        try place(ChannelStore.channel(id, tx), for: user, tx)
    }

    /// - Parameters:
    ///   - found: a channel as it is stored, if there is one.
    ///   - grounds: what was asked for together with it.
    package static func place(
        _ found: Channel?, for user: UserID, by grounds: PlaceGrounds? = nil, _ tx: Transaction
    ) throws -> Place {
        guard var channel = found else { throw APIError.channelNotFound }
        guard let server = channel.server else { return try privatePlace(channel, for: user, tx) }
        if let grounds, grounds.concern(channel) {
            let standing = try Servers.standing(of: user, by: grounds.standing, tx)
            channel.overwrites = grounds.overwrites[channel.id] ?? []
            let permissions = place(channel, standing.holder, grounds.overwrites).permissions
            guard permissions.contains(.channelsView) else { throw APIError.accessDenied }
            return Place(channel: channel, permissions: permissions, isListenedTo: grounds.isListenedTo)
        }
        // A thread has the permissions of the channel that it is in.
        let parent = try channel.thread.map { try ChannelStore.channel($0.parent, tx) }
        let decisive = parent ?? channel
        let places = decisive.map { [$0.id] + ($0.category.map { [$0] } ?? []) } ?? []
        let (standing, overwrites) = try Servers.standing(
            of: user, in: server, and: ChannelStore.overwrites(of: places), tx)
        guard let decisive else { throw APIError.channelNotFound }
        if channel.thread == nil { channel.overwrites = overwrites[channel.id] ?? [] }
        let permissions = place(decisive, standing.holder, overwrites).permissions
        guard permissions.contains(.channelsView) else { throw APIError.accessDenied }
        guard channel.thread?.isPrivate == true else { return Place(channel: channel, permissions: permissions) }
        let isMember = try ThreadMemberStore.isMember(user, of: channel.id, tx)
        guard isMember || permissions.keeps(.threadsManage) else { throw APIError.accessDenied }
        return Place(channel: channel, permissions: permissions, isSeenByRight: !isMember)
    }

    /// What a member may do in a channel, be it nothing.
    package static func permissions(
        of user: UserID, in id: ChannelID, of server: Server, _ tx: Transaction
    ) throws -> EffectivePermissions {
        guard let channel = try ChannelStore.channel(id, tx) else { throw APIError.channelNotFound }
        let parent = try channel.thread.map { try ChannelStore.channel($0.parent, tx) }
        guard let decisive = parent ?? channel else { throw APIError.channelNotFound }
        let overwrites = try ChannelStore.overwrites(
            of: [decisive.id] + (decisive.category.map { [$0] } ?? []), tx)
        let permissions = place(decisive, try Servers.holder(user, in: server, tx), overwrites).permissions
        guard channel.thread?.isPrivate == true, !permissions.keeps(.threadsManage),
            try !ThreadMemberStore.isMember(user, of: id, tx)
        else { return permissions }
        return permissions.hidden
    }

    private static func privatePlace(_ channel: Channel, for user: UserID, _ tx: Transaction) throws -> Place {
        let participants = try ChannelStore.participants(of: channel.id, tx)
        guard participants.contains(user) else { throw APIError.accessDenied }
        return Place(
            channel: channel, permissions: .fixed(privatePermissions, for: user), participants: participants)
    }

    /// The channel, if somebody can read what is said there.
    package static func readable(_ id: ChannelID, by user: UserID, _ tx: Transaction) throws -> Place? {
        do {
            let place = try place(id, for: user, tx)
            return place.permissions.contains(.messagesRead) ? place : nil
        } catch is APIError {
            return nil
        }
    }

    static func place(
        _ channel: Channel, _ holder: PermissionHolder, _ overwrites: [ChannelID: [PermissionOverwrite]]
    ) -> Place {
        Place(
            channel: channel,
            permissions: .inChannel(
                holder, overwrites: overwrites[channel.id] ?? [],
                category: channel.category.flatMap { overwrites[$0] } ?? []))
    }

    /// The channels of a server that somebody may view.
    package static func visible(in server: ServerID, to holder: PermissionHolder, _ tx: Transaction) throws -> [Place] {
        visible(try ChannelStore.channels(of: server, tx), to: holder)
    }

    /// - Parameter channels: all of a server.
    static func visible(_ channels: [Channel], to holder: PermissionHolder) -> [Place] {
        let overwrites = channels.overwritesByChannel
        // Most channels have the same ones in force, or none.
        var known: [[PermissionOverwrite]: EffectivePermissions] = [:]
        return channels.compactMap { channel in
            let inForce = channel.inForce(overwrites)
            let permissions = known[inForce] ?? .inChannel(holder, overwrites: inForce)
            known[inForce] = permissions
            return permissions.contains(.channelsView) ? Place(channel: channel, permissions: permissions) : nil
        }
    }

    func list(_ server: ServerID, for caller: Caller) async throws -> [Channel] {
        try await parts.database.read { tx in
            let standing = try Servers.standing(of: caller.user, in: server, tx)
            return try Self.visible(in: server, to: standing.holder, tx).map(\.channel)
        }
    }

    func read(_ id: ChannelID, for caller: Caller) async throws -> Channel {
        try await parts.database.read { tx in
            let place = try Self.place(id, for: caller.user, tx)
            guard place.isPrivate else { return try ThreadMemberStore.marked(place.channel, for: caller.user, tx) }
            return try PrivateChannels.complete(place.channel, tx)
        }
    }

    // MARK: Making

    /// Makes a channel, whose overwrites count from the first moment on.
    /// - Throws: `.permissionDenied`; `.accessDenied` for a category that the caller can't see; `.invalidInput` for one that
    ///   is none, and for too many channels or overwrites; `.roleNotFound` and `.memberNotFound` for those of overwrites.
    func create(_ draft: Draft, in server: ServerID, by caller: Caller) async throws -> Channel {
        if draft.readReceipts != nil { try parts.configuration.require(.readReceipts) }
        return try await parts.database.write { tx in
            let standing = try Servers.standing(of: caller.user, in: server, tx)
            let tree = try ChannelTree(of: server, tx)
            try Self.requirePlace(draft.category, for: draft.type, in: tree, standing)
            let maximum = parts.configuration.channelsPerServer
            guard tree.channels.count < maximum else {
                throw APIError.invalidInput("server", "has \(maximum) channels already, which is the limit")
            }
            let bare = Channel(
                id: parts.ids.next(), server: server, name: draft.name, type: draft.type, topic: draft.topic,
                position: draft.position ?? (tree.channels.map(\.position).max() ?? -1) + 1, category: draft.category,
                nsfw: draft.nsfw, slowmode_s: draft.slowmode_s, forwarding: draft.forwarding, createdAt: tx.now,
                lastMessage: nil, defaultAutoArchive_min: draft.defaultAutoArchive_min,
                readReceipts: draft.readReceipts, voice: draft.voice, overwrites: [])
            var channel = bare
            channel.overwrites = try Overwrites.laid(
                draft.overwrites, over: tree.inForce(in: bare), by: standing, tx)
            try OverwriteChange(before: tree.adding(bare), after: tree.adding(channel)).require(by: standing, tx)
            let made = channel
            try sight.change(in: server, tx) {
                try ChannelStore.insert(made, tx)
                try ChannelStore.setOverwrites(made.overwrites ?? [], of: made.id, tx)
            }
            try auditLog.record(
                .channelCreate, .channel(made.id), in: server, by: caller,
                changes: AuditChanges.between(nil, made), tx)
            return made
        }
    }

    /// Who makes a channel somewhere, or moves one there or away, sees the category and manages its channels; outside of
    /// categories that takes the right over the server.
    static func requirePlace(
        _ category: ChannelID?, for type: ChannelType, in tree: ChannelTree, _ standing: Standing
    ) throws(APIError) {
        guard let category else { return try standing.permissions.require(.channelsManage) }
        guard type != .category else { throw .invalidInput("category_id", "a category can't be in a category") }
        guard let channel = tree.byID[category] else {
            throw .invalidInput("category_id", "must be a category of this server")
        }
        let place = place(channel, standing.holder, tree.overwrites)
        guard place.permissions.contains(.channelsView) else { throw .accessDenied }
        guard channel.type == .category else {
            throw .invalidInput("category_id", "must be a category of this server")
        }
        try place.require(.channelsManage)
    }
}

extension [Channel] {
    var overwritesByChannel: [ChannelID: [PermissionOverwrite]] {
        reduce(into: [:]) { $0[$1.id] = $1.overwrites }
    }
}
