import Crypto
import Foundation
import Kernel

/// A provider of identities, asked by the authorization code flow with PKCE (OpenID Connect Core 1.0, section 3.1; RFC 7636).
///
/// An actor, so that many logins at once fetch what they need to know of the provider only once.
public actor OpenIDProvider {
    /// What the server remembers of a login between its two halves.
    public struct Secrets: Sendable {
        public let state: String
        public let nonce: String
        public let verifier: String

        public init(state: String, nonce: String, verifier: String) {
            self.state = state
            self.nonce = nonce
            self.verifier = verifier
        }
    }

    /// What the provider says of itself (OpenID Connect Discovery 1.0, section 3).
    private struct Metadata {
        let authorizationEndpoint: String
        let tokenEndpoint: String
        let userInfoEndpoint: String?
        let keysURL: String
        /// Whether the secret has to go into the form, because the provider does not take it in a header.
        let wantsSecretInForm: Bool
    }

    private static let metadataLifetime = Duration.seconds(3600)
    /// An unknown key makes us look for newer ones at most this often.
    private static let keyInterval = Duration.seconds(60)

    public nonisolated let configuration: ProviderConfiguration
    private let transport: any Transport
    private let clock: any WallClock
    private var metadata: (value: Task<Metadata, any Error>, at: Timestamp)?
    private var keys: (value: Task<[JSON], any Error>, at: Timestamp)?

    public init(_ configuration: ProviderConfiguration, transport: any Transport, clock: any WallClock) {
        self.configuration = configuration
        self.transport = transport
        self.clock = clock
    }

    // MARK: The two halves

    /// Where the browser is sent.
    /// - Throws: `OpenIDConnectError.providerUnavailable`.
    public func authorizationURL(_ secrets: Secrets, redirectURL: String) async throws -> String {
        let challenge = Base64URL.encode(Array(SHA256.hash(data: Data(secrets.verifier.utf8))))
        let endpoint = try await discover().authorizationEndpoint
        let query = FormEncoding.encode([
            ("response_type", "code"), ("client_id", configuration.clientID), ("redirect_uri", redirectURL),
            ("scope", configuration.scopes), ("state", secrets.state), ("nonce", secrets.nonce),
            ("code_challenge", challenge), ("code_challenge_method", "S256"),
        ])
        return endpoint + (endpoint.contains("?") ? "&" : "?") + query
    }

    /// Exchanges the code that the browser came back with.
    /// - Throws: `OpenIDConnectError`.
    public func identity(code: String, _ secrets: Secrets, redirectURL: String) async throws -> ExternalIdentity {
        let answer = try await exchange(code, secrets, redirectURL)
        guard let token = answer["id_token"]?.string else {
            throw OpenIDConnectError.refused("the provider gave no ID token")
        }
        let idToken = try await verified(token, nonce: secrets.nonce)
        let claims = try await complete(idToken.claims, accessToken: answer["access_token"]?.string)
        return ExternalIdentity(
            issuer: configuration.issuer, subject: claims["sub"]?.string ?? "", email: claims["email"]?.string,
            // Some providers send the word instead of the value.
            isEmailVerified: claims["email_verified"] == .bool(true) || claims["email_verified"] == .string("true"),
            names: ["preferred_username", "nickname", "name"].compactMap { claims[$0]?.string })
    }

    // MARK: Steps

    private func exchange(_ code: String, _ secrets: Secrets, _ redirectURL: String) async throws -> JSON {
        let metadata = try await discover()
        var form = [
            (name: "grant_type", value: "authorization_code"), (name: "code", value: code),
            (name: "redirect_uri", value: redirectURL), (name: "code_verifier", value: secrets.verifier),
        ]
        var headers: [String: String] = [:]
        if let secret = configuration.clientSecret, !metadata.wantsSecretInForm {
            // RFC 6749, section 2.3.1: both are form-encoded before they are joined.
            let pair = FormEncoding.encode(configuration.clientID) + ":" + FormEncoding.encode(secret)
            headers["authorization"] = "Basic " + Data(pair.utf8).base64EncodedString()
        } else {
            form.append((name: "client_id", value: configuration.clientID))
            if let secret = configuration.clientSecret { form.append((name: "client_secret", value: secret)) }
        }
        let (status, body) = try await reach(metadata.tokenEndpoint, headers: headers, form: form)
        try Self.requireWorking(status, metadata.tokenEndpoint)
        guard status == 200, let json = try? JSONParser.parse(body) else {
            throw OpenIDConnectError.refused("the provider answered the code with status \(status)")
        }
        return json
    }

    private func verified(_ token: String, nonce: String) async throws -> IDToken {
        let expectation = IDToken.Expectation(
            issuer: configuration.issuer, clientID: configuration.clientID, nonce: nonce, now: clock.now())
        do {
            return try await IDToken(verifying: token, keys: try await signingKeys(), expectation)
        } catch is IDToken.UnknownKey {
            // The provider may have changed its keys since.
            do {
                return try await IDToken(
                    verifying: token, keys: try await newerSigningKeys(), expectation)
            } catch is IDToken.UnknownKey {
                throw OpenIDConnectError.refused("the ID token is not signed by the provider")
            }
        }
    }

    /// What is the provider's fault must not look like the person's.
    private static func requireWorking(_ status: Int, _ url: String) throws {
        guard status < 500, status != 429 else {
            throw OpenIDConnectError.providerUnavailable("\(url) answered with status \(status)")
        }
    }

    /// Adds what the provider tells of the person only when it is asked (OpenID Connect Core 1.0, section 5.3).
    private func complete(_ claims: JSON, accessToken: String?) async throws -> JSON {
        guard claims["email"] == nil, let endpoint = try await discover().userInfoEndpoint, let accessToken else {
            return claims
        }
        let (status, body) = try await reach(endpoint, headers: ["authorization": "Bearer \(accessToken)"])
        try Self.requireWorking(status, endpoint)
        guard status == 200, let more = try? JSONParser.parse(body), more["sub"] == claims["sub"] else { return claims }
        var own = claims.object ?? [:]
        // Whether an address is verified is said of the address beside it, not of another document's.
        own["email_verified"] = nil
        return .object((more.object ?? [:]).merging(own) { _, own in own })
    }

    // MARK: What is known of the provider

    /// A moment that the clock has not reached any more, because it was set back, is too long ago.
    private static func isYounger(_ moment: Timestamp, than age: Duration, _ now: Timestamp) -> Bool {
        moment <= now && now - moment < age
    }

    private func discover() async throws -> Metadata {
        let now = clock.now()
        if let metadata, Self.isYounger(metadata.at, than: Self.metadataLifetime, now) {
            return try await metadata.value.value
        }
        let task = Task { try await fetchMetadata() }
        metadata = (task, now)
        do {
            return try await task.value
        } catch {
            if metadata?.value == task { metadata = nil }
            throw error
        }
    }

    private func fetchMetadata() async throws -> Metadata {
        let issuer = configuration.issuer
        try Self.requireSafe(issuer)
        let base = issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer
        let json = try await document(base + "/.well-known/openid-configuration")
        // Else one provider could speak for another (Discovery, section 4.3).
        guard json["issuer"]?.string == issuer else {
            throw OpenIDConnectError.providerUnavailable(
                "\(issuer) calls itself \(json["issuer"]?.string ?? "nothing")")
        }
        guard let authorization = json["authorization_endpoint"]?.string, let token = json["token_endpoint"]?.string,
            let keys = json["jwks_uri"]?.string
        else { throw OpenIDConnectError.providerUnavailable("\(issuer) does not say where its endpoints are") }
        let userInfo = json["userinfo_endpoint"]?.string
        for url in [authorization, token, keys] + (userInfo.map { [$0] } ?? []) { try Self.requireSafe(url) }
        let methods = (json["token_endpoint_auth_methods_supported"]?.array ?? []).compactMap(\.string)
        return Metadata(
            authorizationEndpoint: authorization, tokenEndpoint: token, userInfoEndpoint: userInfo, keysURL: keys,
            wantsSecretInForm: methods.contains("client_secret_post") && !methods.contains("client_secret_basic"))
    }

    private func signingKeys() async throws -> [JSON] { try await signingKeys(youngerThan: Self.metadataLifetime) }

    /// Those that the provider may have taken since the known ones were asked for.
    private func newerSigningKeys() async throws -> [JSON] { try await signingKeys(youngerThan: Self.keyInterval) }

    private func signingKeys(youngerThan lifetime: Duration) async throws -> [JSON] {
        let now = clock.now()
        if let keys, Self.isYounger(keys.at, than: lifetime, now) { return try await keys.value.value }
        let (previous, task) = (keys, Task { try await document(try await discover().keysURL)["keys"]?.array ?? [] })
        keys = (task, now)
        do {
            return try await task.value
        } catch {
            // A provider that is away for a moment still has the keys that it had.
            if keys?.value == task { keys = previous.map { ($0.value, now) } }
            throw error
        }
    }

    private func document(_ url: String) async throws -> JSON {
        let (status, body) = try await reach(url)
        guard status == 200, let json = try? JSONParser.parse(body) else {
            throw OpenIDConnectError.providerUnavailable("\(url) answered with status \(status)")
        }
        return json
    }

    private func reach(
        _ url: String, headers: [String: String] = [:], form: [(name: String, value: String)]? = nil
    ) async throws -> (status: Int, body: [UInt8]) {
        do {
            return try await transport.send(to: url, headers: headers, form: form)
        } catch {
            throw OpenIDConnectError.providerUnavailable("\(url) can't be reached: \(error)")
        }
    }

    /// Secrets and identities travel over TLS, unless they never leave the machine.
    private static func requireSafe(_ url: String) throws {
        let parts = URLComponents(string: url)
        let isLocal = ["localhost", "127.0.0.1", "::1", "[::1]"].contains(parts?.host ?? "")
        guard parts?.scheme == "https" || (parts?.scheme == "http" && isLocal) else {
            throw OpenIDConnectError.providerUnavailable("\(url) is not an https address")
        }
    }
}
