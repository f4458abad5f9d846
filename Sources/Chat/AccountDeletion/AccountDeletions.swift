import Database
import EventLog
import HTTPTypes
import Kernel
import WebAPI

/// Leaving for good. An account that its owner deletes waits for thirty days, in which logging in brings it back; then nothing
/// is left of it but an id, and what it wrote stands there without a name.
struct AccountDeletions: Sendable {
    static let grace = Duration.seconds(30 * 86_400)

    let parts: Parts
    let twoFactor: TwoFactor
    let sessions: Sessions
    let servers: Servers

    /// Begins the time of grace and logs all devices out.
    /// - Throws: `.invalidCredentials`, or with a second factor `.invalidPasswordOrCode`; `.accountLocked`.
    func begin(password: String?, code: String?, by caller: Caller, from client: ClientInformation) async throws {
        let bots = try await parts.database.read { tx in try ApplicationStore.applications(of: caller.user, tx) }
        defer { for user in [caller.user] + bots.compactMap(\.bot) { sessions.forget(user) } }
        try await twoFactor.prove(password: password, code: code, by: caller, from: client) { tx in
            try AccountStore.setDeletion(tx.now + Self.grace, of: caller.user, tx)
            try sessions.endAll(of: caller.user, except: nil, because: .deleted, tx)
            // Should the owner come back, so do the bots.
            try sessions.endBots(of: caller.user, tokensAreTaken: false, tx)
        }
    }

    /// Deletes one account whose time of grace is over.
    /// - Returns: whether there may be more.
    func finishNext() async throws -> Bool {
        try await parts.database.write { tx in
            guard let user = try AccountStore.leaving(tx) else { return false }
            try erase(user, tx)
            return true
        }
    }

    /// Takes away everything that is about the person, and leaves what they said to others.
    func erase(_ user: UserID, _ tx: Transaction) throws {
        try sessions.endAll(of: user, except: nil, because: .deleted, tx)
        try sessions.endBots(of: user, tokensAreTaken: true, tx)
        for server in try ServerStore.servers(of: user, tx) { try leave(server, user, tx) }
        for channel in try ChannelStore.privateChannels(of: user, tx) where channel.type == .group {
            try PrivateChannels.leave(channel, user, tx)
        }
        for relationship in try RelationshipStore.relationships(of: user, tx) {
            try Relationships.end(of: relationship.user, with: user, tx)
        }
        try RelationshipStore.deleteAll(of: user, tx)
        try UserSettingStore.deleteAll(of: user, tx)
        try UserNoteStore.deleteAll(of: user, tx)
        try BookmarkStore.deleteAll(of: user, tx)
        try NotificationStore.deleteAll(of: user, tx)
        try ReadStateStore.delete(of: user, tx)
        try PresenceStore.delete(of: user, tx)
        try ScheduledMessageStore.deleteAll(of: user, tx)
        try JobStore.deleteAll(of: user, tx)
        try TwoFactorStore.delete(of: user, tx)
        try PasskeyStore.deleteAll(of: user, tx)
        try SingleSignOnStore.unlinkAll(of: user, tx)
        for application in try ApplicationStore.applications(of: user, tx) {
            try ApplicationStore.delete(application.id, tx)
            if let bot = application.bot { try erase(bot, tx) }
        }
        try ModerationStateStore.deleteAll(of: user, tx)
        try ApplicationStore.forget(bot: user, tx)
        try AttachmentStore.deleteUnused(of: user, tx)
        try UploadStore.expireAll(of: user, tx)
        try Blobs.release(try UserStore.required(user, tx).avatar, tx)
        try AccountStore.anonymise(user, tx)
    }

    /// The one who stands highest and has been there longest takes over what the owner leaves behind.
    private func leave(_ server: Server, _ user: UserID, _ tx: Transaction) throws {
        guard server.owner == user else { return try Servers.remove(user, from: server, tx) }
        guard let heir = try MemberStore.heir(of: server.id, besides: user, tx) else {
            try ServerEvents.deleted(server, tx)
            return try ServerStore.markDeleted(server.id, tx)
        }
        var inherited = server
        inherited.owner = heir
        let changed = inherited
        try servers.sight.change(in: server.id, tx) { try ServerStore.update(changed, tx) }
        ServerEvents.changed(changed, tx)
        try Servers.remove(user, from: changed, tx)
    }

    private static let input = JSONInput(
        "AccountDeletion",
        .optional("password", .string(0...1024)), .optional("code", .string(0...64)),
        make: { (password, code) throws(APIError) in (password: password, code: code) })

    var routes: [Route] {
        [
            .authenticated(
                .delete, "/users/@me", "Delete one's account, after thirty days", takes: .body(Self.input),
                returns: Success.self, errors: [.invalidCredentials, .invalidPasswordOrCode, .accountLocked]
            ) { caller, call in
                try await begin(
                    password: call.body.password, code: call.body.code, by: caller, from: call.client)
                return .success
            }
            .limited(by: .accountChange).forPeople
        ]
    }
}
