import Database
import Events
import Features
import Kernel
import People

/// What the operator does from the command line, beside a server that may be running on the same database.
public struct Administration: Sendable {
    /// An account in the list.
    public struct Account: Sendable {
        public let id: UserID
        public let username: String
        public let email: String
        public let isAdmin: Bool
        public let hasTwoFactor: Bool
        public let tier: Tier
    }

    let parts: Parts
    let hasher: PasswordHasher
    public let maintenance: Maintenance

    public init(_ parts: Parts, hasher: PasswordHasher) {
        self.parts = parts
        self.hasher = hasher
        self.maintenance = Maintenance(
            database: parts.database, clock: parts.clock, state: SystemState(startedAt: parts.clock.now()),
            otherNodes: nil)
    }

    /// Makes an administrator's account. Its address counts as verified: the operator vouches for it.
    /// - Throws: `APIError` as at a registration.
    public func create(username: String, email: String, password: String) async throws -> UserID {
        let username = try NameRules.username.value(of: .string(username), named: "username")
        // What is reserved is so for the operator; what the server gives itself is nobody's.
        guard !GeneratedName.contains(username) else {
            throw APIError.invalidInput("username", "is not to be had here")
        }
        let email = try NameRules.email.value(of: .string(email), named: "email")
        let password = Password(password)
        try PasswordPolicy.standard.check(password)
        let passwordHash = try await hasher.hash(password)
        let id: UserID = parts.ids.next()
        try await parts.database.write { tx in
            if try AccountStore.isTaken(username: username, tx) { throw APIError.usernameTaken }
            if try AccountStore.isTaken(email: email, tx) { throw APIError.emailTaken }
            try AccountStore.insert(id, username: username, email: email, passwordHash: passwordHash, tx)
            try AccountStore.setEmailVerified(of: id, tx)
            try AdminStore.appoint(id, tx)
        }
        return id
    }

    /// Ends all gateway sessions, so that none comes back to a database that is not the one it left: after one was put back to an
    /// earlier state where no server could see it. A server that runs notices within a second.
    public func beginLogAnew() async throws {
        let place = try await parts.database.read { tx in try parts.log.place(tx) }
        try await parts.log.endEpoch(place.epoch, on: parts.database)
    }

    /// Makes somebody an administrator.
    /// - Throws: `.userNotFound`.
    public func appoint(_ name: String) async throws {
        try await change(name, "admin.appoint") { user, tx in try AdminStore.appoint(user, tx) }
    }

    /// Makes somebody an administrator no longer.
    /// - Throws: `.userNotFound`.
    public func dismiss(_ name: String) async throws {
        try await change(name, "admin.dismiss") { user, tx in try AdminStore.dismiss(user, tx) }
    }

    /// - Throws: `.userNotFound`.
    public func setTier(_ tier: Tier, of name: String) async throws {
        try await change(name, "user.tier") { user, tx in try AdminStore.setTier(tier, user, tx) }
    }

    /// Switches two-factor login off for somebody who has lost the phone and the backup codes.
    /// - Throws: `.userNotFound`, `.twoFactorNotEnabled`.
    public func resetTwoFactor(of name: String) async throws {
        try await change(name, "user.reset_two_factor") { user, tx in
            guard try TwoFactorStore.twoFactor(of: user, tx)?.isConfirmed == true else {
                throw APIError.twoFactorNotEnabled
            }
            try TwoFactorStore.delete(of: user, tx)
        }
    }

    public func accounts() async throws -> [Account] {
        try await parts.database.read { tx in try AdminStore.accounts(tx) }
    }

    public func administrators() async throws -> [Account] {
        try await parts.database.read { tx in try AdminStore.administrators(tx) }
    }

    /// - Parameter name: a user name or an e-mail address.
    private func change(
        _ name: String, _ action: String, _ body: @escaping @Sendable (UserID, Transaction) throws -> Void
    ) async throws {
        try await parts.database.write { tx in
            guard let account = try AccountStore.credentials(of: name, tx) else { throw APIError.userNotFound }
            try body(account.user, tx)
            let bots = try ApplicationStore.applications(of: account.user, tx).compactMap(\.bot)
            tx.changeStanding(of: [account.user] + bots)
            try SecurityLog.record(
                .adminAction, of: account.user, from: nil, with: ["action": .string(action)], parts, tx)
        }
    }
}
