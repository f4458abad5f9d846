import Database
import Features
import Kernel
import Logging
import OpenIDConnect

/// Logging in with an account somewhere else (OpenID Connect).
struct SingleSignOn: Sendable {
    /// How long a login may take at the provider.
    static let lifetime_s = 600

    let parts: Parts
    let accounts: Accounts
    let recovery: Recovery
    let providers: [String: OpenIDProvider]

    /// - Throws: `.resourceNotFound` for a provider that is not configured.
    private func provider(_ name: String) throws -> OpenIDProvider {
        guard let provider = providers[name] else { throw APIError.resourceNotFound }
        return provider
    }

    private func redirectURL(_ client: ClientInformation) -> String {
        let site = parts.configuration.publicURL
        return (site.isEmpty ? client.origin : site) + "/oauth/callback"
    }

    // MARK: The two halves

    /// Begins a login: where to send the browser, and what it has to come back with.
    /// - Throws: `.resourceNotFound`; `.serviceUnavailable` when the provider can't be reached.
    func begin(with name: String, from client: ClientInformation) async throws -> SingleSignOnStart {
        let provider = try provider(name)
        let random = { Base64URL.encode(parts.randomness.bytes(32)) }
        let (nonce, verifier) = (random(), random())
        let redirectURL = redirectURL(client)
        let state = try await parts.database.write { tx in
            try accounts.tokens.issue(
                .singleSignOn, for: nil,
                data: .object([
                    "provider": .string(name), "nonce": .string(nonce), "verifier": .string(verifier),
                    "redirect_url": .string(redirectURL),
                ]), lifetime: .seconds(Self.lifetime_s), tx)
        }
        let secrets = OpenIDProvider.Secrets(state: state, nonce: nonce, verifier: verifier)
        let url = try await asking(name) { try await provider.authorizationURL(secrets, redirectURL: redirectURL) }
        return SingleSignOnStart(authorizationURL: url, state: state)
    }

    /// Finishes a login with what the browser came back with.
    /// - Throws: `.expiredToken` for a state that is unknown, used, old or another provider's; `.invalidCredentials` when the
    ///   provider does not confirm it; `.emailTaken`, `.registrationClosed`; `.invalidInput` where an age is missing for a new
    ///   account, for which the state may come back once more, and `.ageRequirementNotMet`.
    func finish(
        with name: String, code: String, state: String, age: AgeStatement, from client: ClientInformation
    ) async throws -> LoginResult {
        let provider = try provider(name)
        let grant = try await parts.database.write { tx in
            try accounts.tokens.redeem(state, for: .singleSignOn, tx)
        }
        guard let data = grant?.data, data["provider"]?.string == name else { throw APIError.expiredToken }
        let identity = try await identity(in: data, at: provider, code: code, state: state)
        do {
            return try await accounts.enter(from: client, proving: .one) { tx in
                try account(of: identity, at: name, age, from: client, tx)
            }
        } catch let missing as AgeMissing {
            // The provider's code is used up: what it said has to be kept until the age comes.
            try await parts.database.write { tx in
                try accounts.tokens.reissue(
                    state, .singleSignOn, data: .object(["provider": .string(name), "identity": identity.json]),
                    lifetime: .seconds(Self.lifetime_s), tx)
            }
            throw missing.error
        }
    }

    /// Who has come back, as the provider says it or has said it before.
    private func identity(
        in data: JSON, at provider: OpenIDProvider, code: String, state: String
    ) async throws -> ExternalIdentity {
        if let known = data["identity"].flatMap(ExternalIdentity.init(json:)) { return known }
        guard let nonce = data["nonce"]?.string, let verifier = data["verifier"]?.string,
            let redirectURL = data["redirect_url"]?.string
        else { throw APIError.expiredToken }
        let secrets = OpenIDProvider.Secrets(state: state, nonce: nonce, verifier: verifier)
        return try await asking(provider.configuration.name) {
            try await provider.identity(code: code, secrets, redirectURL: redirectURL)
        }
    }

    /// What goes wrong at the provider is for the log; the client learns whether it is worth another try.
    private func asking<Result>(_ name: String, _ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch OpenIDConnectError.refused(let reason) {
            parts.logger.info("single sign-on refused", metadata: ["provider": "\(name)", "reason": "\(reason)"])
            throw APIError.invalidCredentials
        } catch OpenIDConnectError.providerUnavailable(let reason) {
            parts.logger.error("single sign-on fails", metadata: ["provider": "\(name)", "reason": "\(reason)"])
            throw APIError.serviceUnavailable
        }
    }

    // MARK: Whose account

    /// But for the case of letters of ASCII. Addresses that are folded alike belong to different people where their mail server says so.
    private static func isSame(_ one: String, _ other: String) -> Bool {
        func lowered(_ byte: UInt8) -> UInt8 { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte + 32 : byte }
        return one.utf8.lazy.map(lowered).elementsEqual(other.utf8.lazy.map(lowered))
    }

    /// The account of an identity, which is made or linked when there is none (docs/single-sign-on.md).
    private func account(
        of identity: ExternalIdentity, at provider: String, _ age: AgeStatement, from client: ClientInformation,
        _ tx: Transaction
    ) throws -> UserID {
        if let known = try SingleSignOnStore.user(of: identity, tx) { return known }
        guard let given = identity.email else {
            throw APIError.invalidInput("email", "is not among what the provider tells")
        }
        let email = try NameRules.email.value(of: .string(given), named: "email")
        let id: UserID
        if let owner = try UserStore.user(withEmail: email, tx) {
            // Only who has the address may have what is behind it, which one is not that only looks like it; an administrator's
            // account is worth more than that.
            guard identity.isEmailVerified, !owner.isAdmin, Self.isSame(email, owner.email) else {
                throw APIError.emailTaken
            }
            if !owner.emailVerified { try takeOver(owner, tx) }
            id = owner.id
            try SecurityLog.record(
                .oauthLink, of: id, from: client, with: ["provider": .string(provider)], parts, tx)
        } else {
            id = try register(identity, email, age, tx)
            if !identity.isEmailVerified { try recovery.welcome(try UserStore.required(id, tx), tx) }
            try SecurityLog.record(
                .register, of: id, from: client, with: ["provider": .string(provider)], parts, tx)
        }
        try SingleSignOnStore.link(identity, to: id, tx)
        return id
    }

    /// Whoever made this account has not shown that the address is theirs, and this person has. What the first one could come
    /// back with is removed, so that nobody can lie in wait with other people's addresses.
    private func takeOver(_ squatted: User, _ tx: Transaction) throws {
        try accounts.setPassword(
            AccountStore.withoutPassword, of: squatted.id, keeping: nil, because: .identityLinked, tx)
        try Sessions.takeTokens(ofBotsOf: squatted.id, tx)
        try TwoFactorStore.delete(of: squatted.id, tx)
        try PasskeyStore.deleteAll(of: squatted.id, tx)
        try SingleSignOnStore.unlinkAll(of: squatted.id, tx)
        try AccountStore.setEmailVerified(of: squatted.id, tx)
    }

    private func register(
        _ identity: ExternalIdentity, _ email: String, _ age: AgeStatement, _ tx: Transaction
    ) throws -> UserID {
        guard parts.configuration.registration == .open, !parts.configuration.disabledModules.contains(.registration)
        else { throw APIError.registrationClosed }
        let proof: AgeProof?
        do throws(APIError) {
            proof = try AgeGate(parts.configuration).check(age, at: tx.now)
        } catch {
            if error.kind == .invalidInput { throw AgeMissing(error: error) }
            throw error
        }
        let local = String(email.prefix { $0 != "@" })
        let wanted = ProviderUsername.proposal(from: identity.names + [local])
        // Counting would take long for a name that everybody has.
        let others = (2..<30).lazy.map { number in
            ProviderUsername.numbered(wanted, number < 10 ? number : Int(parts.randomness.next() % 1_000_000_000))
        }
        let id: UserID = parts.ids.next()
        let username = try AccountNames.firstFree(of: [[wanted], Array(others)].joined(), for: id, tx)
        try AccountStore.insert(
            id, username: username, email: email, passwordHash: AccountStore.withoutPassword, age: proof, tx)
        if identity.isEmailVerified { try AccountStore.setEmailVerified(of: id, tx) }
        return id
    }
}

/// A new account needs to know how old somebody is.
private struct AgeMissing: Error {
    let error: APIError
}

extension ExternalIdentity {
    fileprivate var json: JSON {
        .object([
            "issuer": .string(issuer), "subject": .string(subject), "email": email.map { .string($0) } ?? .null,
            "email_verified": .bool(isEmailVerified), "names": .array(names.map { .string($0) }),
        ])
    }

    fileprivate init?(json: JSON) {
        guard let issuer = json["issuer"]?.string, let subject = json["subject"]?.string else { return nil }
        self.init(
            issuer: issuer, subject: subject, email: json["email"]?.string,
            isEmailVerified: json["email_verified"]?.bool ?? false,
            names: (json["names"]?.array ?? []).compactMap(\.string))
    }
}

/// `GET /auth/oauth/{provider}/login`.
struct SingleSignOnStart: JSONObjectEncodable {
    let authorizationURL: String
    let state: String

    static let shape = JSONShape<SingleSignOnStart>(
        "SingleSignOnStart",
        .field("authorization_url", \.authorizationURL), .field("state", \.state),
        .field("expires_in") { _ in SingleSignOn.lifetime_s })
}
