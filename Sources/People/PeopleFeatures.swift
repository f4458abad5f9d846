import Features
import Mail
import OpenIDConnect

/// What this room has: accounts, and how one proves to be somebody.
package struct PeopleFeatures: Sendable {
    package let sessions: Sessions
    package let accounts: Accounts
    package let users: Users
    package let securityLog: SecurityLog
    package let twoFactor: TwoFactor
    package let recovery: Recovery
    package let reauthentication: Reauthentication
    package let letters: Letters
    /// In the order in which an account is taken apart: logins end before the bots go that they belong to.
    package let all: [any Feature]

    /// - Parameters:
    ///   - mailer: nil when there is no server for outgoing mail.
    ///   - providers: where people can log in besides.
    package init(_ parts: Parts, hasher: PasswordHasher, mailer: (any Mailer)?, providers: [OpenIDProvider]) {
        sessions = Sessions(parts)
        let tokens = OneTimeTokens(randomness: parts.randomness)
        letters = Letters(parts: parts, tokens: tokens, mailer: mailer)
        accounts = Accounts(parts: parts, hasher: hasher, sessions: sessions, tokens: tokens)
        twoFactor = TwoFactor(parts: parts, accounts: accounts)
        recovery = Recovery(parts: parts, accounts: accounts, letters: letters)
        securityLog = SecurityLog(parts: parts, letters: letters)
        users = Users(parts: parts, accounts: accounts, letters: letters)
        let passkeys = Passkeys(parts: parts, accounts: accounts, twoFactor: twoFactor, letters: letters)
        let singleSignOn = SingleSignOn(
            parts: parts, accounts: accounts, recovery: recovery,
            providers: Dictionary(uniqueKeysWithValues: providers.map { ($0.configuration.name, $0) }))
        reauthentication = Reauthentication(
            parts: parts, accounts: accounts, twoFactor: twoFactor, passkeys: passkeys)
        all = [
            securityLog, accounts, tokens, letters, twoFactor, passkeys, singleSignOn,
            PasswordReset(recovery: recovery),
            EmailVerification(recovery: recovery), sessions, reauthentication,
            users, UserSettings(parts: parts),
            UserNotes(parts: parts), Applications(parts: parts, sessions: sessions),
        ]
    }
}
