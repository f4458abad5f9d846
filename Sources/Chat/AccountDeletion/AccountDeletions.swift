import Content
import Database
import Events
import Features
import Kernel
import People

/// Leaving for good. An account that its owner deletes waits for thirty days, in which logging in brings it back; then nothing
/// is left of it but an id, and what it wrote stands there without a name.
struct AccountDeletions: Feature {
    static let grace = Duration.seconds(30 * 86_400)

    let parts: Parts
    let twoFactor: TwoFactor
    let sessions: Sessions

    var upkeep: [BackgroundStep] { [BackgroundStep(repeated: "account deletions", finishNext)] }

    /// Begins the time of grace and logs all devices out.
    /// - Throws: `.invalidCredentials`, or with a second factor `.invalidPasswordOrCode`; `.accountLocked`.
    func begin(password: Password?, code: String?, by caller: Caller, from client: ClientInformation) async throws {
        let bots = try await parts.database.read { tx in try ApplicationStore.applications(of: caller.user, tx) }
        defer { for user in [caller.user] + bots.compactMap(\.bot) { sessions.forget(user) } }
        try await twoFactor.prove(password: password, code: code, by: caller, from: client) { tx in
            try AccountStore.setDeletion(tx.now + Self.grace, of: caller.user, tx)
            try SecurityLog.record(
                .deletionSchedule, of: caller.user, from: client, session: caller.login, parts, tx)
            try Sessions.endAll(of: caller.user, except: nil, because: .deleted, tx)
            // Should the owner come back, so do the bots.
            try Sessions.endBots(of: caller.user, tx)
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
            if try AccountStore.isLeaving(user, tx) { try AccountErasure.erase(user, parts, tx) }
        }
    }

    /// - Returns: nil when there is no more, or when the account is not leaving any more.
    private func eraseTails(
        of author: UserID, leavingWith user: UserID, after message: MessageID
    ) async throws -> MessageID? {
        try await parts.database.write { tx -> MessageID? in
            guard try AccountStore.isLeaving(user, tx) else { return nil }
            return try MessageStore.eraseTails(of: author, after: message, limit: 500, tx)
        }
    }
}
