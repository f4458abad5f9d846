import Database
import Events
import Features
import Kernel
import People

/// Keeping people out of a server.
package struct Bans: Sendable {
    static let cap = Cap("bans", per: .server, 10_000, .refused(field: "user_id"))

    let parts: Parts
    let auditLog: AuditLog
    let notifications: Notifications

    struct Draft: Sendable {
        let reason: String?
        let deleteMessages_days: Int
        let expiresAt: Timestamp?
    }

    /// Bans a member, or somebody who is not there yet, and deletes what they wrote in the last days. A second ban replaces
    /// the reason and the end of the first.
    /// - Throws: `.permissionDenied`, `.userNotFound`.
    func ban(_ user: UserID, _ draft: Draft, from server: ServerID, by caller: Caller) async throws -> Ban {
        let ban = try await parts.database.write { tx in
            let standing = try Servers.standing(of: caller.user, in: server, tx)
            try standing.permissions.require(.membersBan)
            let person = try UserStore.required(user, tx)
            guard user != caller.user else { throw APIError.invalidInput("user_id", "is your own") }
            if let end = draft.expiresAt, end <= tx.now {
                throw APIError.invalidInput("expires_at", "must lie in the future")
            }
            let wasMember = try MemberStore.isMember(user, of: server, tx)
            if wasMember {
                _ = try Members.target(user, of: standing, tx)
                try Servers.remove(user, from: standing.server, parts.features, tx)
            }
            // Whoever was put out before is told of this ban in place of that; who never was in is told nothing, else the
            // name of a server and the reason would be a letter to anybody.
            let wasTold = try Notifications.withdrawExclusions(of: user, from: server, tx)
            if try wasMember || (wasTold && Notifications.mayTellAgain(user, of: caller.user, tx)) {
                try tell(person, draft, standing.server, by: caller.user, tx)
            }
            let ban = Ban(
                server: server, user: user, username: person.username, bannedBy: caller.user,
                reason: draft.reason ?? caller.reason, createdAt: tx.now, expiresAt: draft.expiresAt)
            let old = try BanStore.ban(of: user, from: server, tx).flatMap { $0.holds(at: tx.now) ? $0 : nil }
            let deleteAfter =
                draft.deleteMessages_days == 0
                ? nil : MessageID(earliestAt: tx.now - .seconds(draft.deleteMessages_days * 86_400))
            if try BanStore.ban(of: user, from: server, tx) == nil {
                try Self.cap.requireRoom(try BanStore.count(of: server, tx))
            }
            try BanStore.set(ban, deleteAfter: deleteAfter, tx)
            // Else the next account comes in by the last one's door.
            try Invites.endAll(of: user, in: server, tx)
            tx.emit(
                .guildBanAdd, ban, about: .right(.membersBan, in: server),
                to: try Servers.audience(of: server, having: .membersBan, tx))
            var changes = AuditChanges.between(old, ban)
            if draft.deleteMessages_days > 0 {
                changes["delete_message_days"] = .integer(Int64(draft.deleteMessages_days))
            }
            try auditLog.record(.memberBan, .user(user), in: server, by: caller, changes: changes, tx)
            return ban
        }
        while try await deleteMessages(of: user, from: server) {}
        return ban
    }

    private func tell(
        _ person: User, _ draft: Draft, _ server: Server, by moderator: UserID, _ tx: Transaction
    ) throws {
        let measure = Notification.Measure(
            action: .ban, serverName: server.name, reason: draft.reason, endsAt: draft.expiresAt)
        try notifications.notify(person.id, named: person.username, of: measure, in: server, by: moderator, tx)
    }

    /// Deletes some of the messages that a ban takes along. What a crash leaves is done by the upkeep.
    /// - Returns: whether there may be more.
    func deleteMessages(of user: UserID? = nil, from server: ServerID? = nil) async throws -> Bool {
        let next = try await parts.database.read { tx in try BanStore.unfinished(of: user, from: server, tx) }
        guard let next else { return false }
        try await SetAside(parts: parts).each(of: .banMessages, [next], named: { "\($0.server):\($0.user)" }) { ban in
            try await parts.database.write { tx in
                if try parts.features.takeBack(of: ban.user, in: ban.server, since: ban.after, tx) { return }
                try BanStore.finish(ban.user, from: ban.server, tx)
            }
        }
        return true
    }

    /// - Throws: `.banNotFound`, `.permissionDenied`.
    func lift(_ user: UserID, from server: ServerID, by caller: Caller) async throws {
        try await parts.database.write { tx in
            try Servers.standing(of: caller.user, in: server, tx).permissions.require(.membersBan)
            guard let ban = try BanStore.ban(of: user, from: server, tx), ban.holds(at: tx.now) else {
                throw APIError.banNotFound
            }
            try Self.remove(ban, tx)
            try auditLog.record(
                .memberUnban, .user(user), in: server, by: caller, changes: AuditChanges.between(ban, nil), tx)
        }
    }

    private static func remove(_ ban: Ban, _ tx: Transaction) throws {
        try BanStore.delete(ban.user, from: ban.server, tx)
        try Notifications.withdrawExclusions(of: ban.user, from: ban.server, tx)
        tx.emit(
            .guildBanRemove, BanRemovedEvent(server: ban.server, user: ban.user),
            about: .right(.membersBan, in: ban.server),
            to: try Servers.audience(of: ban.server, having: .membersBan, tx))
    }

    /// Nobody is kept out who is not there any more.
    static func endAll(of user: UserID, _ tx: Transaction) throws {
        for ban in try BanStore.bans(of: user, tx) { try remove(ban, tx) }
    }

    func list(_ server: ServerID, after: UserID?, limit: Int, for caller: Caller) async throws -> [Ban] {
        try await parts.database.read { tx in
            try Servers.standing(of: caller.user, in: server, tx).permissions.require(.membersBan)
            return try BanStore.bans(of: server, after: after, limit: limit, tx)
        }
    }

    /// - Throws: `.bannedFromServer`.
    static func requireNone(of user: UserID, from server: ServerID, _ tx: Transaction) throws {
        if try BanStore.ban(of: user, from: server, tx)?.holds(at: tx.now) == true { throw APIError.bannedFromServer }
    }

    /// - Returns: whether there may be more.
    func removeExpired() async throws -> Bool {
        let expired = try await parts.database.read { tx in try BanStore.expired(limit: 100, tx) }
        try await SetAside(parts: parts).each(of: .ban, expired, named: { "\($0.server):\($0.user)" }) { ban in
            try await parts.database.write { tx in
                // It may have been prolonged meanwhile.
                guard let now = try BanStore.ban(of: ban.user, from: ban.server, tx), !now.holds(at: tx.now) else {
                    return
                }
                try Self.remove(now, tx)
            }
        }
        return expired.count == 100
    }
}
