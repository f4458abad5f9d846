import Database
import Features
import Kernel

/// Proving again who one is, within a login, for what a stolen session must not do: making an export of one's data.
///
/// Who has no password uses a passkey, or logs in again at the provider, which begins a login that is young enough.
package struct Reauthentication: Sendable {
    let parts: Parts
    let accounts: Accounts
    let twoFactor: TwoFactor
    let passkeys: Passkeys

    /// What is proved with. A passkey makes both factors.
    package enum Proof: Sendable {
        case password(Password, code: String?)
        case passkey(PasskeyProof)
    }

    /// - Throws: `.invalidCredentials`; with a second factor `.invalidPasswordOrCode`; `.accountLocked`; `.expiredToken` for a
    ///   challenge that is unknown or used; `.moduleNotAvailable` for a passkey where there are none.
    package func prove(_ proof: Proof, by caller: Caller, from client: ClientInformation) async throws
        -> Reauthenticated
    {
        let confirm: @Sendable (Transaction) throws -> Void = { tx in
            guard try SessionStore.login(caller.login, tx) != nil else { throw APIError.invalidToken }
            try SessionStore.confirm(caller.login, tx)
        }
        switch proof {
        case .password(let password, let code):
            try await requirePassword(of: caller)
            try await twoFactor.prove(password: password, code: code, by: caller, from: client, confirm)
        case .passkey(let proof):
            try parts.configuration.require(.passkeys)
            try await passkeys.confirm(proof, by: caller, from: client, confirm)
        }
        return Reauthenticated(validUntil: parts.clock.now() + Accounts.freshness)
    }

    /// A young login counts as a proof elsewhere; here it would prolong itself for ever.
    private func requirePassword(of caller: Caller) async throws {
        let account = try await parts.database.read { tx in try AccountStore.credentials(of: caller.user, tx) }
        guard account?.passwordHash != nil else { throw APIError.invalidCredentials }
    }

    static let errors: [ErrorKind] = [
        .invalidCredentials, .invalidPasswordOrCode, .accountLocked, .expiredToken, .moduleNotAvailable,
    ]
}

/// `POST /auth/reauthenticate`.
package struct Reauthenticated: JSONObjectEncodable {
    package let validUntil: Timestamp

    package static let shape = JSONShape<Reauthenticated>("Reauthenticated", .field("valid_until", \.validUntil))
}
