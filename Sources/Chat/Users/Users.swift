import Database
import EventLog
import Kernel
import WebAPI

/// People: oneself, and looking others up.
struct Users: Sendable {
    let parts: Parts
    let accounts: Accounts

    /// What `PATCH /users/@me` changes.
    struct Change: Sendable {
        let username: String?
        let email: String?
        let displayName: Kernel.Change<String>
        let bio: Kernel.Change<String>
        let password: String?
        let currentPassword: String?
    }

    func me(_ caller: Caller) async throws -> SelfUser {
        SelfUser(try await parts.database.read { tx in try UserStore.required(caller.user, tx) })
    }

    func user(_ id: UserID) async throws -> PublicUser {
        PublicUser(try await parts.database.read { tx in try UserStore.required(id, tx) })
    }

    /// Nobody, or the one user of that name.
    func search(_ username: String) async throws -> [PublicUser] {
        let user = try await parts.database.read { tx in try UserStore.user(named: username, tx) }
        return user.map { [PublicUser($0)] } ?? []
    }

    /// Changes the caller's account. A new password ends the other logins.
    /// - Throws: `.usernameTaken`, `.emailTaken`, `.weakPassword`, `.invalidCredentials` for a wrong current password.
    func change(_ change: Change, by caller: Caller) async throws -> SelfUser {
        let (confirmed, passwordHash) = try await confirm(change, caller)
        defer { if passwordHash != nil { accounts.sessions.forget(caller.user) } }
        return try await parts.database.write { tx in
            if let confirmed { try Accounts.requireUnchanged(confirmed, tx) }
            let old = try UserStore.required(caller.user, tx)
            let new = User(
                id: old.id, username: change.username ?? old.username, email: change.email ?? old.email,
                displayName: change.displayName.applied(to: old.displayName), bio: change.bio.applied(to: old.bio),
                emailVerified: old.emailVerified
                    && NameRules.key(change.email ?? old.email) == NameRules.key(old.email),
                isAdmin: old.isAdmin, createdAt: old.createdAt)
            try Self.requireFree(new, insteadOf: old, tx)
            try UserStore.update(new, passwordHash: passwordHash, tx)
            if passwordHash != nil { try accounts.sessions.endAll(of: caller.user, except: caller.login, tx) }
            try UserEvents.changed(new, tx)
            return SelfUser(new)
        }
    }

    /// Checks what needs the current password, and makes the hash of a new one.
    private func confirm(
        _ change: Change, _ caller: Caller
    ) async throws -> (confirmed: AccountCredentials?, passwordHash: String?) {
        guard change.password != nil || change.email != nil else { return (nil, nil) }
        guard let current = change.currentPassword else {
            throw APIError.invalidInput("current_password", "is required to change the password or the e-mail address")
        }
        if let password = change.password { try PasswordPolicy.standard.check(password) }
        let confirmed = try await accounts.confirm(current, of: caller.user)
        guard let password = change.password else { return (confirmed, nil) }
        return (confirmed, try await accounts.hasher.hash(password))
    }

    private static func requireFree(_ new: User, insteadOf old: User, _ tx: Transaction) throws {
        if NameRules.key(new.username) != NameRules.key(old.username),
            try AccountStore.isTaken(username: new.username, tx)
        {
            throw APIError.usernameTaken
        }
        if NameRules.key(new.email) != NameRules.key(old.email), try AccountStore.isTaken(email: new.email, tx) {
            throw APIError.emailTaken
        }
    }
}

enum UserEvents {
    /// The user's own devices get the account, the servers that they are in the member.
    static func changed(_ user: User, _ tx: Transaction) throws {
        tx.emit("USER_UPDATE", SelfUser(user), to: .user(user.id))
        for membership in try MemberStore.memberships(of: user.id, tx) {
            tx.emit(
                "GUILD_MEMBER_UPDATE", MemberEvent(server: membership.server, member: membership.member),
                intent: .guildMembers, to: .server(membership.server))
        }
    }
}
