import Database
import Events
import Features
import Kernel
import People

/// Ways into a server.
package struct Invites: Sendable {
    /// Without the characters that are taken for one another.
    private static let alphabet = Array("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789")
    private static let codeLength = 10
    static let maximumPerServer = 1000

    let parts: Parts
    let servers: Servers
    let auditLog: AuditLog
    let notifications: Notifications

    struct Draft: Sendable {
        /// Who is told of the code.
        let user: UserID?
        let maxAge_s: Int
        let maxUses: Int
        let temporary: Bool
    }

    /// - Throws: `.permissionDenied` without `invites.create`.
    func create(_ draft: Draft, for channel: ChannelID, by caller: Caller) async throws -> Invite {
        let code = parts.randomness.string(Self.codeLength, of: Self.alphabet)
        return try await parts.database.write { tx in
            let place = try Channels.place(channel, for: caller.user, tx)
            try place.permissions.require(.invitesCreate)
            guard let server = place.channel.server else { throw APIError.channelNotFound }
            guard try InviteStore.invites(of: server, tx).count < Self.maximumPerServer else {
                throw APIError.invalidInput(
                    "server", "has \(Self.maximumPerServer) invites already, which is the limit")
            }
            let invite = Invite(
                code: code, server: server, channel: channel, inviter: caller.user, uses: 0, maxUses: draft.maxUses,
                maxAge_s: draft.maxAge_s, temporary: draft.temporary, createdAt: tx.now,
                expiresAt: draft.maxAge_s == 0 ? nil : tx.now + .seconds(draft.maxAge_s))
            try InviteStore.insert(invite, tx)
            if let user = draft.user {
                _ = try UserStore.required(user, tx)
                try Relationships.requireUnblocked(caller.user, user, tx)
                // Who wants no requests from somebody wants no invites from them either.
                try MessagingSettings.requireWelcome(caller.user, to: user, .friendRequest, tx)
                // Without the channel, which they can't see yet.
                try notifications.notify(
                    user, .invite, from: caller.user, about: .init(server: server, inviteCode: code), tx)
            }
            tx.emit(
                .inviteCreate, invite, about: .right(.serverManage, in: invite.server),
                to: try Self.audience(of: invite, tx))
            try auditLog.record(
                .inviteCreate, .invite(to: channel), in: server, by: caller, changes: AuditChanges.between(nil, invite),
                tx)
            return invite
        }
    }

    /// - Throws: `.inviteNotFound` also for one that has run out.
    func preview(_ code: String) async throws -> InvitePreview {
        try await parts.database.read { tx in
            let (invite, server) = try usable(code, tx)
            return InvitePreview(invite: invite, server: server)
        }
    }

    private func usable(_ code: String, _ tx: Transaction) throws -> (Invite, Server) {
        guard let invite = try known(code, tx), invite.isUsable(at: tx.now),
            let server = try ServerStore.server(invite.server, tx)
        else { throw APIError.inviteNotFound }
        return (invite, server)
    }

    /// What can't be a code is not even looked up.
    private func known(_ code: String, _ tx: Transaction) throws -> Invite? {
        guard code.count == Self.codeLength, code.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) }) else {
            return nil
        }
        return try InviteStore.invite(code, tx)
    }

    /// - Throws: `.inviteNotFound`, `.alreadyMember`.
    func join(_ code: String, by caller: Caller) async throws -> JoinedServer {
        try await parts.database.write { tx in try join(code, by: caller.user, tx) }
    }

    @discardableResult
    package func join(_ code: String, by user: UserID, _ tx: Transaction) throws -> JoinedServer {
        let (invite, server) = try usable(code, tx)
        try servers.join(server, by: user, tx)
        if invite.temporary { try MemberStore.setTemporary(user, in: server.id, tx) }
        try InviteStore.use(code, tx)
        return JoinedServer(server: invite.server)
    }

    /// The inviter, and who may manage the channel's or the server's invites.
    func delete(_ code: String, by caller: Caller) async throws {
        try await parts.database.write { tx in
            guard let invite = try known(code, tx) else { throw APIError.inviteNotFound }
            let standing = try Servers.standing(of: caller.user, in: invite.server, tx)
            if invite.inviter != caller.user, !standing.permissions.contains(.serverManage) {
                try standing.permissions.require(.invitesManage)
            }
            try Self.end(invite, tx)
            try auditLog.record(
                .inviteDelete, .invite(to: invite.channel), in: invite.server, by: caller,
                changes: AuditChanges.between(invite, nil), tx)
        }
    }

    private static func end(_ invite: Invite, _ tx: Transaction) throws {
        tx.emit(
            .inviteDelete, InviteDeletedEvent(invite: invite), about: .right(.serverManage, in: invite.server),
            to: try audience(of: invite, tx))
        try InviteStore.delete(invite.code, tx)
        try Notifications.withdraw(invites: [invite.code], tx)
    }

    /// Nobody is invited any more by who is gone.
    /// - Parameter server: nil for all of them.
    static func endAll(of inviter: UserID, in server: ServerID? = nil, _ tx: Transaction) throws {
        for invite in try InviteStore.invites(by: inviter, tx) where server == nil || invite.server == server {
            try end(invite, tx)
        }
    }

    func list(_ server: ServerID, for caller: Caller) async throws -> [Invite] {
        try await parts.database.read { tx in
            try Servers.standing(of: caller.user, in: server, tx).permissions.require(.serverManage)
            return try InviteStore.invites(of: server, tx)
        }
    }

    /// Those who can list a server's invites. A code is a key, so nobody else hears of it.
    private static func audience(of invite: Invite, _ tx: Transaction) throws -> [Audience] {
        try Servers.audience(of: invite.server, having: .serverManage, tx)
    }

    package func deleteExpired() async throws {
        try await parts.database.write { tx in try InviteStore.deleteExpired(limit: 500, tx) }
    }
}
