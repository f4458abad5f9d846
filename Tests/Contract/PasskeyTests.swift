import Client
import Foundation
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

/// Passkeys, with clients that others have written: Yubico's fido2 library and Chromium.
@Suite("Passkeys")
struct PasskeyTests {
    /// ES256 and EdDSA (RFC 9053, section 2).
    static let algorithms = ["-7", "-8"]

    @Test("a passkey is made, used, listed, renamed and removed", arguments: DatabaseKind.allCases, algorithms)
    func life(kind: DatabaseKind, algorithm: String) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            // A passkey makes both factors: making and removing it takes a code, logging in with it does not.
            let codes = try await alice.turnsOnTwoFactor().backupCodes
            let seen = try await Self.run(
                "passkey_client.py", [server.localhost, alice.token, Person.password, algorithm] + codes)

            let options = seen["options"]
            #expect(options?["rp"] == ["id": "localhost", "name": "Aviary"])
            #expect(options?["user"]?["name"] == "alice")
            #expect(options?["pubKeyCredParams"]?.array?.compactMap { $0["alg"]?.integer } == [-8, -7])
            #expect(options?["attestation"] == "none")
            #expect(options?["excludeCredentials"] == [])
            #expect(options?["authenticatorSelection"]?["userVerification"] == "required")

            let made = seen["made"]
            #expect(made?.keys == ["id", "name", "created_at", "last_used_at", "backed_up"])
            #expect(made?["name"] == "Key ring")
            #expect(made?["last_used_at"] == .null)
            #expect(made?["backed_up"] == false)

            #expect(seen["login"]?["status"] == "success")
            #expect(seen["login"]?["user"]?["id"]?.string == alice.id)
            #expect(seen["login"]?["user"]?["totp_enabled"] == true)
            let token = try #require(seen["login"]?["token"]?.string)
            #expect(try await server.send(.GET, "/users/@me", token: token).json["username"] == "alice")

            #expect(seen["listed"]?.count == 1)
            #expect(seen["listed"]?[0]?["id"] == made?["id"])
            #expect(seen["listed"]?[0]?["last_used_at"]?.integer != nil)
            #expect(seen["renamed"]?["name"] == "Desk")
            #expect(seen["is_excluded"] == true)
            #expect(seen["removed"] == "200")
            #expect(seen["after"] == "401 Invalid credentials")
        }
    }

    @Test("Chromium makes a passkey and logs in with it, its user verified", arguments: DatabaseKind.allCases)
    func browser(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let seen = try await Self.run("passkey_browser.py", [server.localhost, alice.token, Person.password])
            #expect(seen["made"]?["status"] == 201)
            #expect(seen["made"]?["body"]?["name"] == "Chromium")
            for login in ["login", "second_login", "verified_again"] {
                #expect(seen[login]?["status"] == 200, "\(login)")
                #expect(seen[login]?["body"]?["user"]?["id"]?.string == alice.id, "\(login)")
            }
            #expect(seen["made_twice"] == "InvalidStateError")
            #expect(seen["unverified_in_browser"] == "NotAllowedError")
            #expect(seen["unverified_at_server"]?["status"] == 401)
            #expect(seen["unverified_at_server"]?["body"]?.errorMessage == "Invalid credentials")
        }
    }

    static let attacks: [String: [[String]]] = [
        "logins": [
            ["a login", "200"],
            ["the same login again", "401 Expired token"],
            ["a challenge that nobody issued", "401 Expired token"],
            ["a registration's challenge", "401 Expired token"],
            ["a changed signature", "401 Invalid credentials"],
            ["the right signature after the changed one", "401 Expired token"],
            ["changed authenticator data", "401 Invalid credentials"],
            ["somebody else's handle", "401 Invalid credentials"],
            ["another origin", "401 Invalid credentials"],
            ["another site", "401 Invalid credentials"],
            ["a user who was not verified", "401 Invalid credentials"],
            ["an unknown credential", "401 Invalid credentials"],
            ["an honest login at the end", "200"],
        ],
        "counters": [
            ["count 6", "200"],
            ["count 6", "401 Invalid credentials"],
            ["count 5", "401 Invalid credentials"],
            ["count 0", "401 Invalid credentials"],
            ["count 7", "200"],
        ],
        "malformed": [
            ["data that were cut", "400 Invalid input"],
            ["client data that are no JSON", "400 Invalid input"],
            ["no handle", "400 Invalid input"],
            ["text that is not base64url", "400 Invalid input"],
            ["two ids", "400 Invalid input"],
            ["another type", "400 Invalid input"],
            ["no credential", "400 Invalid input"],
            ["an attestation that is no CBOR", "400 Invalid input"],
        ],
        "registrations": [
            ["the same credential again", "409 Already exists"],
            ["somebody else's credential", "409 Already exists"],
            ["somebody else's challenge", "401 Expired token"],
            ["a login's challenge", "401 Expired token"],
            ["another origin at registration", "400 Invalid input"],
            ["nobody verified at registration", "400 Invalid input"],
            ["another id than the credential's", "400 Invalid input"],
        ],
        "limit": [
            ["the twenty-first, begun early", "400 Invalid input"],
            ["the twenty-first", "400 Invalid input"],
        ],
    ]

    @Test("what must not work does not", arguments: DatabaseKind.allCases)
    func attacks(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, mallory) = (try await server.person("alice"), try await server.person("mallory"))
            let seen = try await Self.run(
                "passkey_attacks.py", [server.localhost, Person.password, alice.token, mallory.token])
            for (group, expected) in Self.attacks {
                #expect(seen[group] == .array(expected.map { .array($0.map(JSON.string)) }), "\(group)")
            }
            #expect(
                seen["at_once"] == [
                    ["two registrations at once", ["201", "401 Expired token"]],
                    ["two logins at once", ["200", "401 Expired token"]],
                ])
            try await Self.expectOwnership(of: alice, against: mallory)
        }
    }

    /// What is done with a list is the owner's.
    private static func expectOwnership(of alice: Person, against mallory: Person) async throws {
        let passkeys = try await alice.does(.GET, "/auth/passkeys").column("id")
        let passkey = try #require(passkeys.first)
        let path = "/auth/passkeys/\(passkey)"
        let password: JSON = ["password": .string(Person.password)]

        #expect(try await mallory.outcome(.PATCH, path, ["name": "Mine"]) == "404 Resource not found")
        #expect(try await mallory.outcome(.DELETE, path, password) == "404 Resource not found")
        #expect(try await alice.outcome(.PATCH, path, ["name": ""]) == "400 Invalid input")
        #expect(try await alice.outcome(.PATCH, path, ["name": "Mine"]) == "200")
        #expect(try await alice.outcome(.PATCH, "/auth/passkeys/x", ["name": "Mine"]) == "400 Invalid input")
        #expect(try await alice.outcome(.DELETE, "/auth/passkeys/0", password) == "400 Invalid input")
        #expect(try await alice.outcome(.DELETE, path) == "400 Invalid input")
        #expect(try await alice.outcome(.DELETE, path, ["password": "Wrong horse 1!"]) == "401 Invalid credentials")
        #expect(try await alice.does(.GET, "/auth/passkeys").column("id") == passkeys)
        #expect(try await alice.outcome(.DELETE, path, password) == "200")
        #expect(try await alice.outcome(.DELETE, path, password) == "404 Resource not found")
        #expect(try await alice.does(.GET, "/auth/passkeys").column("id") == Array(passkeys.dropFirst()))
    }

    @Test("to make one takes the password once more", arguments: DatabaseKind.allCases)
    func confirmation(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let path = "/auth/passkeys/options/register"
            let without = try await alice.send(.POST, path)
            #expect(without.outcome == "400 Invalid input")
            #expect(without.issues == ["password"])
            #expect(
                try await alice.outcome(.POST, path, ["password": "Wrong horse 1!"]) == "401 Invalid credentials")
            #expect(try await alice.outcome(.POST, path, ["password": .string(Person.password)]) == "200")
            #expect(try await server.outcome(.POST, path) == "401 Authentication required")
        }
    }

    @Test("a challenge runs out after five minutes", arguments: DatabaseKind.allCases)
    func expiry(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (first, second) = (try await server.passkeyChallenge(), try await server.passkeyChallenge())
            server.clock.advance(by: .seconds(299))
            #expect(try await server.outcomeOfFeigned(first) == "401 Invalid credentials")
            server.clock.advance(by: .seconds(1))
            #expect(try await server.outcomeOfFeigned(second) == "401 Expired token")
        }
    }

    static let sites: [(address: String, id: String)] = [
        ("https://Chat.Example.org", "chat.example.org"), ("https://chat.example.org:8443", "chat.example.org"),
        ("http://localhost:3000", "localhost"),
    ]

    @Test("the site is the instance's public address, whatever host is asked", arguments: sites)
    func site(address: String, id: String) async throws {
        try await TestServer.with(.sqlite, ["http.public_url": address]) { server in
            for host in ["evil.example.org", "localhost"] {
                let answer = try await server.options(asking: host)
                #expect(answer.contains("\"rpId\":\"\(id)\""), "\(host)")
            }
        }
    }

    @Test("without a public address there are passkeys on localhost only")
    func noSite() async throws {
        try await TestServer.with(.sqlite) { server in
            let local = try await server.options(asking: "localhost:\(server.port)")
            #expect(local.contains(#""rpId":"localhost""#))
            for host in ["chat.example.org", "127.0.0.1", "localhost.example.org", "LOCALHOST."] {
                let remote = try await server.options(asking: host)
                #expect(remote.contains("Module not available"), "\(host)")
            }
            let malformed = try await server.options(asking: "@localhost")
            #expect(malformed.hasPrefix("HTTP/1.1 400"))
        }
    }

    @Test("a passkey opens no account that is locked", arguments: DatabaseKind.allCases)
    func locked(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["http.public_url": "http://localhost"]) { server in
            let (alice, root) = (try await server.person("alice"), try await server.administrator())
            let key = SoftPasskey()
            #expect(try await alice.registers(key).status == 201)
            #expect(try await alice.outcome(ofLoginWith: key) == "200")
            try await root.does(.POST, "/admin/users/\(alice.id)/lock")
            #expect(try await alice.outcome(ofLoginWith: key) == "403 Account locked")
            try await root.does(.POST, "/admin/users/\(alice.id)/unlock")
            #expect(try await alice.outcome(ofLoginWith: key) == "200")
        }
    }

    @Test("a passkey does not stand for a verified address", arguments: DatabaseKind.allCases)
    func unverified(kind: DatabaseKind) async throws {
        let settings = ["registration.require_verified_email": "true", "http.public_url": "http://localhost"]
        try await RecoveryTests.withMail(kind, settings) { server, mailbox in
            let registration = AccountTests.registration("alice")
            let id = try await server.send(.POST, "/auth/register", registration).json["user"]?.text("id")
            let token = try #require(try await RecoveryTests.letter(1, in: mailbox).token)
            _ = try await server.send(.POST, "/auth/verify-email/confirm", ["token": .string(token)])
            let known = Person(server: server, name: "alice", id: try #require(id), token: "")
            let alice = try await known.onAnotherDevice()
            let key = SoftPasskey()
            #expect(try await alice.registers(key).status == 201)
            try await alice.does(
                .PATCH, "/users/@me", ["email": "new@example.org", "current_password": .string(Person.password)])
            #expect(try await alice.outcome(ofLoginWith: key) == "403 Email not verified")
        }
    }

    @Test("passkeys can be switched off")
    func switchedOff() async throws {
        try await TestServer.with(.sqlite, ["modules.passkeys": "false"]) { server in
            let alice = try await server.person("alice")
            #expect(try await alice.outcome(.GET, "/auth/passkeys") == "503 Module not available")
        }
    }

    private static func run(_ script: String, _ arguments: [String]) async throws -> JSON {
        let output = try await ScriptProgram.run(script, arguments)
        try #require(output.status == 0, "\(output.errors)")
        return try JSONParser.parse(output.text.utf8)
    }
}

extension Person {
    /// What becomes of a login with one's passkey.
    fileprivate func outcome(ofLoginWith key: SoftPasskey) async throws -> String {
        let proof = try key.assertion(for: try await server.passkeyChallenge(), by: id)
        return try await server.outcome(.POST, "/auth/passkeys/authenticate", ["credential": proof])
    }
}

extension TestServer {
    /// Where browsers allow passkeys without HTTPS.
    fileprivate var localhost: String { "http://localhost:\(port)" }

    /// The challenge of a login.
    fileprivate func passkeyChallenge() async throws -> String {
        let reply = try await send(.POST, "/auth/passkeys/options/authenticate")
        guard reply.status == 200 else { throw UnexpectedReply(reply) }
        return try reply.json.text("challenge")
    }

    /// What becomes of a login with nothing but the challenge.
    fileprivate func outcomeOfFeigned(_ challenge: String) async throws -> String {
        let clientData: JSON = [
            "type": "webauthn.get", "challenge": .string(challenge), "origin": .string(localhost),
        ]
        let response: JSON = [
            "clientDataJSON": .string(Self.base64URL(clientData.jsonBytes)),
            "authenticatorData": .string(Self.base64URL(Array(repeating: 0, count: 37))), "signature": "AAAA",
            "userHandle": "AAAA",
        ]
        return try await outcome(
            .POST, "/auth/passkeys/authenticate",
            ["credential": ["id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": response]])
    }

    private static func base64URL(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// The whole answer to a request for a login's options that names a host.
    fileprivate func options(asking host: String) async throws -> String {
        let connection = try await RawConnection.connect(port: port)
        try await connection.write(
            "POST /api/v1/auth/passkeys/options/authenticate HTTP/1.1\r\nhost: \(host)\r\ncontent-length: 0\r\n"
                + "connection: close\r\n\r\n")
        return try await connection.untilClosed()
    }
}
