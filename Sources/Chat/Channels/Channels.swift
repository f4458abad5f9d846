import Database
import EventLog
import Kernel
import WebAPI

/// The channels of servers: seeing, making, changing and ordering them.
struct Channels: Sendable {
    let parts: Parts

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

    /// The channel as a user finds it.
    /// - Throws: `.channelNotFound`; `.accessDenied` for one who is no member or may not view it.
    static func place(_ id: ChannelID, for user: UserID, _ tx: Transaction) throws -> Place {
        guard let channel = try ChannelStore.channel(id, tx), let server = channel.server else {
            throw APIError.channelNotFound
        }
        let standing = try Servers.standing(of: user, in: server, tx)
        let overwrites = try ChannelStore.overwrites(of: [id] + (channel.category.map { [$0] } ?? []), tx)
        let place = place(channel, standing.holder, overwrites)
        guard place.permissions.contains(.channelsView) else { throw APIError.accessDenied }
        return place
    }

    private static func place(
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
        let overwrites = try ChannelStore.overwrites(in: server, tx)
        return try ChannelStore.channels(of: server, tx)
            .map { place($0, holder, overwrites) }
            .filter { $0.permissions.contains(.channelsView) }
    }

    /// Members put together with those who see the same channels.
    static func groups(
        of members: [UserID], in server: Server, _ tx: Transaction
    ) throws -> [(audiences: [Audience], users: [UserID])] {
        let seen = try members.map { user in
            (
                audiences: try visible(in: server.id, to: Servers.holder(user, in: server, tx), tx).flatMap(
                    \.audiences), user
            )
        }
        return Dictionary(grouping: seen, by: \.audiences).map { ($0.key, $0.value.map(\.1)) }
    }

    func list(_ server: ServerID, for caller: Caller) async throws -> [Channel] {
        try await parts.database.read { tx in
            let standing = try Servers.standing(of: caller.user, in: server, tx)
            return try Self.visible(in: server, to: standing.holder, tx).map(\.channel)
        }
    }

    func read(_ id: ChannelID, for caller: Caller) async throws -> Channel {
        try await parts.database.read { tx in try Self.place(id, for: caller.user, tx).channel }
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
                nsfw: draft.nsfw, slowmode_s: draft.slowmode_s, createdAt: tx.now, lastMessage: nil)
            try ChannelStore.insert(channel, tx)
            try ChannelEvents.created(channel, in: standing.server, tx)
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
            try place.permissions.require(.channelsManage)
            let old = place.channel
            let new = Channel(
                id: id, server: old.server, name: change.name ?? old.name, type: old.type,
                topic: change.topic.applied(to: old.topic), position: change.position ?? old.position,
                category: change.category.applied(to: old.category), nsfw: change.nsfw ?? old.nsfw,
                slowmode_s: change.slowmode_s ?? old.slowmode_s, createdAt: old.createdAt,
                lastMessage: old.lastMessage)
            if let server = old.server, new.category != old.category {
                try Self.requireCategory(
                    new.category, for: old.type, among: try ChannelStore.channels(of: server, tx))
            }
            try ChannelStore.update(new, tx)
            ChannelEvents.changed(new, tx)
            return new
        }
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
                let category = move.category.applied(to: old.category)
                try Self.requireCategory(category, for: old.type, among: channels)
                guard category != old.category || move.position != old.position else { continue }
                let new = Channel(
                    id: old.id, server: server, name: old.name, type: old.type, topic: old.topic,
                    position: move.position, category: category, nsfw: old.nsfw, slowmode_s: old.slowmode_s,
                    createdAt: old.createdAt, lastMessage: old.lastMessage)
                try ChannelStore.update(new, tx)
                ChannelEvents.changed(new, tx)
            }
            return try Self.visible(in: server, to: standing.holder, tx).map(\.channel)
        }
    }

    /// Deletes a channel. The channels of a category lose their category.
    func delete(_ id: ChannelID, by caller: Caller) async throws {
        try await parts.database.write { tx in
            let place = try Self.place(id, for: caller.user, tx)
            try place.permissions.require(.channelsManage)
            guard let serverID = place.channel.server, let server = try ServerStore.server(serverID, tx) else {
                throw APIError.channelNotFound
            }
            try ChannelEvents.deleted(place.channel, in: server, tx)
            try ChannelStore.markDeleted(id, tx)
            try forget(place.channel, in: server, tx)
        }
    }

    private func forget(_ channel: Channel, in server: Server, _ tx: Transaction) throws {
        if server.defaultChannel == channel.id {
            let changed = Server(
                id: server.id, name: server.name, description: server.description, owner: server.owner,
                memberCount: server.memberCount, defaultChannel: nil, createdAt: server.createdAt)
            try ServerStore.update(changed, tx)
            ServerEvents.changed(changed, tx)
        }
        guard channel.type == .category else { return }
        for child in try ChannelStore.channels(of: server.id, tx) where child.category == channel.id {
            let freed = Channel(
                id: child.id, server: child.server, name: child.name, type: child.type, topic: child.topic,
                position: child.position, category: nil, nsfw: child.nsfw, slowmode_s: child.slowmode_s,
                createdAt: child.createdAt, lastMessage: child.lastMessage)
            try ChannelStore.update(freed, tx)
            ChannelEvents.changed(freed, tx)
        }
    }
}

enum ChannelEvents {
    /// Those who may view the new channel do so from here on.
    static func created(_ channel: Channel, in server: Server, _ tx: Transaction) throws {
        for (audiences, users) in try viewers(of: channel, in: server, tx) {
            tx.changeSight(SightChange(gained: audiences), of: users)
        }
        tx.emit("CHANNEL_CREATE", channel, intent: .guilds, to: .channel(channel.id))
    }

    static func changed(_ channel: Channel, _ tx: Transaction) {
        tx.emit("CHANNEL_UPDATE", channel, intent: .guilds, to: .channel(channel.id))
    }

    /// To be called while the channel is still there.
    static func deleted(_ channel: Channel, in server: Server, _ tx: Transaction) throws {
        tx.emit(
            "CHANNEL_DELETE", ChannelDeletedEvent(id: channel.id, server: channel.server), intent: .guilds,
            to: .channel(channel.id))
        for (audiences, users) in try viewers(of: channel, in: server, tx) {
            tx.changeSight(SightChange(lost: audiences), of: users)
        }
    }

    /// Who sees a channel, by what they see of it. Without overwrites everyone does whom the server's roles let, and when
    /// these let everyone, the server itself is the audience.
    private static func viewers(
        of channel: Channel, in server: Server, _ tx: Transaction
    ) throws -> [(audiences: [Audience], users: [Audience])] {
        let overwrites = try ChannelStore.overwrites(of: [channel.id] + (channel.category.map { [$0] } ?? []), tx)
        let everyone = try RoleStore.roles(of: server.id, tx).first(where: \.isDefault)?.permissions ?? []
        let all: [Audience] = [.channel(channel.id), .messages(of: channel.id)]
        if overwrites.isEmpty, everyone.contains(.channelsView), everyone.contains(.messagesRead) {
            return [(all, [.server(server.id)])]
        }
        let members = try MemberStore.users(of: server.id, tx)
        return try Channels.groups(of: members, in: server, tx).compactMap { audiences, users in
            let seen = all.filter(audiences.contains)
            return seen.isEmpty ? nil : (seen, users.map(Audience.user))
        }
    }
}
