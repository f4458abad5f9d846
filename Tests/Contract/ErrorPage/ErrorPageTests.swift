import Client
import Database
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@testable import Chat
@testable import Community
@testable import Content
@testable import Features
@testable import People

/// What the rows of the page are produced in: a server with a few people and things on it.
struct ErrorScene: Sendable {
    let server: TestServer
    let alice: Person
    let bob: Person
    let nest: Community

    static let updateURL = "https://example.org/update"

    static func with(
        _ kind: DatabaseKind, _ settings: [String: String] = [:],
        _ body: @escaping @Sendable (ErrorScene) async throws -> Void
    ) async throws {
        let all = ["versions.update_url": updateURL].merging(settings) { $1 }
        try await TestServer.with(kind, all) { server in
            let alice = try await server.person("alice")
            let bob = try await server.person("bob")
            let nest = try await alice.foundsServer()
            try await body(ErrorScene(server: server, alice: alice, bob: bob, nest: nest))
        }
    }
}

@Suite("The error page")
struct ErrorPageTests {
    typealias Producer = @Sendable (ErrorScene) async throws -> HTTPReply

    /// A request for each row that gets exactly that error.
    static let producers: [String: Producer] = [
        "401 Authentication required": { try await $0.server.send(.GET, "/users/@me") },
        "401 Invalid token": { try await $0.server.send(.GET, "/users/@me", token: "unknown") },
        "401 Token expired": { scene in
            scene.server.clock.advance(by: .seconds(8 * 24 * 3600))
            return try await scene.alice.send(.GET, "/users/@me")
        },
        "401 Invalid credentials": {
            try await $0.server.send(.POST, "/auth/login", AccountTests.login("alice", "Wrong horse 1!"))
        },
        "401 Invalid code": { scene in
            _ = try await scene.alice.turnsOnTwoFactor()
            return try await scene.server.answers(try await scene.alice.challenge(), with: "000000")
        },
        "401 Expired token": { scene in
            let phone = try await scene.alice.turnsOnTwoFactor()
            let challenge = try await scene.alice.challenge()
            scene.server.clock.advance(by: .seconds(300))
            return try await scene.server.answers(challenge, with: phone.code(at: scene.server.clock.now()))
        },
        "403 Access denied": { try await $0.bob.send(.GET, "/servers/\($0.nest.id)") },
        "403 Permission denied": { scene in
            try await scene.bob.joins(scene.nest)
            return try await scene.bob.send(.PATCH, "/servers/\(scene.nest.id)", ["name": "Bob's"])
        },
        "403 Account locked": { scene in
            for _ in 0..<5 {
                _ = try await scene.server.send(.POST, "/auth/login", AccountTests.login("alice", "Wrong 1!"))
            }
            return try await scene.server.send(.POST, "/auth/login", AccountTests.login("alice"))
        },
        "403 Admin access required": { try await $0.alice.send(.GET, "/admin/maintenance") },
        "400 Invalid input": { try await $0.server.send(.POST, "/auth/login", bytes: Array("{".utf8)) },
        "400 Invalid user ID": { try await $0.alice.send(.GET, "/users/abc") },
        "400 Invalid channel ID": { try await $0.alice.send(.GET, "/channels/abc") },
        "400 Invalid server ID": { try await $0.alice.send(.GET, "/servers/abc") },
        "400 Invalid message ID": { try await $0.alice.send(.GET, "/channels/\($0.nest.general)/messages/abc") },
        "400 Weak password": {
            try await $0.server.send(.POST, "/auth/register", AccountTests.registration("carol", password: "weak"))
        },
        "400 Message must have content...": {
            try await $0.alice.send(.POST, "/channels/\($0.nest.general)/messages", ["content": "  \n "])
        },
        "400 File too large": {
            try await $0.alice.sends(
                .noise((5 << 20) + 1), named: "a.png", to: "/avatars/users/@me", field: "image")
        },
        "400 Invalid file type": {
            try await $0.alice.sends(
                Array("<svg/>".utf8), named: "a.png", to: "/avatars/users/@me", field: "image")
        },
        "404 User not found": { try await $0.alice.send(.GET, "/users/1") },
        "404 Server not found": { try await $0.alice.send(.GET, "/servers/1") },
        "404 Channel not found": { try await $0.alice.send(.GET, "/channels/1") },
        "404 Message not found": { try await $0.alice.send(.GET, "/channels/\($0.nest.general)/messages/1") },
        "404 Session not found": { try await $0.alice.send(.DELETE, "/auth/sessions/1") },
        "409 Already exists": { scene in
            let passkey = SoftPasskey()
            _ = try await scene.alice.registers(passkey)
            return try await scene.alice.registers(passkey)
        },
        "409 Username already taken": {
            try await $0.server.send(
                .POST, "/auth/register", AccountTests.registration("ALICE", email: "x@example.org"))
        },
        "409 Email already taken": {
            try await $0.server.send(
                .POST, "/auth/register", AccountTests.registration("carol", email: "ALICE@example.org"))
        },
        "409 Already a member": { scene in
            let code = try await scene.alice.invites(to: scene.nest)
            return try await scene.alice.send(.POST, "/channels/invites/\(code)")
        },
        "409 2FA is already enabled": { scene in
            _ = try await scene.alice.turnsOnTwoFactor()
            return try await scene.alice.send(.POST, "/auth/2fa/enable", ["password": .string(Person.password)])
        },
        "403 Cannot message this user": { scene in
            try await scene.bob.does(.POST, "/relationships/block", ["user_id": .string(scene.alice.id)])
            return try await scene.alice.send(.POST, "/relationships", ["user_id": .string(scene.bob.id)])
        },
        "404 Webhook not found": { try await $0.alice.send(.GET, "/webhooks/1") },
        "404 Friend request not found": {
            try await $0.alice.send(.PUT, "/relationships/\($0.bob.id)/accept")
        },
        "404 Relationship not found": { try await $0.alice.send(.DELETE, "/relationships/\($0.bob.id)") },
        "404 Setting not found": { try await $0.alice.send(.GET, "/users/@me/settings/theme") },
        "426 VERSION_OUTDATED": {
            try await $0.server.send(.GET, "/version", headers: ["x-client-version": "a.0.9-1"])
        },
        "400 INVALID_VERSION_FORMAT": {
            try await $0.server.send(.GET, "/version", headers: ["x-client-version": "1.0"])
        },
    ]

    /// Rows whose feature is still to come, with its name. This list only gets shorter.
    static let pending: [String: String] = [:]

    /// What stands beside code and message, where the contract lets something stand there.
    static let extras: [String: Set<String>] = [
        "400 Invalid input": ["details"], "400 File too large": ["details", "limit"],
        "400 Invalid file type": ["details"], "400 Weak password": ["details"], "403 Permission denied": ["details"],
        "403 Account locked": ["retry_after"],
        "426 VERSION_OUTDATED": ["client_version", "min_version", "server_version", "update_url"],
        "400 INVALID_VERSION_FORMAT": ["client_version", "min_version", "server_version", "update_url"],
    ]

    /// The messages of rows whose first cell is no message, or is cut short (contract, Conventions).
    static let messages: [String: String] = [
        "400 Message must have content...": "Message must have content, attachments, or embeds",
        "426 VERSION_OUTDATED": "Client version a.0.9-1 is no longer supported",
        "400 INVALID_VERSION_FORMAT": "Invalid version format",
    ]

    @Test("the page has the rows that it is known to have")
    func rows() {
        let rows = ErrorPage.standard.rows
        #expect(rows.count == Set(rows).count)
        #expect(rows.count == 36)
        #expect(ErrorPage.standard.statuses.keys.sorted() == [200, 201, 400, 401, 403, 404, 409, 426, 429, 500, 503])
    }

    @Test("every row is produced or waits for a feature, and nothing else is")
    func completeness() {
        let rows = Set(ErrorPage.standard.rows.map(\.description))
        let (produced, waiting) = (Set(Self.producers.keys), Set(Self.pending.keys))
        #expect(produced.isDisjoint(with: waiting))
        #expect(produced.union(waiting) == rows)
        #expect(waiting.count <= 7, "a row that was produced once must not wait again")
    }

    @Test(
        "each row is what a real request gets, to the letter", arguments: DatabaseKind.allCases, ErrorPage.standard.rows
    )
    func row(kind: DatabaseKind, row: ErrorPage.Row) async throws {
        guard let produce = Self.producers[row.description] else { return }
        try await ErrorScene.with(kind) { scene in
            let reply = try await produce(scene)
            #expect(reply.status == row.status)
            #expect(reply.headers["content-type"] == ["application/json; charset=utf-8"])
            #expect(reply.json.keys == ["error"])
            let error = reply.json["error"] ?? .null
            let isWord = row.text == row.text.uppercased()
            #expect(error["code"] == (isWord ? .string(row.text) : .integer(Int64(row.status))))
            #expect(error["message"]?.string == Self.messages[row.description] ?? row.text)
            #expect(error.keys == Set(["code", "message"]).union(Self.extras[row.description] ?? []))
        }
    }

    @Test("the page's example of an error is what an unknown route gets", arguments: DatabaseKind.allCases)
    func format(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let example = try #require(ErrorPage.standard.example(after: "Error Response Format"))
            let reply = try await server.send(.GET, "/no/such/route")
            #expect(reply.json == (try JSONParser.parse(Array(example.utf8))))
            #expect(reply.status == 404)
        }
    }

    @Test("the page's example of a version error is what its version gets", arguments: DatabaseKind.allCases)
    func versions(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["versions.update_url": "https://..."]) { server in
            let example = try #require(
                ErrorPage.standard.example(after: "Version-related errors include additional fields:"))
            let expected = try JSONParser.parse(Array(example.utf8))
            let gate = try await server.send(.GET, "/version", headers: ["x-client-version": "a.0.9-1"])
            #expect(gate.json == expected)
            let negotiation = try await server.send(.POST, "/version/negotiate", ["client_version": "a.0.9-1"])
            #expect(negotiation.json == expected)
            #expect(gate.status == 426)
            #expect(negotiation.status == 426)
        }
    }

    @Test("the page's example of a rate limit is what one request too many gets", arguments: DatabaseKind.allCases)
    func rateLimit(kind: DatabaseKind) async throws {
        // A message every second and a half, so that the wait is the page's own.
        let settings = ["rate_limiting.enabled": "true", "rate_limits.message_send": "2/3s"]
        try await ErrorScene.with(kind, settings) { scene in
            let example = try #require(ErrorPage.standard.example(after: "Rate Limit Errors (429)"))
            for index in 0..<2 { try await scene.alice.says("\(index)", in: scene.nest.general) }
            let reply = try await scene.alice.send(
                .POST, "/channels/\(scene.nest.general)/messages", ["content": "too much"])
            #expect(reply.status == 429)
            #expect(reply.headers["retry-after"] == ["2"], "whole seconds are rounded up")
            #expect(reply.json == (try JSONParser.parse(Array(example.utf8))))
        }
    }

    @Test("success and what is not there have the page's statuses, too", arguments: DatabaseKind.allCases)
    func statuses(kind: DatabaseKind) async throws {
        try await ErrorScene.with(kind) { scene in
            #expect(try await scene.server.send(.GET, "/version").status == 200)
            let made = try await scene.server.send(.POST, "/auth/register", AccountTests.registration("carol"))
            #expect(made.status == 201)
            let missing = try await scene.server.send(
                .POST, "/auth/password-reset/request", ["email": "a@example.org"])
            #expect(missing.json == ["error": ["code": 503, "message": "Module not available"]])
            #expect(missing.status == 503)
        }
    }

    @Test("a fault inside a handler is a 500 that tells nothing of it", arguments: DatabaseKind.allCases)
    func fault(kind: DatabaseKind) async throws {
        try await TestDatabase.withPlace(kind) { place in
            let url = kind == .sqlite ? "sqlite:\(place.address)" : place.address
            try await TestServer.with(databaseURL: url) { server in
                let alice = try await server.person("alice")
                try await place.withDatabase(
                    DatabaseConfiguration(migrations: Instance.migrations, logger: TestServer.silent)
                ) { database in
                    try await database.write { tx in try tx.execute("ALTER TABLE passkeys RENAME TO lost") }
                }
                let reply = try await alice.send(.GET, "/auth/passkeys")
                #expect(reply.json == ["error": ["code": 500, "message": "Internal server error"]])
                #expect(reply.status == 500)
            }
        }
    }

    static let malformed = [
        "0", "-1", "abc", "1e3", "1.0", "0x1", "%20", "1%20", "+1", "9223372036854775808", "99999999999999999999",
        "%D9%A1%D9%A2%D9%A3", "1%00",
    ]

    @Test("an id that is none is told by its kind", arguments: DatabaseKind.allCases, malformed)
    func identifiers(kind: DatabaseKind, id: String) async throws {
        try await ErrorScene.with(kind) { scene in
            let general = scene.nest.general
            let requests: [(String, String)] = [
                ("/users/\(id)", "400 Invalid user ID"), ("/channels/\(id)", "400 Invalid channel ID"),
                ("/servers/\(id)", "400 Invalid server ID"),
                ("/channels/\(general)/messages/\(id)", "400 Invalid message ID"),
            ]
            for (path, expected) in requests {
                let outcome = try await scene.alice.outcome(.GET, path)
                #expect(outcome == expected, "\(path)")
            }
            let session = try await scene.alice.outcome(.DELETE, "/auth/sessions/\(id)")
            #expect(session == "400 Invalid session ID")
        }
    }
}
