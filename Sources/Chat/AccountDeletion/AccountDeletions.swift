import Database
import EventLog
import Kernel

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
    func begin(password: Password?, code: String?, by caller: Caller, from client: ClientInformation) async throws {
        let bots = try await parts.database.read { tx in try ApplicationStore.applications(of: caller.user, tx) }
        defer { for user in [caller.user] + bots.compactMap(\.bot) { sessions.forget(user) } }
        try await twoFactor.prove(password: password, code: code, by: caller, from: client) { tx in
            try AccountStore.setDeletion(tx.now + Self.grace, of: caller.user, tx)
            try sessions.endAll(of: caller.user, except: nil, because: .deleted, tx)
            // Should the owner come back, so do the bots.
            try sessions.endBots(of: caller.user, tx)
        }
    }

    /// Deletes one account whose time of grace is over.
    /// - Returns: whether there may be more.
    func finishNext() async throws -> Bool {
        guard let user = try await parts.database.read({ tx in try AccountStore.leaving(tx) }) else { return false }
        try await SetAside(parts: parts).each(of: .accountDeletion, [user], named: \.description, finish)
        return true
    }

    private func finish(_ user: UserID) async throws {
        let bots = try await parts.database.read { tx in
            try ApplicationStore.applications(of: user, tx).compactMap(\.bot)
        }
        // What may be long is done before, step by step.
        for author in [user] + bots {
            var after = MessageID(rawValue: 0)
            while let last = try await eraseTails(of: author, leavingWith: user, after: after) { after = last }
        }
        try await parts.database.write { tx in
            // They may have come back meanwhile.
            if try AccountStore.isLeaving(user, tx) { try erase(user, tx) }
        }
    }

    /// - Returns: nil when there is no more, or when the account is not leaving any more.
    private func eraseTails(
        of author: UserID, leavingWith user: UserID, after message: MessageID
    ) async throws -> MessageID? {
        try await parts.database.write { tx -> MessageID? in
            guard try AccountStore.isLeaving(user, tx) else { return nil }
            return try PersonalDataStore.eraseTails(of: author, after: message, limit: 500, tx)
        }
    }

    /// Takes away everything that is about the person, and leaves what they said to others. What that is in each table stands in
    /// `PersonalData.tables`; here is what others are told of.
    func erase(_ user: UserID, _ tx: Transaction) throws {
        let account = try UserStore.required(user, tx)
        try sessions.endAll(of: user, except: nil, because: .deleted, tx)
        try sessions.takeTokens(ofBotsOf: user, tx)
        for server in try ServerStore.servers(of: user, tx) { try leave(server, user, tx) }
        for thread in try ThreadStore.threads(of: user, tx) { _ = try ThreadStore.remove(user, from: thread, tx) }
        try leavePrivateChannels(user, tx)
        try Overwrites.removeAll(of: user, tx)
        for relationship in try RelationshipStore.relationships(of: user, tx) {
            try Relationships.end(of: relationship.user, with: user, tx)
        }
        try Notifications.withdrawAll(from: user, tx)
        for application in try ApplicationStore.applications(of: user, tx) {
            try ApplicationStore.delete(application.id, tx)
            if let bot = application.bot { try erase(bot, tx) }
        }
        try ModerationStateStore.deleteAll(of: user, tx)
        try ApplicationStore.forget(bot: user, tx)
        try Invites.endAll(of: user, tx)
        try Bans.endAll(of: user, tx)
        try JobStore.deleteAll(of: user, tx)
        try AttachmentStore.deleteUnused(of: user, tx)
        try UploadStore.expireAll(of: user, tx)
        try LoginAttempts.forgetAll(of: account, tx)
        try PersonalDataStore.makeAnonymous(entriesAbout: user, tx)
        for table in PersonalData.tables { try PersonalDataStore.erase(user, from: table, tx) }
        try EventLog.forgetAll(toldOnly: user, tx)
        try AccountStore.anonymise(user, tx)
        try Blobs.release(account.avatar, tx)
    }

    private func leavePrivateChannels(_ user: UserID, _ tx: Transaction) throws {
        for channel in try ChannelStore.privateChannels(of: user, tx) where channel.type == .group {
            try PrivateChannels.leave(channel, user, tx)
        }
        // What was said to nobody else is nobody else's.
        guard let notes = try PrivateChannelStore.channel(of: user, and: user, tx) else { return }
        try PrivateChannelStore.forget(notes, tx)
        try ChannelStore.markDeleted(notes, tx)
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
}
