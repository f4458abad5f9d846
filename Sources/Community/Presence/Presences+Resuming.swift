import Database
import Events
import Features
import Kernel
import NIOConcurrencyHelpers

extension Presences {
    /// What has changed of those whom a user's session watches since it heard the event at `position`: of friends and members
    /// of servers that tell all presences, and of the user.
    /// - Parameter shard: the servers that the session takes; nil for all.
    /// - Returns: what is true when it is called, so that nothing that is heard in between is taken back.
    package func changes(
        for viewer: UserID, in shard: SessionShard?, since position: Int64
    ) async throws -> @Sendable () -> [Presence] {
        let seen = try await parts.database.read { tx in
            try PresenceStore.seen(by: viewer, in: shard, since: position, tx)
        }
        let own = try await ownChange(of: viewer, in: shard, since: position)
        return { seen.compactMap { self.change(of: $0, since: position) } + own() }
    }

    /// The same for a session that hears of nobody's presence but its own.
    package func ownChange(
        of user: UserID, in shard: SessionShard?, since position: Int64
    ) async throws -> @Sendable () -> [Presence] {
        // What belongs to no server is told the first session.
        guard shard?.isFirst ?? true else { return { [] } }
        let choice = try await parts.database.read { tx in
            try PresenceStore.choice(of: user, chosenSince: position, tx)
        }
        return { choice.map { [self.ownPresence(of: user, $0)] } ?? [] }
    }

    /// Nil if the session knows it already.
    private func change(of seen: PresenceStore.Seen, since position: Int64) -> Presence? {
        let gone = Presence.offline(seen.user, lastSeen: seen.lastSeen)
        // To those whom somebody has blocked they have gone, and that once.
        if let blockedAt = seen.blockedAt { return blockedAt >= seen.heardAt ? .offline(seen.user) : nil }
        guard let (shown, toldAt) = shown(seen.user) else { return gone }
        if shown.status == .offline { return gone }
        return toldAt >= position ? shown : nil
    }

    /// What users see of themselves while a device of theirs is coming back.
    private func ownPresence(of user: UserID, _ choice: PresenceChoice) -> Presence {
        let choice = choice.current(at: parts.clock.now())
        let devices = state.withLockedValue { $0.devices(of: user) }
        let status = PresenceMerge.status(choice: choice.status, devices: devices + [.online])
        return Self.own(
            user, choice,
            Presence(
                user: user, status: status, customStatus: choice.customStatus, customEmoji: choice.customEmoji))
    }
}
