import Database
import Events
import Features
import Foundation
import Kernel

/// The second factor of a login: codes of an authenticator app, and backup codes.
package struct TwoFactor: Sendable {
    /// So many wrong codes end a challenge.
    static let maximumAttempts = 5

    let parts: Parts
    let accounts: Accounts

    func status(of caller: Caller) async throws -> TwoFactorStatus {
        try await parts.database.read { tx in
            let isEnabled = try TwoFactorStore.twoFactor(of: caller.user, tx)?.isConfirmed ?? false
            return TwoFactorStatus(
                isEnabled: isEnabled,
                backupCodesRemaining: isEnabled ? try TwoFactorStore.backupCodeCount(of: caller.user, tx) : 0)
        }
    }

    // MARK: Switching it on and off

    /// Begins a setup, which counts once it is confirmed with a code.
    /// - Throws: `.invalidCredentials`, `.accountLocked`, `.twoFactorAlreadyEnabled`.
    func enable(
        password: Password?, by caller: Caller, from client: ClientInformation
    ) async throws -> TwoFactorSetup {
        let isOn = try await status(of: caller).isEnabled
        if isOn { throw APIError.twoFactorAlreadyEnabled }
        let account = try await accounts.confirm(password, of: caller, from: client)
        let code = TimeBasedCode(secret: parts.randomness.bytes(TimeBasedCode.secret_bytes))
        let backupCodes = (0..<BackupCode.count).map { _ in BackupCode.make(parts.randomness) }
        try await parts.database.write { tx in
            try Accounts.requireUnchanged(account, tx)
            if try TwoFactorStore.twoFactor(of: caller.user, tx)?.isConfirmed == true {
                throw APIError.twoFactorAlreadyEnabled
            }
            try TwoFactorStore.begin(
                code, backupCodes: backupCodes.map { BackupCode.hash($0.text, of: caller.user) }, of: caller.user, tx)
        }
        let issuer = URL(string: parts.configuration.publicURL)?.host ?? "Aviary"
        return TwoFactorSetup(
            secret: Base32.encode(code.secret), uri: code.uri(issuer: issuer, account: account.username),
            backupCodes: backupCodes.map(\.text))
    }

    /// Switches it on, once a code shows that the app has the secret.
    /// - Throws: `.sixDigitCodeRequired`, `.twoFactorNotStarted`, `.twoFactorAlreadyEnabled`, `.invalidCode`.
    func confirm(_ code: String, by caller: Caller, from client: ClientInformation) async throws {
        guard code.utf8.count == TimeBasedCode.digits, code.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw APIError.sixDigitCodeRequired
        }
        try await parts.database.write { tx in
            guard let setup = try TwoFactorStore.twoFactor(of: caller.user, tx) else {
                throw APIError.twoFactorNotStarted
            }
            guard !setup.isConfirmed else { throw APIError.twoFactorAlreadyEnabled }
            guard let step = setup.code.step(of: code, at: tx.now, after: setup.lastStep) else {
                throw APIError.invalidCode
            }
            try TwoFactorStore.use(step, of: caller.user, tx)
            try TwoFactorStore.confirm(of: caller.user, tx)
            try SecurityLog.record(
                .twoFactorEnable, of: caller.user, from: client, session: caller.login, parts, tx)
            try UserEvents.changedForSelf(caller.user, tx)
        }
    }

    /// - Throws: `.twoFactorNotEnabled`, `.invalidPasswordOrCode`, `.accountLocked`.
    func disable(
        password: Password?, code: String, by caller: Caller, from client: ClientInformation
    ) async throws {
        guard try await status(of: caller).isEnabled else { throw APIError.twoFactorNotEnabled }
        try await prove(password: password, code: code, by: caller, from: client) { tx in
            try TwoFactorStore.delete(of: caller.user, tx)
            try SecurityLog.record(
                .twoFactorDisable, of: caller.user, from: client, session: caller.login, parts, tx)
            try UserEvents.changedForSelf(caller.user, tx)
        }
    }

    /// Lets somebody prove with all that they have who they are, and does something in the same transaction.
    /// - Throws: `.accountLocked`; `.invalidPasswordOrCode`, or `.invalidCredentials` for one without a second factor; what
    ///   `body` throws.
    package func prove<Value: Sendable>(
        password: Password?, code: String?, by caller: Caller, from client: ClientInformation,
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        let hasTwoFactor = try await status(of: caller).isEnabled
        let account: AccountCredentials
        do {
            account = try await accounts.confirm(password, of: caller, from: client)
        } catch let error as APIError where error.kind == .invalidCredentials && hasTwoFactor {
            throw APIError.invalidPasswordOrCode
        }
        let attempt = LoginAttempt(as: account.username, from: client)
        // A refusal is returned, not thrown, so that what was counted stays.
        let result: Result<Value, APIError> = try await parts.database.write { tx in
            try Accounts.requireUnchanged(account, tx)
            if try TwoFactorStore.twoFactor(of: caller.user, tx)?.isConfirmed == true {
                try LoginAttempts.requireUnlocked(attempt, by: caller.user, tx)
                guard try use(code ?? "", of: caller.user, from: client, tx) else {
                    try LoginAttempts.fail(attempt, by: caller.user, tx)
                    try accounts.noteFailure(attempt, of: caller.user, from: client, tx)
                    return .failure(.invalidPasswordOrCode)
                }
            }
            return .success(try body(tx))
        }
        return try result.get()
    }

    // MARK: Login

    /// The second step of a login.
    /// - Throws: `.invalidCode`, `.accountLocked`; `.expiredToken` also for a challenge that is unknown, was used, or had too
    ///   many wrong codes.
    func complete(_ challenge: String, code: String, from client: ClientInformation) async throws -> LoginResult {
        let (user, result): (UserID?, Result<LoginResult, APIError>) = try await parts.database.write { tx in
            guard let grant = try accounts.tokens.attempt(challenge, for: .twoFactorLogin, tx), let user = grant.user,
                let attempt = Self.attempt(grant, from: client)
            else { return (nil, .failure(.expiredToken)) }
            // Else challenges that were collected before the lock would be worth five guesses each.
            try LoginAttempts.requireUnlocked(attempt, by: user, tx)
            guard try use(code, of: user, from: client, tx) else {
                try LoginAttempts.fail(attempt, by: user, tx)
                try accounts.noteFailure(attempt, of: user, from: client, tx)
                if grant.attempts + 1 >= Self.maximumAttempts {
                    _ = try accounts.tokens.redeem(challenge, for: .twoFactorLogin, tx)
                }
                return (user, .failure(.invalidCode))
            }
            _ = try accounts.tokens.redeem(challenge, for: .twoFactorLogin, tx)
            return (user, try accounts.enter(user, from: client, proving: .two, attempt: attempt, tx))
        }
        if let user { accounts.sessions.forget(user) }
        return accounts.announced(try result.get(), from: client)
    }

    private static func attempt(_ grant: OneTimeTokens.Grant, from client: ClientInformation) -> LoginAttempt? {
        grant.data["name"]?.string.flatMap(Base64URL.decode).map {
            LoginAttempt(nameHash: $0, from: client)
        }
    }

    /// Whether a code of either kind is right; it is used up then.
    private func use(
        _ code: String, of user: UserID, from client: ClientInformation, _ tx: Transaction
    ) throws -> Bool {
        guard let stored = try TwoFactorStore.twoFactor(of: user, tx), stored.isConfirmed else { return false }
        let digits = code.filter { $0 != " " }
        if digits.count == TimeBasedCode.digits {
            guard let step = stored.code.step(of: digits, at: tx.now, after: stored.lastStep) else { return false }
            try TwoFactorStore.use(step, of: user, tx)
            return true
        }
        guard try TwoFactorStore.takeBackupCode(BackupCode.hash(code, of: user), of: user, tx) else { return false }
        let left = try TwoFactorStore.backupCodeCount(of: user, tx)
        try SecurityLog.record(
            .backupCodeUse, of: user, from: client, with: ["codes_left": .integer(Int64(left))], parts, tx)
        return true
    }
}

/// `GET /auth/2fa/status`.
struct TwoFactorStatus: JSONObjectEncodable {
    let isEnabled: Bool
    let backupCodesRemaining: Int

    static let shape = JSONShape<TwoFactorStatus>(
        "TwoFactorStatus", .field("enabled", \.isEnabled), .field("backup_codes_remaining", \.backupCodesRemaining))
}

/// What is shown once, at the setup.
struct TwoFactorSetup: JSONObjectEncodable {
    let secret: String
    let uri: String
    let backupCodes: [String]

    static let shape = JSONShape<TwoFactorSetup>(
        "TwoFactorSetup",
        .field("secret", \.secret), .field("qr_uri", \.uri), .field("backup_codes", \.backupCodes))
}
