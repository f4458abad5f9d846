import Client
import Database
import Foundation
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@testable import People

/// Passwords and names are the same from every keyboard (RFC 8265).
@Suite("Passwords and names from other keyboards")
struct PreparedNamesTests {
    /// Composed, with a plain space.
    static let composed = "Pässwörd einer Möwe 7!"
    /// Decomposed, with spaces of other kinds.
    static let decomposed = composed.decomposedStringWithCanonicalMapping.replacing(" ", with: "\u{A0}")

    private static func logIn(_ server: TestServer, _ name: String, _ password: String) async throws -> Int {
        try await server.send(.POST, "/auth/login", ["username": .string(name), "password": .string(password)]).status
    }

    private static func register(_ server: TestServer, _ name: String, _ password: String) async throws -> Person {
        let reply = try await server.send(
            .POST, "/auth/register",
            ["username": .string(name), "email": .string("\(name)@example.org"), "password": .string(password)])
        #expect(reply.status == 201, "\(reply.text)")
        return Person(
            server: server, name: name, id: try #require(reply.json["user"]?["id"]?.string),
            token: try #require(reply.json["token"]?.string))
    }

    @Test(
        "a password is the same composed, decomposed and with other spaces", arguments: DatabaseKind.allCases,
        [false, true])
    func password(kind: DatabaseKind, isDecomposed: Bool) async throws {
        try await TestServer.with(kind) { server in
            let first = isDecomposed ? Self.decomposed : Self.composed
            _ = try await Self.register(server, "alice", first)
            for password in [Self.composed, Self.decomposed] {
                #expect(try await Self.logIn(server, "alice", password) == 200)
            }
            for other in [
                "Passwörd einer Möwe 7!", "pässwörd einer möwe 7!", "Pässwörd einer Möwe 7！", "Pässwördeiner Möwe 7!",
            ] {
                #expect(try await Self.logIn(server, "alice", other) == 401, "\(other)")
            }
        }
    }

    @Test("every route that asks for the password takes it in either form", arguments: DatabaseKind.allCases)
    func routes(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await Self.register(server, "alice", Self.composed)
            let bob = try await server.person("bob")
            let nest = try await alice.foundsServer()
            try await bob.joins(nest)
            let typed = JSON.string(Self.decomposed)
            let outcomes = [
                try await alice.outcome(.PATCH, "/users/@me", ["password": typed, "current_password": typed]),
                try await alice.outcome(.PATCH, "/users/@me", ["email": "new@example.org", "current_password": typed]),
                try await alice.outcome(.POST, "/auth/2fa/enable", ["password": typed]),
                try await alice.outcome(.POST, "/auth/passkeys/options/register", ["password": typed]),
                try await alice.outcome(
                    .POST, "/servers/\(nest.id)/transfer", ["user_id": .string(bob.id), "password": typed]),
                try await alice.outcome(.DELETE, "/users/@me", ["password": typed]),
            ]
            #expect(outcomes.map { $0.prefix(3) } == Array(repeating: "200", count: 6), "\(outcomes)")
        }
    }

    @Test(
        "a hash of what was typed, from before passwords were prepared, is good until the next login makes it anew",
        arguments: DatabaseKind.allCases)
    func oldHashes(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let user = try UserID(parsing: alice.id)
            // As an earlier version would have made it.
            let hasher = PasswordHasher(
                .init(memory_KiB: 8, passes: 1, lanes: 1), concurrency: 1, randomness: SystemRandomness())
            let old = try await hasher.hash(unprepared: Self.decomposed)
            await hasher.shutDown()
            try await server.onDatabase { tx in try AccountStore.setPasswordHash(old, of: user, tx) }
            #expect(try await Self.logIn(server, "alice", Self.composed) == 401)
            #expect(
                try await alice.outcome(.POST, "/auth/2fa/enable", ["password": .string(Self.decomposed)]).hasPrefix(
                    "200"))
            #expect(try await Self.logIn(server, "alice", Self.decomposed) == 200)
            #expect(try await Self.logIn(server, "alice", Self.composed) == 200)
            let new = try await server.onDatabase { tx in try AccountStore.credentials(of: user, tx)?.passwordHash }
            #expect(new != old)
        }
    }

    @Test("a password says nothing of itself in a log")
    func silence() {
        #expect("\(Password("secret"))" == "password")
        #expect(!String(reflecting: Password(Self.decomposed)).contains("Möwe"))
    }

    @Test("wide letters and another composition name the same account", arguments: DatabaseKind.allCases)
    func names(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            for name in ["ALICE", "ａｌｉｃｅ", "Ａlice", "alice@EXAMPLE.org"] {
                #expect(try await Self.logIn(server, name, Person.password) == 200, "\(name)")
            }
            #expect(try await alice.does(.GET, "/users/search?username=%EF%BD%81lice").column("username") == ["alice"])
            // In a name itself there are ordinary letters only.
            let reply = try await server.send(
                .POST, "/auth/register",
                ["username": "ａｌｉｃｅ", "email": "b@example.org", "password": .string(Person.password)])
            #expect(reply.status == 400)
        }
    }

    @Test(
        "an address is one account, however its accents are written", arguments: DatabaseKind.allCases, [false, true])
    func addresses(kind: DatabaseKind, isOld: Bool) async throws {
        try await TestServer.with(kind) { server in
            let composed = "zo\u{EB}@example.org"
            let decomposed = composed.decomposedStringWithCanonicalMapping
            let register = { @Sendable (name: String, address: String) async throws -> Int in
                try await server.send(
                    .POST, "/auth/register",
                    [
                        "username": .string(name), "email": .string(address),
                        "password": .string(Person.password),
                    ]
                ).status
            }
            #expect(try await register("zoe", decomposed) == 201)
            if isOld {
                // As earlier versions kept it.
                try await server.onDatabase { tx in
                    try tx.execute("UPDATE users SET email_key = $1 WHERE username_key = 'zoe'", [decomposed])
                }
            }
            for address in [composed, decomposed] {
                #expect(try await Self.logIn(server, address, Person.password) == 200)
                #expect(try await register("other", address) == 409)
            }
        }
    }
}
