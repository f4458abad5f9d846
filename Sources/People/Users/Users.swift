import Database
import Events
import Features
import Kernel

/// People: oneself, and looking others up.
package struct Users: Sendable {
    let parts: Parts
    let accounts: Accounts
    /// Nil while no mail server is configured.
    let letters: Letters

    /// What `PATCH /users/@me` changes of the account.
    package struct Change: Sendable {
        let username: String?
        let email: String?
        let displayName: Kernel.Change<String>
        let password: Password?
        let currentPassword: Password?

        /// Leaves the account as it is.
        package static let none = Change(
            username: nil, email: nil, displayName: .unchanged, password: nil, currentPassword: nil)
    }

    func me(_ caller: Caller) async throws -> SelfUser {
        SelfUser(try await parts.database.read { tx in try UserStore.required(caller.user, tx) })
    }

    func user(_ id: UserID, for caller: Caller) async throws -> PublicUser {
        try await parts.database.read { tx in try shown(try UserStore.required(id, tx), to: caller, tx) }
    }

    private func shown(_ user: User, to caller: Caller, _ tx: Transaction) throws -> PublicUser {
        let isKeptAway = try parts.features.keptAway(by: user.id, tx).contains(caller.user)
        return isKeptAway ? PublicUser(keptAwayFrom: user) : PublicUser(user)
    }

    func benefits(of caller: Caller) async throws -> UserBenefits {
        let user = try await parts.database.read { tx in try UserStore.required(caller.user, tx) }
        return UserBenefits(badges: user.badges, tier: user.tier, limits: user.tier.limits)
    }

    /// Nobody, or the one user of that name.
    func search(_ username: String, for caller: Caller) async throws -> [PublicUser] {
        try await parts.database.read { tx in
            guard let user = try UserStore.user(named: username, tx) else { return [] }
            return [try shown(user, to: caller, tx)]
        }
    }

    /// Changes the caller's account. A new password ends the other logins.
    /// - Parameter also: what else changes of the account in the same transaction.
    /// - Throws: `.usernameTaken`, `.emailTaken`, `.weakPassword`, `.invalidCredentials` for a wrong current password.
    package func change(
        _ change: Change, by caller: Caller, from client: ClientInformation,
        also: @escaping @Sendable (inout User, Transaction) throws -> Void = { _, _ in }
    ) async throws -> SelfUser {
        let (confirmed, passwordHash) = try await confirm(change, caller, client)
        defer { if passwordHash != nil { accounts.sessions.forget(caller.user) } }
        let new = try await parts.database.write { tx in
            if let confirmed { try Accounts.requireUnchanged(confirmed, tx) }
            let old = try UserStore.required(caller.user, tx)
            var new = old
            new.username = change.username ?? old.username
            new.email = change.email ?? old.email
            new.displayName = change.displayName.applied(to: old.displayName)
            new.emailVerified = old.emailVerified && NameRules.key(new.email) == NameRules.key(old.email)
            try Self.requireFree(new, insteadOf: old, tx)
            try also(&new, tx)
            try UserStore.update(new, tx)
            if let passwordHash {
                try accounts.setPassword(passwordHash, of: caller.user, keeping: caller.login, tx)
                try SecurityLog.record(
                    .passwordChange, of: caller.user, from: client, session: caller.login, parts, tx)
            }
            if NameRules.key(new.email) != NameRules.key(old.email) {
                try SecurityLog.record(
                    .emailChange, of: caller.user, from: client, session: caller.login,
                    with: ["old_email": .string(old.email)], parts, tx)
            }
            // A link that was sent to the old address must not open the account any more.
            if new.email != old.email { try OneTimeTokens.withdraw(.passwordReset, of: caller.user, tx) }
            if new.looks(like: old) {
                try UserEvents.changedForSelf(caller.user, tx)
            } else if (new.username, new.displayName) == (old.username, old.displayName) {
                try UserEvents.changedWords(new, parts.features, tx)
            } else {
                try UserEvents.changed(new, parts.features, tx)
            }
            // The owner is told by mail, at the address that was theirs, in case it was somebody else.
            if passwordHash != nil { try letters.post(.passwordChanged, to: old, tx) }
            if NameRules.key(new.email) != NameRules.key(old.email) { try letters.post(.addressChanged, to: old, tx) }
            return new
        }
        return SelfUser(new)
    }

    /// Checks what needs the current password, and makes the hash of a new one.
    private func confirm(
        _ change: Change, _ caller: Caller, _ client: ClientInformation
    ) async throws -> (confirmed: AccountCredentials?, passwordHash: String?) {
        guard change.password != nil || change.email != nil else { return (nil, nil) }
        if let password = change.password { try PasswordPolicy.standard.check(password) }
        let confirmed = try await accounts.confirm(
            change.currentPassword, of: caller, from: client, named: "current_password")
        guard let password = change.password else { return (confirmed, nil) }
        return (confirmed, try await accounts.hasher.hash(password))
    }

    private static func requireFree(_ new: User, insteadOf old: User, _ tx: Transaction) throws {
        if NameRules.key(new.username) != NameRules.key(old.username) { try AccountNames.requireFree(new.username, tx) }
        if NameRules.key(new.email) != NameRules.key(old.email) { try AccountNames.requireFree(email: new.email, tx) }
    }
}

package enum UserEvents {
    /// Something that only the user's own devices are told.
    package static func changedForSelf(_ user: UserID, _ tx: Transaction) throws {
        tx.emit(.userUpdate, .own(SelfUser(try UserStore.required(user, tx))), to: .user(user))
    }

    /// The user's own devices get the account, others what they see of it.
    package static func changed(_ user: User, _ features: FeatureList, _ tx: Transaction) throws {
        tx.emit(.userUpdate, .own(SelfUser(user)), to: .user(user.id))
        try features.faceChanges(user.id, tx)
        try changed(PublicUser(user), for: try features.acquaintances(of: user.id, tx), tx)
    }

    /// The same where only what somebody says of themselves is new, which stands in no list.
    static func changedWords(_ user: User, _ features: FeatureList, _ tx: Transaction) throws {
        tx.emit(.userUpdate, .own(SelfUser(user)), to: .user(user.id))
        try changed(PublicUser(user), for: try features.acquaintances(of: user.id, tx), tx)
    }

    static func changed(_ user: PublicUser, for acquaintances: Set<UserID>, _ tx: Transaction) throws {
        try EventLog.forgetEarlier(about: user.user.id.rawValue, tx)
        guard !acquaintances.isEmpty else { return }
        tx.emit(.userUpdate, .other(user), about: .user(user.user.id), to: acquaintances.map(Audience.user))
    }
}
