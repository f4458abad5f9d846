import Database
import Features
import Kernel
import Logging

/// Proving who one is.
package struct Accounts: Sendable {
    /// How long somebody who has proved who they are needs no further proof for what asks for a recent one.
    static let freshness = Duration.seconds(600)

    let parts: Parts
    let hasher: PasswordHasher
    let sessions: Sessions
    let tokens: OneTimeTokens

    /// How much somebody has proved.
    enum ProvenFactors: Sendable {
        /// A password, or the word of another provider: the second factor is asked for if there is one.
        case one
        /// A password and a code, or a passkey that has verified its user.
        case two
    }

    // MARK: Login

    /// Logs in by user name or e-mail address.
    ///
    /// Unknown accounts and wrong passwords give the same answer after the same work.
    /// - Parameter count: counts the request in its rate limit. A lock says more than that limit, so it comes first.
    /// - Throws: `.invalidCredentials`, `.accountLocked`, `.emailNotVerified`.
    func logIn(
        _ name: String, password: Password, from client: ClientInformation, count: () throws -> Void
    ) async throws -> LoginResult {
        let attempt = LoginAttempt(as: name, from: client)
        try await parts.database.read { tx in
            let user = try AccountStore.credentials(of: name, tx)?.user
            try LoginAttempts.requireUnlocked(attempt, by: user, tx)
        }
        try count()
        let account = try await parts.database.write { tx in
            let account = try AccountStore.credentials(of: name, tx)
            try LoginAttempts.requireUnlocked(attempt, by: account?.user, tx)
            try LoginAttempts.fail(attempt, by: account?.user, tx)
            return account
        }
        let match = try await hasher.verify(password, against: account?.passwordHash, for: .login)
        guard match != .none, let account else {
            try await noteFailure(attempt, of: account?.user, from: client)
            throw APIError.invalidCredentials
        }
        let strongerHash = try await hasher.rehash(password, after: account.passwordHash, which: match, for: .login)
        return try await enter(from: client, proving: .one, attempt: attempt) { tx in
            // The password may have been changed while the old one was being checked.
            try Self.requireUnchanged(account, tx)
            if let strongerHash { try AccountStore.setPasswordHash(strongerHash, of: account.user, tx) }
            return account.user
        }
    }

    /// Writes down that a password was wrong. For a name that nobody has as much is written, so that it takes as long.
    private func noteFailure(
        _ attempt: LoginAttempt, of user: UserID?, from client: ClientInformation
    ) async throws {
        try await parts.database.write { tx in
            guard let user else { return try LoginAttempts.touch(attempt, tx) }
            try noteFailure(attempt, of: user, from: client, tx)
        }
    }

    /// Writes down a failure that was counted, and the lock if it has led to one.
    func noteFailure(
        _ attempt: LoginAttempt, of user: UserID, from client: ClientInformation, _ tx: Transaction
    ) throws {
        try SecurityLog.record(.loginFailed, of: user, from: client, parts, tx)
        guard try LoginAttempts.isLocked(attempt, by: user, tx) else { return }
        try SecurityLog.record(.lockout, of: user, from: client, parts, tx)
    }

    /// Logs in whom `prove` names, in the same transaction.
    /// - Parameter attempt: the counted attempt that this ends, if it was one.
    /// - Throws: `.emailNotVerified`; what `prove` throws.
    func enter(
        from client: ClientInformation, proving factors: ProvenFactors, attempt: LoginAttempt? = nil,
        _ prove: @escaping @Sendable (Transaction) throws -> UserID
    ) async throws -> LoginResult {
        let (user, result) = try await parts.database.write { tx in
            let user = try prove(tx)
            return (user, try enter(user, from: client, proving: factors, attempt: attempt, tx))
        }
        // The new session may have taken the place of an old one.
        sessions.forget(user)
        return announced(try result.get(), from: client)
    }

    /// Writes a login that has happened to the log.
    func announced(_ result: LoginResult, from client: ClientInformation) -> LoginResult {
        if case .success(_, let user) = result {
            parts.logger.info("login", metadata: ["user_id": "\(user.user.id)", "address": "\(client.address)"])
        }
        return result
    }

    /// The part of a login that comes after the proof. A refusal is returned, not thrown, so that what was counted stays.
    func enter(
        _ id: UserID, from client: ClientInformation, proving factors: ProvenFactors, attempt: LoginAttempt?,
        _ tx: Transaction
    ) throws -> Result<LoginResult, APIError> {
        let user = try UserStore.required(id, tx)
        if user.lockedAt != nil || user.deletedAt != nil { return .failure(APIError(.accountLocked)) }
        if parts.configuration.requiresVerifiedEmail, !user.emailVerified {
            if let attempt { try LoginAttempts.takeBack(attempt, by: id, tx) }
            return .failure(.emailNotVerified)
        }
        if factors == .one, user.hasTwoFactor {
            // What was counted is forgotten with the right code only: else the password alone would buy more guesses at it.
            if let attempt { try LoginAttempts.takeBack(attempt, by: id, tx) }
            // Who came without a name, from another provider, guesses at the codes of the user name.
            let guesses = attempt ?? LoginAttempt(as: user.username, from: client)
            try SecurityLog.recordChallenge(of: id, from: client, parts, tx)
            return .success(.twoFactorRequired(challenge: try challenge(id, guesses, tx)))
        }
        if let attempt { try LoginAttempts.succeed(attempt, by: id, tx) }
        return .success(try begin(of: user, from: client, tx))
    }

    func begin(of user: User, from client: ClientInformation, _ tx: Transaction) throws -> LoginResult {
        var user = user
        if user.deletionAt != nil {
            // Who comes back within the time of grace stays.
            try AccountStore.setDeletion(nil, of: user.id, tx)
            user.deletionAt = nil
            try SecurityLog.record(.deletionCancel, of: user.id, from: client, parts, tx)
        }
        let login = sessions.newLogin(of: user.id, from: client)
        try sessions.begin(login, tx)
        try SecurityLog.recordLogin(of: user.id, from: client, session: login.id, parts, tx)
        try LoginAttemptStore.noteAddress(
            RateLimitSubject(clientAddress: client.address).text, of: user.id, tx)
        return .success(token: login.token, SelfUser(user))
    }

    private func challenge(_ user: UserID, _ attempt: LoginAttempt, _ tx: Transaction) throws -> String {
        try tokens.issue(
            .twoFactorLogin, for: user, data: .object(["name": .string(Base64URL.encode(attempt.nameHash))]),
            lifetime: .seconds(LoginResult.challengeLifetime_s), tx)
    }

    // MARK: Proving it again

    /// Lets somebody who is logged in prove once more who they are, before something that a stolen session must not do.
    ///
    /// An account without a password has to have logged in within the last ten minutes.
    /// - Parameter field: the request's name for the password.
    /// - Returns: the account as it was then, for `requireUnchanged`.
    /// - Throws: `.invalidCredentials`, `.accountLocked`.
    @discardableResult
    package func confirm(
        _ password: Password?, of caller: Caller, from client: ClientInformation, named field: String = "password"
    ) async throws -> AccountCredentials {
        let (account, attempt) = try await parts.database.write { tx in
            guard let account = try AccountStore.credentials(of: caller.user, tx) else { throw APIError.userNotFound }
            let attempt = LoginAttempt(as: account.username, from: client)
            try LoginAttempts.requireUnlocked(attempt, by: caller.user, tx)
            guard account.passwordHash != nil else {
                guard try Self.isFresh(caller, tx) else { throw APIError.invalidCredentials }
                return (account, attempt)
            }
            guard password != nil else { throw APIError.invalidInput(field, "is required") }
            try LoginAttempts.fail(attempt, by: caller.user, tx)
            return (account, attempt)
        }
        guard let hash = account.passwordHash else { return account }
        guard let password, try await hasher.verify(password, against: hash, for: .other) != .none else {
            try await noteFailure(attempt, of: caller.user, from: client)
            throw APIError.invalidCredentials
        }
        // Other failures stay counted: the password alone must not buy more guesses at a code.
        try await parts.database.write { tx in try LoginAttempts.takeBack(attempt, by: caller.user, tx) }
        return account
    }

    private static func isFresh(_ caller: Caller, _ tx: Transaction) throws -> Bool {
        guard !caller.isBot, let login = try SessionStore.login(caller.login, tx) else { return false }
        return (.zero - freshness..<freshness).contains(tx.now - login.confirmedAt)
    }

    /// - Throws: `.permissionDenied` with `reauthentication` when the caller has not proved for a while who they are.
    package static func requireFresh(_ caller: Caller, _ tx: Transaction) throws {
        guard try isFresh(caller, tx) else { throw APIError.reauthenticationRequired }
    }

    /// - Throws: `.invalidCredentials` when the password was changed since it was confirmed.
    static func requireUnchanged(_ account: AccountCredentials, _ tx: Transaction) throws {
        guard let current = try AccountStore.credentials(of: account.user, tx),
            current.passwordHash == account.passwordHash
        else { throw APIError.invalidCredentials }
    }

    /// Stores a new password, which ends the other sessions and every login that is half done.
    func setPassword(
        _ hash: String, of user: UserID, keeping session: SessionID?,
        because reason: SecurityLogout.Reason = .passwordChanged, _ tx: Transaction
    ) throws {
        try AccountStore.setPasswordHash(hash, of: user, tx)
        try OneTimeTokens.withdraw(.twoFactorLogin, of: user, tx)
        try OneTimeTokens.withdraw(.passwordReset, of: user, tx)
        try OneTimeTokens.withdraw(.passkeyRegistration, of: user, tx)
        try Sessions.endAll(of: user, except: session, because: reason, tx)
    }

    /// Forgets some of the tokens that have run out, and of the failures and addresses that count no more.
    /// - Returns: whether there may be more.
    package func deleteExpired() async throws -> Bool {
        try await parts.database.write { tx in
            let tokens = try OneTimeTokenStore.deleteExpired(limit: 500, tx)
            let attempts = try LoginAttemptStore.deleteOld(limit: 500, tx)
            return tokens || attempts
        }
    }
}
