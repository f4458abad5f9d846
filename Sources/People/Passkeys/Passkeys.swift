import Database
import Features
import Foundation
import Kernel
import WebAuthn

/// Logging in with a device instead of a password (WebAuthn level 2, discoverable credentials).
///
/// A challenge is a one-time token, and is used up also by a response that is refused.
package struct Passkeys: Sendable {
    /// How long a browser may take over a ceremony, in seconds (WebAuthn level 2, section 15.1, for verified users).
    static let challengeLifetime_s = 300
    static let maximumPerUser = 20

    /// With what somebody shows once more who they are: a passkey counts as both factors, so that making and removing one
    /// takes both, where there are two.
    struct Proof: Sendable {
        let password: Password?
        let code: String?
    }

    let parts: Parts
    let accounts: Accounts
    let twoFactor: TwoFactor
    let letters: Letters

    // MARK: Making one

    /// - Throws: `.invalidCredentials`, or with a second factor `.invalidPasswordOrCode`; `.accountLocked`; `.invalidInput`
    ///   when the user has as many as one may have.
    func creationOptions(
        _ proof: Proof, for caller: Caller, from client: ClientInformation
    ) async throws -> PasskeyCreationOptions {
        let party = try relyingParty(for: client)
        return try await twoFactor.prove(
            password: proof.password, code: proof.code, by: caller, from: client
        ) { tx in
            let passkeys = try PasskeyStore.passkeys(of: caller.user, tx)
            try Self.requireRoom(besides: passkeys)
            let challenge = try accounts.tokens.issue(
                .passkeyRegistration, for: caller.user, lifetime: .seconds(Self.challengeLifetime_s), tx)
            return PasskeyCreationOptions(
                party: party, user: try UserStore.required(caller.user, tx), challenge: challenge, others: passkeys)
        }
    }

    private static func requireRoom(besides passkeys: [Passkey]) throws(APIError) {
        guard passkeys.count < maximumPerUser else {
            throw .invalidInput("credential", "you have \(maximumPerUser) passkeys already, which is the limit")
        }
    }

    /// - Throws: `.expiredToken` for a challenge that is unknown, somebody else's or used; `.invalidInput` for a
    ///   response that breaks a rule of the standard, and when the user has as many as one may have; `.alreadyExists`.
    func register(
        _ credential: NewPasskeyCredential, named name: String, by caller: Caller, from client: ClientInformation
    ) async throws -> Passkey {
        let party = try relyingParty(for: client)
        let challenge = credential.response.clientData.challenge
        let owner = try await redeem(challenge, for: .passkeyRegistration)
        guard owner == caller.user else { throw APIError.expiredToken }
        let verified = try Self.verify(credential, challenge, party)
        let id: PasskeyID = parts.ids.next()
        return try await parts.database.write { tx in
            if try PasskeyStore.passkey(withCredentialID: verified.id, tx) != nil { throw APIError.alreadyExists }
            try Self.requireRoom(besides: try PasskeyStore.passkeys(of: caller.user, tx))
            let passkey = Passkey(
                id: id, user: caller.user, credentialID: verified.id, publicKey: verified.publicKey,
                signCount: verified.signCount, transports: credential.transports, isBackedUp: verified.isBackedUp,
                name: name, createdAt: tx.now, lastUsedAt: nil)
            try PasskeyStore.insert(passkey, tx)
            try SecurityLog.record(
                .passkeyAdd, of: caller.user, from: client, session: caller.login, with: ["name": .string(name)], parts,
                tx)
            let user = try UserStore.required(caller.user, tx)
            try letters.post(.passkeyAdded, to: user, with: ["name": .string(name)], tx)
            return passkey
        }
    }

    private static func verify(
        _ credential: NewPasskeyCredential, _ challenge: String, _ party: RelyingParty
    ) throws(APIError) -> RelyingParty.RegisteredCredential {
        let verified: RelyingParty.RegisteredCredential
        do {
            verified = try party.verify(credential.response, challenge: challenge)
        } catch {
            throw .invalidInput("credential", "is refused: \(error)")
        }
        guard verified.id == credential.id else { throw .invalidInput("credential", "has another id than it says") }
        return verified
    }

    // MARK: Logging in

    /// What every browser is asked, whoever sits at it, so that nothing tells whether an account exists.
    func requestOptions(from client: ClientInformation) async throws -> PasskeyRequestOptions {
        let party = try relyingParty(for: client)
        return try await parts.database.write { tx in
            PasskeyRequestOptions(
                party: party,
                challenge: try accounts.tokens.issue(
                    .passkeyLogin, for: nil, lifetime: .seconds(Self.challengeLifetime_s), tx))
        }
    }

    /// Logs in. The authenticator has verified its user, which makes both factors.
    /// - Throws: `.expiredToken` for a challenge that is unknown or used; `.invalidCredentials`; `.emailNotVerified`.
    func logIn(_ proof: PasskeyProof, from client: ClientInformation) async throws -> LoginResult {
        let party = try relyingParty(for: client)
        let challenge = proof.response.clientData.challenge
        _ = try await redeem(challenge, for: .passkeyLogin)
        return try await accounts.enter(from: client, proving: .two) { tx in
            try Self.use(proof, challenge, party, tx)
        }
    }

    /// Lets somebody who is logged in prove with a passkey who they are, and does something in the same transaction.
    /// - Throws: `.expiredToken` for a challenge that is unknown or used; `.invalidCredentials` also for somebody else's.
    func confirm(
        _ proof: PasskeyProof, by caller: Caller, from client: ClientInformation,
        _ body: @escaping @Sendable (Transaction) throws -> Void
    ) async throws {
        let party = try relyingParty(for: client)
        let challenge = proof.response.clientData.challenge
        _ = try await redeem(challenge, for: .passkeyLogin)
        try await parts.database.write { tx in
            guard try Self.use(proof, challenge, party, tx) == caller.user else { throw APIError.invalidCredentials }
            try body(tx)
        }
    }

    /// - Returns: whose passkey it is.
    private static func use(
        _ proof: PasskeyProof, _ challenge: String, _ party: RelyingParty, _ tx: Transaction
    ) throws -> UserID {
        guard let passkey = try PasskeyStore.passkey(withCredentialID: proof.id, tx),
            proof.userHandle == PasskeyCreationOptions.handle(of: passkey.user),
            let verified = try? party.verify(
                proof.response, challenge: challenge, publicKey: passkey.publicKey, signCount: passkey.signCount)
        else { throw APIError.invalidCredentials }
        try PasskeyStore.use(passkey.id, signCount: verified.signCount, isBackedUp: verified.isBackedUp, tx)
        return passkey.user
    }

    /// In a transaction of its own, so that a challenge serves for one try, whatever comes of it.
    /// - Returns: the user whom it was issued for.
    private func redeem(_ challenge: String, for purpose: OneTimeTokens.Purpose) async throws -> UserID? {
        let grant = try await parts.database.write { tx in try accounts.tokens.redeem(challenge, for: purpose, tx) }
        guard let grant else { throw APIError.expiredToken }
        return grant.user
    }

    // MARK: The user's own list

    func list(of caller: Caller) async throws -> [Passkey] {
        try await parts.database.read { tx in try PasskeyStore.passkeys(of: caller.user, tx) }
    }

    /// - Throws: `.resourceNotFound` also for a passkey of somebody else.
    func rename(_ id: PasskeyID, to name: String, by caller: Caller) async throws -> Passkey {
        try await parts.database.write { tx in
            guard let passkey = try PasskeyStore.rename(id, of: caller.user, to: name, tx) else {
                throw APIError.resourceNotFound
            }
            return passkey
        }
    }

    /// Removes a passkey, after as much proof as making one takes: else a stolen session could lock its owner out.
    /// - Throws: as `creationOptions`; `.resourceNotFound` also for a passkey of somebody else.
    func delete(_ id: PasskeyID, _ proof: Proof, by caller: Caller, from client: ClientInformation) async throws {
        try await twoFactor.prove(
            password: proof.password, code: proof.code, by: caller, from: client
        ) { tx in
            guard try PasskeyStore.delete(id, of: caller.user, tx) else { throw APIError.resourceNotFound }
            try SecurityLog.record(
                .passkeyRemove, of: caller.user, from: client, session: caller.login, parts, tx)
            try letters.post(.passkeyRemoved, to: try UserStore.required(caller.user, tx), tx)
        }
    }

    // MARK: The site

    /// The instance's public address. One that has none works on the machine that it runs on, where browsers allow
    /// passkeys without HTTPS, and nowhere else: what a request calls the host is no proof of where it was made.
    /// - Throws: `.moduleNotAvailable`.
    private func relyingParty(for client: ClientInformation) throws(APIError) -> RelyingParty {
        let publicURL = parts.configuration.publicURL
        guard let site = WebOrigin(publicURL.isEmpty ? client.origin : publicURL),
            !publicURL.isEmpty || site.host == "localhost"
        else { throw .moduleNotAvailable }
        return RelyingParty(id: site.host, name: "Aviary", origins: [site.text])
    }
}
