import Database
import Features
import Kernel

/// What goes through a person's mailbox: a new password for a forgotten one, and the proof that an address is theirs.
///
/// No answer tells whether an address belongs to an account.
package struct Recovery: Sendable {
    static let resetLifetime = Duration.seconds(3600)
    static let verificationLifetime = Duration.seconds(86_400)

    let parts: Parts
    let accounts: Accounts
    let letters: Letters

    private func requireLetters() throws {
        guard letters.areSent else { throw APIError.moduleNotAvailable }
    }

    // MARK: Password

    /// The account is looked for in the background, so that the time of the answer does not tell either.
    /// - Throws: `.moduleNotAvailable` without a mail server.
    func requestReset(of email: String) async throws {
        try requireLetters()
        try await parts.database.write { tx in try letters.post(.resetLink, at: email, tx) }
    }

    /// Sets a new password, ends all sessions and removes all passkeys: whoever made the reset necessary may have made some.
    /// The second factor stays.
    /// - Throws: `.weakPassword`, which leaves the token as it is; `.expiredToken` for one that is unknown, used or old.
    func reset(_ token: String, to password: Password, from client: ClientInformation) async throws {
        try requireLetters()
        try PasswordPolicy.standard.check(password)
        // Guesses at tokens are not worth a hash.
        guard try await parts.database.read({ tx in try OneTimeTokens.isGood(token, for: .passwordReset, tx) }) else {
            throw APIError.expiredToken
        }
        let hash = try await accounts.hasher.hash(password)
        let user = try await parts.database.write { tx in
            guard let grant = try accounts.tokens.redeem(token, for: .passwordReset, tx), let id = grant.user else {
                throw APIError.expiredToken
            }
            let user = try UserStore.required(id, tx)
            try accounts.setPassword(hash, of: id, keeping: nil, because: .passwordReset, tx)
            try PasskeyStore.deleteAll(of: id, tx)
            try SecurityLog.record(.passwordReset, of: id, from: client, parts, tx)
            // Who has the letter has the address, if it is still the account's.
            if grant.data["email"] == .string(user.email) { try AccountStore.setEmailVerified(of: id, tx) }
            for name in [user.username, user.email] {
                try LoginAttempts.forgive(LoginAttempt(as: name, from: client), tx)
            }
            try letters.post(.passwordReset, to: user, tx)
            return user
        }
        accounts.sessions.forget(user.id)
    }

    // MARK: Address

    /// - Throws: `.moduleNotAvailable` without a mail server.
    func requestVerification(of email: String) async throws {
        try requireLetters()
        try await parts.database.write { tx in try letters.post(.verificationLink, at: email, tx) }
    }

    /// Has the first letter sent to a new account, if there is a mail server.
    func welcome(_ user: User, _ tx: Transaction) throws { try letters.post(.verificationLink, to: user, tx) }

    /// - Throws: `.expiredToken` also for a token that was sent to an address that is no longer the account's.
    func verify(_ token: String) async throws {
        try requireLetters()
        try await parts.database.write { tx in
            guard let grant = try accounts.tokens.redeem(token, for: .emailVerification, tx), let id = grant.user,
                let user = try UserStore.user(id, tx), grant.data["email"] == .string(user.email)
            else { throw APIError.expiredToken }
            try AccountStore.setEmailVerified(of: id, tx)
            try UserEvents.changedForSelf(id, tx)
        }
    }
}
