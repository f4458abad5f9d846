import Database
import EventLog
import Kernel
import WebAPI

/// The channels of servers: seeing, making, changing and ordering them.
struct Channels: Sendable {
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
        let position: Int?
    }

    struct Change: Sendable {
        let name: String?
        let topic: Kernel.Change<String>
        let category: Kernel.Change<ChannelID>
        let nsfw: Bool?
        let slowmode_s: Int?
        let position: Int?
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
        .messagesUseExternalEmojis,
    ]

    /// The channel as a user finds it.
    /// - Throws: `.channelNotFound`; `.accessDenied` for one who is no member or may not view it.
    static func place(_ id: ChannelID, for user: UserID, _ tx: Transaction) throws -> Place {
        guard var channel = try ChannelStore.channel(id, tx) else { throw APIError.channelNotFound }
        guard let server = channel.server else { return try privatePlace(channel, for: user, tx) }
        let standing = try Servers.standing(of: user, in: server, tx)
        // A thread has the permissions of the channel that it is in.
        let parent = try channel.thread.map { try ChannelStore.channel($0.parent, tx) }
        guard let decisive = parent ?? channel else { throw APIError.channelNotFound }
        let overwrites = try ChannelStore.overwrites(
            of: [decisive.id] + (decisive.category.map { [$0] } ?? []), tx)
        if channel.thread == nil { channel.overwrites = overwrites[id] ?? [] }
        let permissions = place(decisive, standing.holder, overwrites).permissions
        guard permissions.contains(.channelsView) else { throw APIError.accessDenied }
        return Place(channel: channel, permissions: permissions)
    }

    /// What a member may do in a channel, be it nothing.
    static func permissions(
        of user: UserID, in id: ChannelID, of server: Server, _ tx: Transaction
    ) throws -> EffectivePermissions {
        guard let channel = try ChannelStore.channel(id, tx) else { throw APIError.channelNotFound }
        let parent = try channel.thread.map { try ChannelStore.channel($0.parent, tx) }
        guard let decisive = parent ?? channel else { throw APIError.channelNotFound }
        let overwrites = try ChannelStore.overwrites(
            of: [decisive.id] + (decisive.category.map { [$0] } ?? []), tx)
        return place(decisive, try Servers.holder(user, in: server, tx), overwrites).permissions
    }

    private static func privatePlace(_ channel: Channel, for user: UserID, _ tx: Transaction) throws -> Place {
        let participants = try ChannelStore.participants(of: channel.id, tx)
        guard participants.contains(user) else { throw APIError.accessDenied }
        return Place(
            channel: channel, permissions: .fixed(privatePermissions, for: user), participants: participants)
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
    static func visible(in server: ServerID, to holder: PermissionHolder, _ tx: Transaction) throws -> [Place] {
        let channels = try ChannelStore.channels(of: server, tx)
        let overwrites = channels.overwritesByChannel
        return channels.map { place($0, holder, overwrites) }.filter { $0.permissions.contains(.channelsView) }
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
            guard place.isPrivate else { return place.channel }
            return try PrivateChannels.complete([place.channel], tx)[0]
        }
    }

    // MARK: Making and changing

    /// - Throws: `.permissionDenied`; `.invalidInput` for a category that is none or for too many channels.
    func create(_ draft: Draft, in server: ServerID, by caller: Caller) async throws -> Channel {
        try await parts.database.write { tx in
            let standing = try Servers.standing(of: caller.user, in: server, tx)
            try standing.permissions.require(.channelsManage)
            let siblings = try ChannelStore.channels(of: server, tx)
            let maximum = parts.configuration.channelsPerServer
            guard siblings.count < maximum else {
                throw APIError.invalidInput("server", "has \(maximum) channels already, which is the limit")
            }
            try Self.requireCategory(draft.category, for: draft.type, among: siblings)
            let channel = Channel(
                id: parts.ids.next(), server: server, name: draft.name, type: draft.type, topic: draft.topic,
                position: draft.position ?? (siblings.map(\.position).max() ?? -1) + 1, category: draft.category,
                nsfw: draft.nsfw, slowmode_s: draft.slowmode_s, createdAt: tx.now, lastMessage: nil, overwrites: [])
            try sight.change(in: server, channels: [channel.id], tx) { try ChannelStore.insert(channel, tx) }
            try auditLog.record(
                .channelCreate, .channel(channel.id), in: server, by: caller,
                changes: AuditChanges.between(nil, channel), tx)
            return channel
        }
    }

    private static func requireCategory(
        _ category: ChannelID?, for type: ChannelType, among channels: [Channel]
    ) throws(APIError) {
        guard let category else { return }
        guard type != .category else { throw .invalidInput("category_id", "a category can't be in a category") }
        guard channels.contains(where: { $0.id == category && $0.type == .category }) else {
            throw .invalidInput("category_id", "must be a category of this server")
        }
    }

    func change(_ id: ChannelID, _ change: Change, by caller: Caller) async throws -> Channel {
        try await parts.database.write { tx in
            let place = try Self.place(id, for: caller.user, tx)
            if place.isPrivate { return try PrivateChannels.rename(place, to: change.name, tx) }
            guard let server = place.channel.server, place.channel.thread == nil else {
                throw APIError.invalidInput("channel_id", "is a thread, which is changed at /threads")
            }
            try place.permissions.require(.channelsManage)
            let old = place.channel
            var new = old
            new.name = change.name ?? old.name
            new.topic = change.topic.applied(to: old.topic)
            new.position = change.position ?? old.position
            new.category = change.category.applied(to: old.category)
            new.nsfw = change.nsfw ?? old.nsfw
            new.slowmode_s = change.slowmode_s ?? old.slowmode_s
            if new.category != old.category {
                try Self.requireCategory(new.category, for: old.type, among: try ChannelStore.channels(of: server, tx))
            }
            let changes = AuditChanges.between(old, new)
            guard !changes.isEmpty else { return old }
            try update(new, insteadOf: old, in: server, tx)
            try auditLog.record(.channelUpdate, .channel(id), in: server, by: caller, changes: changes, tx)
            return new
        }
    }

    /// A channel without overwrites of its own may be seen by others in another category.
    private func update(_ new: Channel, insteadOf old: Channel, in server: ServerID, _ tx: Transaction) throws {
        if new.category != old.category, new.overwrites?.isEmpty != false {
            try sight.change(in: server, channels: [new.id], tx) { try ChannelStore.update(new, tx) }
        } else {
            try ChannelStore.update(new, tx)
        }
        ChannelEvents.changed(new, tx)
    }

    /// Moves several channels at once, or none.
    func reorder(_ server: ServerID, _ moves: [Move], by caller: Caller) async throws -> [Channel] {
        try await parts.database.write { tx in
            let standing = try Servers.standing(of: caller.user, in: server, tx)
            try standing.permissions.require(.channelsManage)
            let channels = try ChannelStore.channels(of: server, tx)
            guard Set(moves.map(\.channel)).count == moves.count else {
                throw APIError.invalidInput("channels", "names a channel twice")
            }
            for move in moves {
                guard let old = channels.first(where: { $0.id == move.channel }) else { throw APIError.channelNotFound }
                var new = old
                new.position = move.position
                new.category = move.category.applied(to: old.category)
                try Self.requireCategory(new.category, for: old.type, among: channels)
                let changes = AuditChanges.between(old, new)
                guard !changes.isEmpty else { continue }
                try update(new, insteadOf: old, in: server, tx)
                try auditLog.record(.channelUpdate, .channel(new.id), in: server, by: caller, changes: changes, tx)
            }
            return try Self.visible(in: server, to: standing.holder, tx).map(\.channel)
        }
    }

    /// Deletes a channel. The channels of a category lose their category.
    func delete(_ id: ChannelID, by caller: Caller) async throws {
        try await parts.database.write { tx in
            let place = try Self.place(id, for: caller.user, tx)
            if place.isPrivate { return try PrivateChannels.putAway(place, by: caller.user, tx) }
            guard let serverID = place.channel.server, place.channel.thread == nil,
                let server = try ServerStore.server(serverID, tx)
            else { throw APIError.invalidInput("channel_id", "is a thread, which is deleted at /threads") }
            try place.permissions.require(.channelsManage)
            let children = try ChannelStore.channels(of: serverID, tx).filter { $0.category == id }
            let freed = children.map { child in
                var freed = child
                freed.category = nil
                return freed
            }
            try sight.change(in: serverID, channels: Set([id] + children.map(\.id)), tx) {
                for child in freed { try ChannelStore.update(child, tx) }
                try ChannelStore.markDeleted(id, tx)
            }
            for child in freed { ChannelEvents.changed(child, tx) }
            try forget(id, in: server, tx)
            try auditLog.record(
                .channelDelete, .channel(id), in: serverID, by: caller,
                changes: AuditChanges.between(place.channel, nil), tx)
        }
    }

    private func forget(_ channel: ChannelID, in server: Server, _ tx: Transaction) throws {
        guard server.defaultChannel == channel else { return }
        var changed = server
        changed.defaultChannel = nil
        try ServerStore.update(changed, tx)
        ServerEvents.changed(changed, tx)
    }
}

extension [Channel] {
    var overwritesByChannel: [ChannelID: [PermissionOverwrite]] {
        reduce(into: [:]) { $0[$1.id] = $1.overwrites }
    }
}

enum ChannelEvents {
    static func changed(_ channel: Channel, _ tx: Transaction) {
        tx.emit("CHANNEL_UPDATE", channel, intent: .guilds, to: .channel(channel.id))
    }
}
