import Client
import Database
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@testable import Chat
@testable import People

@Suite("Locked accounts")
struct LockoutTests {
    /// Clients say where they come from through a proxy that the server trusts.
    static let proxied = ["http.trusted_proxies": "127.0.0.1"]

    static func logIn(
        _ server: TestServer, _ name: String, _ password: String = Person.password,
        from address: String = "198.51.100.1"
    ) async throws -> HTTPReply {
        try await server.send(
            .POST, "/auth/login", AccountTests.login(name, password), headers: ["x-forwarded-for": address])
    }

    static let wrong = "Wrong horse 1!"

    @Test(
        "five failures lock an account for fifteen minutes, also for the right password",
        arguments: DatabaseKind.allCases)
    func lock(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            for _ in 0..<5 {
                let outcome = try await server.outcome(.POST, "/auth/login", AccountTests.login("alice", Self.wrong))
                #expect(outcome == "401 Invalid credentials")
            }
            server.clock.advance(by: .seconds(60))
            let reply = try await server.send(.POST, "/auth/login", AccountTests.login("ALICE"))
            #expect(reply.outcome == "403 Account locked")
            #expect(reply.json["error"]?["retry_after"] == .number(840))
            #expect(reply.headers["retry-after"] == ["840"])
            #expect(try await alice.outcome(.GET, "/users/@me") == "200", "who is logged in stays so")
            server.clock.advance(by: .seconds(840))
            #expect(try await server.outcome(.POST, "/auth/login", AccountTests.login("alice")) == "200")
        }
    }

    @Test("an account that does not exist is locked like any other", arguments: DatabaseKind.allCases)
    func unknownAccount(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            _ = try await server.person("alice")
            var answers: [[UInt8]] = []
            for name in ["alice", "nobody", "alice@example.org", "nobody@example.org"] {
                var bodies: [UInt8] = []
                for _ in 0..<7 {
                    bodies += try await server.send(.POST, "/auth/login", AccountTests.login(name, Self.wrong)).body
                }
                answers.append(bodies)
            }
            #expect(Set(answers).count == 1)
        }
    }

    @Test("a login that succeeds forgets the failures before it", arguments: DatabaseKind.allCases)
    func success(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            _ = try await server.person("alice")
            for _ in 0..<3 {
                for _ in 0..<4 {
                    _ = try await server.send(.POST, "/auth/login", AccountTests.login("alice", Self.wrong))
                }
                #expect(try await server.outcome(.POST, "/auth/login", AccountTests.login("alice")) == "200")
            }
        }
    }

    @Test("failures that lie fifteen minutes back count no more", arguments: DatabaseKind.allCases)
    func window(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            _ = try await server.person("alice")
            for _ in 0..<4 { _ = try await server.send(.POST, "/auth/login", AccountTests.login("alice", Self.wrong)) }
            server.clock.advance(by: .seconds(900))
            for _ in 0..<4 { _ = try await server.send(.POST, "/auth/login", AccountTests.login("alice", Self.wrong)) }
            #expect(try await server.outcome(.POST, "/auth/login", AccountTests.login("alice")) == "200")
        }
    }

    @Test("of many guesses at once only five are looked at", arguments: DatabaseKind.allCases)
    func race(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            _ = try await server.person("alice")
            let outcomes = try await atOnce(20) { _ in
                try await server.outcome(.POST, "/auth/login", AccountTests.login("alice", Self.wrong))
            }
            #expect(outcomes.count { $0 == "401 Invalid credentials" } == 5)
            #expect(outcomes.count { $0 == "403 Account locked" } == 15)
        }
    }

    @Test("a stranger elsewhere does not lock out the owner", arguments: DatabaseKind.allCases)
    func stranger(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, Self.proxied) { server in
            _ = try await server.person("alice")
            for _ in 0..<6 { _ = try await Self.logIn(server, "alice", Self.wrong, from: "203.0.113.9") }
            #expect(try await Self.logIn(server, "alice", from: "203.0.113.9").outcome == "403 Account locked")
            #expect(try await Self.logIn(server, "alice", from: "198.51.100.1").outcome == "200")
        }
    }

    @Test(
        "strangers from many addresses are locked out together, and the owner's address is not",
        arguments: DatabaseKind.allCases)
    func manyStrangers(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, Self.proxied) { server in
            _ = try await server.person("alice")
            #expect(try await Self.logIn(server, "alice", from: "198.51.100.1").outcome == "200")
            for index in 0..<50 {
                let reply = try await Self.logIn(server, "alice", Self.wrong, from: "203.0.113.\(index)")
                #expect(reply.outcome == "401 Invalid credentials")
            }
            #expect(try await Self.logIn(server, "alice", from: "203.0.113.200").outcome == "403 Account locked")
            #expect(try await Self.logIn(server, "alice", from: "198.51.100.1").outcome == "200")
            server.clock.advance(by: .seconds(900))
            #expect(try await Self.logIn(server, "alice", from: "203.0.113.200").outcome == "200")
        }
    }

    @Test("the addresses of one IPv6 network are one", arguments: DatabaseKind.allCases)
    func network(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, Self.proxied) { server in
            _ = try await server.person("alice")
            for index in 0..<5 { _ = try await Self.logIn(server, "alice", Self.wrong, from: "2001:db8:0:1::\(index)") }
            #expect(try await Self.logIn(server, "alice", from: "2001:db8:0:1:ffff::1").outcome == "403 Account locked")
            #expect(try await Self.logIn(server, "alice", from: "2001:db8:0:2::1").outcome == "200")
        }
    }

    @Test("guesses at the password of a stolen session are counted, too", arguments: DatabaseKind.allCases)
    func confirmation(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let change = { (password: String) -> JSON in
                ["email": "new@example.org", "current_password": .string(password)]
            }
            for _ in 0..<5 {
                #expect(try await alice.outcome(.PATCH, "/users/@me", change(Self.wrong)) == "401 Invalid credentials")
            }
            let outcome = try await alice.outcome(.PATCH, "/users/@me", change(Person.password))
            #expect(outcome == "403 Account locked")
        }
    }

    @Test("what counts no more is forgotten", arguments: DatabaseKind.allCases)
    func upkeep(kind: DatabaseKind) async throws {
        let clock = ManualClock(Timestamp(seconds: 1_800_000_000))
        try await TestDatabase.with(kind, migrations: Instance.migrations, clock: clock) { database in
            let attempt = LoginAttempt(nameHash: [1], address: "192.0.2.1")
            try await database.write { tx in try LoginAttempts.fail(attempt, by: nil, tx) }
            let count = { @Sendable in
                try await database.read { tx in
                    try tx.first("SELECT COUNT(*) FROM login_failures") { $0.int(0) }
                }
            }
            let forget = { @Sendable in
                try await database.write { tx in try LoginAttemptStore.deleteOld(limit: 1, tx) }
            }
            #expect(try await forget() == false)
            #expect(try await count() == 2)
            clock.advance(by: LoginAttempts.lockTime)
            #expect(try await forget(), "there was another")
            #expect(try await forget())
            #expect(try await count() == 0)
            #expect(try await forget() == false)
        }
    }
}
