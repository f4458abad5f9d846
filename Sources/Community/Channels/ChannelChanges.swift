import Database
import Events
import Features
import Kernel

/// Changing, ordering and deleting channels. One that leaves its category takes along what counted in it.
extension Channels {
    /// - Throws: `.permissionDenied`; `.accessDenied` for a category that the caller can't see.
    func change(_ id: ChannelID, _ change: Change, by caller: Caller) async throws -> Channel {
        if change.readReceipts != nil { try parts.configuration.require(.readReceipts) }
        return try await parts.database.write { tx in
            let place = try Self.place(id, for: caller.user, tx)
            if place.isPrivate { return try PrivateChannels.change(place, change, tx) }
            guard let server = place.channel.server, place.channel.thread == nil else {
                throw APIError.invalidInput("channel_id", "is a thread, which is changed at /threads")
            }
            try place.permissions.require(.channelsManage)
            let old = place.channel
            var new = old
            let category = change.category.applied(to: old.category)
            if category != old.category {
                let tree = try ChannelTree(of: server, tx)
                let standing = try Servers.standing(of: caller.user, in: server, tx)
                new = try Self.moved(old, to: category, in: tree, standing)
                try OverwriteChange(before: tree, after: tree.replacing([new])).require(by: standing, tx)
            }
            new.name = change.name ?? old.name
            new.topic = change.topic.applied(to: old.topic)
            new.position = change.position ?? old.position
            new.nsfw = change.nsfw ?? old.nsfw
            new.slowmode_s = change.slowmode_s ?? old.slowmode_s
            new.forwarding = change.forwarding ?? old.forwarding
            new.readReceipts = change.readReceipts ?? old.readReceipts
            new.voice = try Self.applied(change.voice, to: old)
            new.defaultAutoArchive_min = change.defaultAutoArchive_min.applied(to: old.defaultAutoArchive_min)
            let changes = AuditChanges.between(old, new)
            guard !changes.isEmpty else { return old }
            try store([new], insteadOf: [old], in: server, tx)
            if new.voice.encryption != old.voice.encryption { try Voice.encryptionChanges(in: id, tx) }
            try auditLog.record(.channelUpdate, .channel(id), in: server, by: caller, changes: changes, tx)
            return new
        }
    }

    private static func applied(_ change: VoiceSettingsChange, to channel: Channel) throws(APIError) -> VoiceSettings {
        let old = channel.voice
        let new = VoiceSettings(
            bitrate: change.bitrate ?? old.bitrate, userLimit: change.userLimit ?? old.userLimit,
            videoLimit: change.videoLimit ?? old.videoLimit, encryption: change.encryption ?? old.encryption)
        guard new == old || channel.type == .voice else {
            throw .invalidInput("channel_id", "is no voice channel, and has no limits of one")
        }
        return new
    }

    private static func moved(
        _ channel: Channel, to category: ChannelID?, in tree: ChannelTree, _ standing: Standing
    ) throws(APIError) -> Channel {
        guard category != channel.category else { return channel }
        if let old = channel.category { try requirePlace(old, for: channel.type, in: tree, standing) }
        try requirePlace(category, for: channel.type, in: tree, standing)
        return tree.moved(channel, to: category)
    }

    /// In another category a channel without overwrites of its own may be seen by others.
    private func store(
        _ new: [Channel], insteadOf old: [Channel], in server: ServerID, _ tx: Transaction
    ) throws {
        let write = {
            for (new, old) in zip(new, old) {
                try ChannelStore.update(new, tx)
                if new.overwrites != old.overwrites {
                    try ChannelStore.setOverwrites(new.overwrites ?? [], of: new.id, tx)
                }
            }
        }
        let moved = zip(new, old).filter { $0.category != $1.category && $0.overwrites?.isEmpty != false }.map(\.0.id)
        if moved.isEmpty { try write() } else { try sight.change(in: server, tx, write) }
        for channel in new { ChannelEvents.changed(channel, tx) }
    }

    /// Moves several channels at once, or none. Each is looked at as if it were changed alone.
    /// - Throws: `.accessDenied`, `.permissionDenied`, `.channelNotFound`.
    func reorder(_ server: ServerID, _ moves: [Move], by caller: Caller) async throws -> [Channel] {
        try await parts.database.write { tx in
            let standing = try Servers.standing(of: caller.user, in: server, tx)
            guard Set(moves.map(\.channel)).count == moves.count else {
                throw APIError.invalidInput("channels", "names a channel twice")
            }
            let tree = try ChannelTree(of: server, tx)
            var (before, after): ([Channel], [Channel]) = ([], [])
            for move in moves {
                guard let old = tree.byID[move.channel] else {
                    throw try Self.refusal(of: move.channel, in: server, to: caller.user, tx)
                }
                let place = Self.place(old, standing.holder, tree.overwrites)
                guard place.permissions.contains(.channelsView) else { throw APIError.accessDenied }
                try place.require(.channelsManage)
                var new = try Self.moved(old, to: move.category.applied(to: old.category), in: tree, standing)
                new.position = move.position
                guard new.position != old.position || new.category != old.category else { continue }
                before.append(old)
                after.append(new)
            }
            try OverwriteChange(before: tree, after: tree.replacing(after)).require(by: standing, tx)
            try store(after, insteadOf: before, in: server, tx)
            for (old, new) in zip(before, after) {
                try auditLog.record(
                    .channelUpdate, .channel(new.id), in: server, by: caller,
                    changes: AuditChanges.between(old, new), tx)
            }
            return try Self.visible(in: server, to: standing.holder, tx).map(\.channel)
        }
    }

    /// Why something can't be moved: it is not there, or it is a thread.
    private static func refusal(
        of id: ChannelID, in server: ServerID, to user: UserID, _ tx: Transaction
    ) throws -> APIError {
        guard try ChannelStore.channel(id, tx)?.server == server else { return .channelNotFound }
        _ = try place(id, for: user, tx)
        return .invalidInput("channels", "names a thread, which has no place among channels")
    }

    /// Deletes a channel. The channels of a category lose it, and keep what counted in them.
    /// - Throws: `.permissionDenied`; `.invalidInput` where the channels of a category would have too many overwrites.
    func delete(_ id: ChannelID, by caller: Caller) async throws {
        try await parts.database.write { tx in
            let place = try Self.place(id, for: caller.user, tx)
            if place.isPrivate { return try PrivateChannels.putAway(place, by: caller.user, parts, tx) }
            guard let serverID = place.channel.server, place.channel.thread == nil else {
                throw APIError.invalidInput("channel_id", "is a thread, which is deleted at /threads")
            }
            try place.permissions.require(.channelsManage)
            let standing = try Servers.standing(of: caller.user, in: serverID, tx)
            let tree = try ChannelTree(of: serverID, tx)
            let children = tree.channels.filter { $0.category == id }
            let freed = children.map { tree.moved($0, to: nil) }
            try OverwriteChange(before: tree, after: tree.replacing(freed, without: id)).require(by: standing, tx)
            try auditLog.record(
                .channelDelete, .channel(id), in: serverID, by: caller,
                changes: AuditChanges.between(place.channel, nil),
                lastOverwrites: place.permissions.overwrites, tx)
            if !freed.isEmpty { try store(freed, insteadOf: children, in: serverID, tx) }
            try ScheduledEvents.remove(in: id, tx)
            try sight.change(in: serverID, tx) { try ChannelStore.markDeleted(id, parts.features, tx) }
            try forget(id, in: standing.server, tx)
        }
    }

    private func forget(_ channel: ChannelID, in server: Server, _ tx: Transaction) throws {
        guard server.defaultChannel == channel || server.afkChannel == channel else { return }
        var changed = server
        if server.defaultChannel == channel { changed.defaultChannel = nil }
        if server.afkChannel == channel { changed.afkChannel = nil }
        try ServerStore.update(changed, tx)
        ServerEvents.changed(changed, tx)
    }
}
