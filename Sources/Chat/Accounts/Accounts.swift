import Database
import Kernel
import WebAPI

/// Making accounts and proving who one is.
struct Accounts: Sendable {
    let parts: Parts
    let hasher: PasswordHasher
    let sessions: Sessions

    /// What a person has chosen at registration.
    struct Registration: Sendable {
        let username: String
        let email: String
        let password: String
    }

    /// Makes an account and logs it in.
    /// - Throws: `.weakPassword`, `.usernameTaken`, `.emailTaken`, `.registrationClosed`.
    func register(_ registration: Registration, from client: ClientInformation) async throws -> LoginResult {
        guard parts.configuration.registration == .open else { throw APIError.registrationClosed }
        try PasswordPolicy.standard.check(registration.password)
        // Looked up before the expensive hash, and once more by the unique keys in the transaction.
        try await parts.database.read { tx in try Self.requireFree(registration, tx) }
        let passwordHash = try await hasher.hash(registration.password)
        let id: UserID = parts.ids.next()
        let login = sessions.newLogin(of: id, from: client)
        let user = try await parts.database.write { tx in
            try Self.requireFree(registration, tx)
            try AccountStore.insert(
                id, username: registration.username, email: registration.email, passwordHash: passwordHash, tx)
            try sessions.begin(login, tx)
            return try UserStore.required(id, tx)
        }
        return LoginResult(token: login.token, user: SelfUser(user))
    }

    private static func requireFree(_ registration: Registration, _ tx: Transaction) throws {
        if try AccountStore.isTaken(username: registration.username, tx) { throw APIError.usernameTaken }
        if try AccountStore.isTaken(email: registration.email, tx) { throw APIError.emailTaken }
    }

    /// Logs in by user name or e-mail address.
    ///
    /// Unknown accounts and wrong passwords give the same answer after the same work.
    /// - Throws: `.invalidCredentials`.
    func logIn(_ name: String, password: String, from client: ClientInformation) async throws -> LoginResult {
        let account = try await parts.database.read { tx in try AccountStore.credentials(of: name, tx) }
        let isRight = try await hasher.verify(password, against: account?.passwordHash)
        guard isRight, let account else { throw APIError.invalidCredentials }
        let login = sessions.newLogin(of: account.user, from: client)
        defer { sessions.forget(account.user) }
        let user = try await parts.database.write { tx in
            // The password may have been changed while the old one was being checked.
            try Self.requireUnchanged(account, tx)
            try sessions.begin(login, tx)
            return try UserStore.required(account.user, tx)
        }
        return LoginResult(token: login.token, user: SelfUser(user))
    }

    /// - Returns: the account as it was when the password was checked, for `requireUnchanged`.
    /// - Throws: `.invalidCredentials` unless it is the user's current password.
    @discardableResult
    func confirm(_ password: String, of user: UserID) async throws -> AccountCredentials {
        let account = try await parts.database.read { tx in try AccountStore.credentials(of: user, tx) }
        guard let account, try await hasher.verify(password, against: account.passwordHash) else {
            throw APIError.invalidCredentials
        }
        return account
    }

    /// - Throws: `.invalidCredentials` when the password was changed since it was confirmed.
    static func requireUnchanged(_ account: AccountCredentials, _ tx: Transaction) throws {
        guard try AccountStore.credentials(of: account.user, tx)?.passwordHash == account.passwordHash else {
            throw APIError.invalidCredentials
        }
    }
}

/// A successful login.
struct LoginResult: JSONObjectEncodable {
    let token: String
    let user: SelfUser

    static let shape = JSONShape<LoginResult>(
        "LoginResult",
        .field("status") { _ in "success" },
        .field("token", \.token),
        .field("user", \.user))
}
