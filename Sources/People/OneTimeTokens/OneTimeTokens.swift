import Crypto
import Database
import Foundation
import Kernel

/// Secrets that are given out to come back once: the challenges of a login's second step and of passkeys, the states of a
/// single sign-on, the links in e-mails.
///
/// A token is 32 random bytes in base64url; only its SHA-256 is stored.
struct OneTimeTokens: Sendable {
    enum Purpose: String, Sendable {
        case twoFactorLogin = "two_factor_login"
        case passkeyRegistration = "passkey_registration"
        case passkeyLogin = "passkey_login"
        case singleSignOn = "single_sign_on"
        case passwordReset = "password_reset"
        case emailVerification = "email_verification"
    }

    /// A token that was found to be good.
    struct Grant: Sendable {
        let user: UserID?
        let data: JSON
        /// How often it was tried before.
        let attempts: Int
    }

    let randomness: any Randomness

    /// - Parameter data: what is to be known when the token comes back.
    /// - Returns: the token, for the client's eyes only.
    func issue(
        _ purpose: Purpose, for user: UserID?, data: JSON = .null, lifetime: Duration, _ tx: Transaction
    ) throws -> String {
        let token = Base64URL.encode(randomness.bytes(32))
        try OneTimeTokenStore.insert(
            Self.hash(token), purpose, user: user, data: data, expiresAt: tx.now + lifetime, tx)
        return token
    }

    /// Gives out a token again that has come back.
    func reissue(_ token: String, _ purpose: Purpose, data: JSON, lifetime: Duration, _ tx: Transaction) throws {
        try OneTimeTokenStore.insert(
            Self.hash(token), purpose, user: nil, data: data, expiresAt: tx.now + lifetime, tx)
    }

    /// Takes a token back; it is of no use afterwards.
    /// - Returns: nil when it is unknown, used, of another purpose, or has run out.
    func redeem(_ token: String, for purpose: Purpose, _ tx: Transaction) throws -> Grant? {
        try OneTimeTokenStore.take(Self.hash(token), purpose, tx)
    }

    /// Looks at a token and counts that, so that a guess at what belongs to it can be made a few times only.
    /// - Returns: nil as above.
    func attempt(_ token: String, for purpose: Purpose, _ tx: Transaction) throws -> Grant? {
        try OneTimeTokenStore.attempt(Self.hash(token), purpose, tx)
    }

    /// Whether a token would be taken back.
    static func isGood(_ token: String, for purpose: Purpose, _ tx: Transaction) throws -> Bool {
        try OneTimeTokenStore.exists(Self.hash(token), purpose, tx)
    }

    /// Ends all tokens of a user for a purpose.
    static func withdraw(_ purpose: Purpose, of user: UserID, _ tx: Transaction) throws {
        try OneTimeTokenStore.deleteAll(purpose, of: user, tx)
    }

    private static func hash(_ token: String) -> [UInt8] { Array(SHA256.hash(data: Data(token.utf8))) }
}
