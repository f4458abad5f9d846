import Foundation
import JWTKit
import Kernel
import Synchronization
import Testing

@testable import OpenIDConnect

/// A provider that answers from memory.
private final class FakeProvider: Transport {
    struct State {
        var keys: [JSON] = []
        var idToken = ""
        var userInfo: JSON?
        var issuer = "https://id.example.org"
        var asked: [String: Int] = [:]
        var lastForm: [String: String] = [:]
        var lastAuthorization: String?
        var methods = ["client_secret_basic"]
        /// Paths that answer with this status.
        var failures: [String: Int] = [:]
    }

    let state = Mutex(State())

    func send(
        to url: String, headers: [String: String], form: [(name: String, value: String)]?
    ) async throws -> (status: Int, body: [UInt8]) {
        let path = String(url.dropFirst("https://id.example.org".count))
        if let status = state.withLock({ $0.failures[path] }) { return (status, []) }
        let answer: JSON? = state.withLock { state in
            state.asked[path, default: 0] += 1
            switch path {
            case "/.well-known/openid-configuration":
                return .object([
                    "issuer": .string(state.issuer),
                    "authorization_endpoint": .string("https://id.example.org/authorize"),
                    "token_endpoint": .string("https://id.example.org/token"),
                    "userinfo_endpoint": .string("https://id.example.org/userinfo"),
                    "jwks_uri": .string("https://id.example.org/keys"),
                    "token_endpoint_auth_methods_supported": .array(state.methods.map { .string($0) }),
                ])
            case "/keys": return .object(["keys": .array(state.keys)])
            case "/token":
                state.lastForm = Dictionary(uniqueKeysWithValues: (form ?? []).map { ($0.name, $0.value) })
                state.lastAuthorization = headers["authorization"]
                return .object(["id_token": .string(state.idToken), "access_token": .string("access")])
            case "/userinfo": return state.userInfo
            default: return nil
            }
        }
        return answer.map { (200, $0.jsonBytes) } ?? (404, [])
    }
}

private struct Claims: JWTPayload {
    var iss = "https://id.example.org"
    var sub = "a1"
    var aud = ["aviary"]
    var azp: String?
    var exp = 1_800_000_300
    var iat = 1_800_000_000
    var nonce: String? = "nonce"
    var email: String? = "alice@example.org"
    var email_verified: Bool? = true

    func verify(using algorithm: some JWTAlgorithm) {}
}

@Suite("OpenID Connect")
struct OpenIDConnectTests {
    static let key = ES256PrivateKey()
    static let secrets = OpenIDProvider.Secrets(state: "state", nonce: "nonce", verifier: "verifier")
    private let fake = FakeProvider()
    private let clock = ManualClock(Timestamp(seconds: 1_800_000_100))

    static func publicKey(_ key: ES256PrivateKey, id: String?) throws -> JSON {
        let parameters = try #require(key.publicKey.parameters)
        let url = { (text: String) in
            JSON.string(text.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: ""))
        }
        var members: [String: JSON] = [
            "kty": .string("EC"), "crv": .string("P-256"), "x": url(parameters.x), "y": url(parameters.y),
        ]
        members["kid"] = id.map { .string($0) }
        return .object(members)
    }

    private func provider(secret: String? = "secret") -> OpenIDProvider {
        OpenIDProvider(
            ProviderConfiguration(
                name: "nest", issuer: "https://id.example.org", clientID: "aviary", clientSecret: secret),
            transport: fake, clock: clock)
    }

    private static func sign(_ claims: Claims, _ key: ES256PrivateKey = key, id: JWKIdentifier = "one") async throws
        -> String
    {
        let keys = JWTKeyCollection()
        await keys.add(ecdsa: key, kid: id)
        return try await keys.sign(claims, kid: id)
    }

    private func identity(_ token: String, _ provider: OpenIDProvider? = nil) async throws -> ExternalIdentity {
        fake.state.withLock { $0.idToken = token }
        return try await (provider ?? self.provider()).identity(
            code: "code", Self.secrets, redirectURL: "https://chat.example.org/oauth/callback")
    }

    @Test("the browser is sent to the provider with state, nonce and challenge")
    func authorization() async throws {
        let url = try await provider().authorizationURL(
            Self.secrets, redirectURL: "https://chat.example.org/oauth/callback")
        #expect(
            url == "https://id.example.org/authorize?response_type=code&client_id=aviary"
                + "&redirect_uri=https%3A%2F%2Fchat.example.org%2Foauth%2Fcallback&scope=openid%20profile%20email&state=state"
                + "&nonce=nonce&code_challenge=iMnq5o6zALKXGivsnlom_0F5_WYda32GHkxlV7mq7hQ&code_challenge_method=S256")
    }

    @Test("a good token tells who it is")
    func good() async throws {
        let key = try Self.publicKey(Self.key, id: "one")
        fake.state.withLock { $0.keys = [key] }
        let identity = try await identity(try await Self.sign(Claims()))
        #expect(
            identity
                == ExternalIdentity(
                    issuer: "https://id.example.org", subject: "a1", email: "alice@example.org", isEmailVerified: true,
                    names: []))
        let (form, authorization) = fake.state.withLock { ($0.lastForm, $0.lastAuthorization) }
        #expect(form["code_verifier"] == "verifier")
        #expect(form["client_secret"] == nil)
        #expect(authorization == "Basic " + Data("aviary:secret".utf8).base64EncodedString())
    }

    @Test("claims that are not what they must be are refused")
    func claims() async throws {
        let key = try Self.publicKey(Self.key, id: "one")
        fake.state.withLock { $0.keys = [key] }
        let changes: [(inout Claims) -> Void] = [
            { $0.iss = "https://evil.example.org" }, { $0.aud = ["other"] }, { $0.aud = [] },
            { $0.aud = ["aviary", "other"] }, { $0.azp = "other" }, { $0.exp = 1_800_000_039 },
            { $0.iat = 1_800_000_161 },
            { $0.nonce = "other" }, { $0.nonce = nil }, { $0.sub = "" },
            { $0.sub = String(repeating: "x", count: 256) },
        ]
        for (index, change) in changes.enumerated() {
            var claims = Claims()
            change(&claims)
            let token = try await Self.sign(claims)
            await #expect(throws: OpenIDConnectError.self, "\(index)") { try await identity(token) }
        }
        var several = Claims()
        several.aud = ["aviary", "other"]
        several.azp = "aviary"
        #expect(try await identity(try await Self.sign(several)).subject == "a1")
    }

    @Test("only signatures with the provider's public keys count")
    func signatures() async throws {
        let key = try Self.publicKey(Self.key, id: "one")
        fake.state.withLock { $0.keys = [key] }
        let good = try await Self.sign(Claims())
        let parts = good.split(separator: ".").map(String.init)
        let encode = { (text: String) in
            Data(text.utf8).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing(
                "=", with: "")
        }
        let hmac = JWTKeyCollection()
        let publicKey = try #require(Self.key.publicKey.parameters)
        await hmac.add(hmac: HMACKey(from: publicKey.x), digestAlgorithm: .sha256, kid: "one")
        let tokens = [
            encode(#"{"alg":"none"}"#) + ".\(parts[1]).", encode(#"{"alg":"NONE"}"#) + ".\(parts[1]).\(parts[2])",
            try await hmac.sign(Claims(), kid: "one"), try await Self.sign(Claims(), ES256PrivateKey()),
            "\(parts[0]).\(encode("{}")).\(parts[2])", "\(parts[0]).\(parts[1]).", "\(parts[0]).\(parts[1])", "", "..",
            "a.b.c",
            encode(#"{"alg":"RS256","kid":"one"}"#) + ".\(parts[1]).\(parts[2])",
        ]
        for (index, token) in tokens.enumerated() {
            await #expect(throws: OpenIDConnectError.self, "\(index)") { try await identity(token) }
        }
    }

    @Test("a new key is looked for, but not more than once a minute; a key needs no name")
    func rotation() async throws {
        let (provider, newKey) = (provider(), ES256PrivateKey())
        let key = try Self.publicKey(Self.key, id: nil)
        fake.state.withLock { $0.keys = [key] }
        _ = try await identity(try await Self.sign(Claims()), provider)
        let token = try await Self.sign(Claims(), newKey, id: "two")
        for _ in 0..<5 { await #expect(throws: OpenIDConnectError.self) { try await identity(token, provider) } }
        #expect(fake.state.withLock { $0.asked["/keys"] } == 1)
        let second = try Self.publicKey(newKey, id: "two")
        fake.state.withLock { $0.keys.append(second) }
        clock.advance(by: .seconds(60))
        #expect(try await identity(token, provider).subject == "a1")
        #expect(fake.state.withLock { $0.asked["/keys"] } == 2)
    }

    @Test("many logins at once ask for the provider's papers once")
    func sharing() async throws {
        let provider = provider()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                group.addTask { _ = try await provider.authorizationURL(Self.secrets, redirectURL: "https://x.org") }
            }
            try await group.waitForAll()
        }
        #expect(fake.state.withLock { $0.asked["/.well-known/openid-configuration"] } == 1)
    }

    @Test("a provider that calls itself otherwise is none")
    func issuer() async {
        fake.state.withLock { $0.issuer = "https://other.example.org" }
        await #expect(throws: OpenIDConnectError.self) {
            try await provider().authorizationURL(Self.secrets, redirectURL: "https://x.org")
        }
    }

    @Test(
        "an issuer without TLS is refused, unless it is this machine",
        arguments: ["http://id.example.org", "ftp://x", "x"])
    func unsafeIssuer(issuer: String) async {
        let provider = OpenIDProvider(
            ProviderConfiguration(name: "x", issuer: issuer, clientID: "x", clientSecret: nil), transport: fake,
            clock: clock)
        await #expect(throws: OpenIDConnectError.self) {
            try await provider.authorizationURL(Self.secrets, redirectURL: "https://x.org")
        }
        #expect(fake.state.withLock { $0.asked.isEmpty })
    }

    @Test("what the token leaves out is asked for, and only the same person's answer counts")
    func userInfo() async throws {
        let key = try Self.publicKey(Self.key, id: "one")
        fake.state.withLock { $0.keys = [key] }
        var claims = Claims()
        (claims.email, claims.email_verified) = (nil, nil)
        let token = try await Self.sign(claims)
        let info = { (subject: String) -> JSON in
            .object([
                "sub": .string(subject), "email": .string("alice@example.org"), "email_verified": .string("true"),
                "name": .string("Alice"),
            ])
        }
        fake.state.withLock { $0.userInfo = info("a1") }
        let alice = try await identity(token)
        #expect(alice.email == "alice@example.org")
        #expect(alice.isEmailVerified)
        #expect(alice.names == ["Alice"])
        fake.state.withLock { $0.userInfo = info("other") }
        #expect(try await identity(token).email == nil)
    }

    @Test("the secret goes into the form for providers that take it nowhere else")
    func secretInForm() async throws {
        let key = try Self.publicKey(Self.key, id: "one")
        fake.state.withLock {
            $0.keys = [key]
            $0.methods = ["client_secret_post"]
        }
        _ = try await identity(try await Self.sign(Claims()))
        #expect(fake.state.withLock { $0.lastForm["client_secret"] } == "secret")
        #expect(fake.state.withLock { $0.lastAuthorization } == nil)
    }

    private static func isUnavailable(_ error: (any Error)?) -> Bool {
        if case OpenIDConnectError.providerUnavailable? = error { true } else { false }
    }

    @Test("a provider in trouble is told from a login that it refuses", arguments: ["/token", "/userinfo", "/keys"])
    func trouble(path: String) async throws {
        let key = try Self.publicKey(Self.key, id: "one")
        fake.state.withLock { $0.keys = [key] }
        var claims = Claims()
        claims.email = nil
        let token = try await Self.sign(claims)
        for status in [500, 503, 429] {
            fake.state.withLock { $0.failures[path] = status }
            let error = await #expect(throws: OpenIDConnectError.self) { try await identity(token) }
            #expect(Self.isUnavailable(error), "\(status)")
        }
        fake.state.withLock { $0.failures = ["/token": 400] }
        let refused = await #expect(throws: OpenIDConnectError.self) { try await identity(token) }
        #expect(!Self.isUnavailable(refused))
    }

    @Test("a provider whose keys can't be had for a moment keeps those that are known")
    func lostKeys() async throws {
        let provider = provider()
        let key = try Self.publicKey(Self.key, id: "one")
        fake.state.withLock { $0.keys = [key] }
        let token = try await Self.sign(Claims())
        _ = try await identity(token, provider)
        fake.state.withLock { $0.failures["/keys"] = 503 }
        clock.advance(by: .seconds(60))
        let unknown = try await Self.sign(Claims(), ES256PrivateKey(), id: "two")
        await #expect(throws: OpenIDConnectError.self) { try await identity(unknown, provider) }
        #expect(try await identity(token, provider).subject == "a1")
    }

    @Test("an address is not verified by what the token says of another")
    func mixedDocuments() async throws {
        let key = try Self.publicKey(Self.key, id: "one")
        fake.state.withLock {
            $0.keys = [key]
            $0.userInfo = .object(["sub": .string("a1"), "email": .string("alice@example.org")])
        }
        var claims = Claims()
        claims.email = nil
        let identity = try await identity(try await Self.sign(claims))
        #expect(identity.email == "alice@example.org")
        #expect(!identity.isEmailVerified)
    }
}
