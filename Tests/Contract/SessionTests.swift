import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@testable import People

@Suite("Sessions")
struct SessionTests {
    /// The ids of somebody's sessions, newest first.
    static func ids(of person: Person) async throws -> [String] {
        try await person.does(.GET, "/auth/sessions").column("id")
    }

    @Test("the list says where each login came from and which is the current one", arguments: DatabaseKind.allCases)
    func list(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let login = AccountTests.login("alice")
            _ = try await server.send(.POST, "/auth/login", login, headers: ["user-agent": "Feather/1.0"])
            let sessions = try await alice.does(.GET, "/auth/sessions")
            #expect(sessions.count == 2)
            #expect(sessions[0]?["user_agent"] == "Feather/1.0")
            #expect(sessions[0]?["ip_address"] == "127.0.0.1")
            #expect(sessions[0]?["current"] == false)
            #expect(sessions[1]?["current"] == true)
            #expect(sessions[1]?["user_agent"] == .null)
            let now = server.clock.now().seconds
            #expect(sessions[0]?["created_at"] == .integer(now))
            #expect(sessions[0]?["expires_at"] == .integer(now + 7 * 24 * 3600))
        }
    }

    @Test("a refreshed login has a new token, and the old one is worthless", arguments: DatabaseKind.allCases)
    func refresh(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let sessions = try await Self.ids(of: alice)
            server.clock.advance(by: .seconds(3600))
            let refreshed = try await alice.does(.POST, "/auth/refresh")
            #expect(refreshed["expires_at"] == .integer(server.clock.now().seconds + 7 * 24 * 3600))
            #expect(try await alice.outcome(.GET, "/users/@me") == "401 Invalid token")
            let renewed = Person(server: server, name: "alice", id: alice.id, token: try refreshed.text("token"))
            #expect(try await Self.ids(of: renewed) == sessions)
        }
    }

    @Test("of two refreshes with one token at most one gives a token that works", arguments: DatabaseKind.allCases)
    func refreshRace(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let replies = try await atOnce(2) { _ in try await alice.send(.POST, "/auth/refresh") }
            let tokens = replies.compactMap { $0.json["token"]?.string }
            var working = 0
            for token in tokens where try await server.send(.GET, "/users/@me", token: token).status == 200 {
                working += 1
            }
            #expect(working == 1)
            #expect(tokens.count == working, "a token that was given out does not work")
        }
    }

    @Test("logging out ends the token and its sockets at once", arguments: DatabaseKind.allCases)
    func logOut(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let phone = try await alice.onAnotherDevice()
            let (listener, phoneListener) = (try await alice.listens(), try await phone.listens())
            #expect(try await alice.does(.POST, "/auth/logout") == ["success": true])
            #expect(try await listener.socket.closed().code == 4004)
            #expect(try await alice.outcome(.GET, "/users/@me") == "401 Invalid token")
            try await phone.does(.PATCH, "/users/@me", ["bio": "still here"])
            try await phoneListener.hears("USER_UPDATE")
        }
    }

    @Test("one of one's logins can be ended from another", arguments: DatabaseKind.allCases)
    func revoke(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let phone = try await alice.onAnotherDevice()
            let listener = try await phone.listens()
            let newest = try #require(try await Self.ids(of: alice).first)
            #expect(try await alice.does(.DELETE, "/auth/sessions/\(newest)") == ["success": true])
            #expect(try await listener.socket.closed().code == 4004)
            #expect(try await phone.outcome(.GET, "/users/@me") == "401 Invalid token")
            #expect(try await alice.outcome(.GET, "/users/@me") == "200")
            #expect(try await alice.outcome(.DELETE, "/auth/sessions/\(newest)") == "404 Session not found")
        }
    }

    @Test("somebody else's login is not found, and lives on", arguments: DatabaseKind.allCases)
    func foreign(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, eve) = (try await server.person("alice"), try await server.person("eve"))
            let session = try #require(try await Self.ids(of: alice).first)
            #expect(try await eve.outcome(.DELETE, "/auth/sessions/\(session)") == "404 Session not found")
            #expect(try await eve.outcome(.DELETE, "/auth/sessions/1") == "404 Session not found")
            #expect(try await alice.outcome(.GET, "/users/@me") == "200")
        }
    }

    @Test("all other logins can be ended at once, or all of them", arguments: DatabaseKind.allCases)
    func revokeAll(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let (phone, tablet) = (try await alice.onAnotherDevice(), try await alice.onAnotherDevice())
            let bob = try await server.person("bob")
            let others = try await alice.does(.POST, "/auth/sessions/revoke-all")
            #expect(others == ["success": true, "revoked_count": 2])
            #expect(try await phone.outcome(.GET, "/users/@me") == "401 Invalid token")
            #expect(try await tablet.outcome(.GET, "/users/@me") == "401 Invalid token")
            let all = try await alice.does(.POST, "/auth/sessions/revoke-all", ["except_current": false])
            #expect(all["revoked_count"] == 1)
            #expect(try await alice.outcome(.GET, "/users/@me") == "401 Invalid token")
            #expect(try await bob.outcome(.GET, "/users/@me") == "200")
        }
    }

    @Test("the oldest login gives way when there are too many", arguments: DatabaseKind.allCases)
    func surplus(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["sessions.per_user": "3"]) { server in
            let oldest = try await server.person("alice")
            let second = try await oldest.onAnotherDevice()
            let listener = try await oldest.listens()
            _ = try await oldest.onAnotherDevice()
            let newest = try await oldest.onAnotherDevice()
            #expect(try await listener.socket.closed().code == 4004)
            #expect(try await oldest.outcome(.GET, "/users/@me") == "401 Invalid token")
            #expect(try await second.outcome(.GET, "/users/@me") == "200")
            #expect(try await Self.ids(of: newest).count == 3)
        }
    }

    @Test("a login that nobody uses runs out after seven days", arguments: DatabaseKind.allCases)
    func expiry(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            #expect(try await alice.outcome(.GET, "/users/@me") == "200")
            server.clock.advance(by: .seconds(7 * 24 * 3600))
            let reply = try await alice.send(.GET, "/users/@me")
            #expect(reply.outcome == "401 Token expired")
            #expect(reply.headers["www-authenticate"] == ["Bearer"])
            let again = try await alice.onAnotherDevice()
            #expect(try await Self.ids(of: again).count == 1)
        }
    }

    @Test("use keeps a login alive", arguments: DatabaseKind.allCases)
    func use(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            for _ in 0..<4 {
                server.clock.advance(by: .seconds(6 * 24 * 3600))
                #expect(try await alice.outcome(.GET, "/users/@me") == "200")
            }
            let session = try await alice.does(.GET, "/auth/sessions")
            #expect(session[0]?["last_activity"] == .integer(server.clock.now().seconds))
        }
    }

    @Test("the lifetime is the operator's to set", arguments: DatabaseKind.allCases)
    func lifetime(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["sessions.lifetime_days": "1"]) { server in
            let alice = try await server.person("alice")
            server.clock.advance(by: .seconds(24 * 3600))
            #expect(try await alice.outcome(.GET, "/users/@me") == "401 Token expired")
        }
    }

    @Test("the devices that stay are told which sessions were ended, and why", arguments: DatabaseKind.allCases)
    func securityLogout(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let bob = try await server.person("bob")
            let (listener, stranger) = (try await alice.listens(), try await bob.listens())
            _ = try await alice.onAnotherDevice()
            let other = try await Self.ids(of: alice)[0]
            try await alice.does(.DELETE, "/auth/sessions/\(other)")
            let revoked = try await listener.hears("SECURITY_LOGOUT")
            #expect(revoked["d"] == ["session_ids": .array([.string(other)]), "reason": "revoked"])
            _ = try await alice.onAnotherDevice()
            let change: JSON = [
                "password": .string(Person.newPassword), "current_password": .string(Person.password),
            ]
            try await alice.does(.PATCH, "/users/@me", change)
            let changed = try await listener.hears("SECURITY_LOGOUT")
            #expect(changed["d"]?["reason"] == "password_changed")
            #expect(changed["d"]?["session_ids"]?.count == 1)
            try await alice.does(.POST, "/auth/sessions/revoke-all")
            let nest = try await alice.foundsServer()
            try await bob.joins(nest)
            try await alice.says("hello", in: nest.general)
            try await stranger.hears("GUILD_CREATE")
            try await stranger.hearsNothing(before: "MESSAGE_CREATE", matching: "hello")
        }
    }

    @Test("a revoked session hears nothing more", arguments: DatabaseKind.allCases)
    func revokedSocket(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let stolen = try await alice.onAnotherDevice()
            let thief = try await stolen.listens()
            try await alice.does(.POST, "/auth/sessions/revoke-all")
            let close = try await thief.socket.closed()
            #expect(close.code == 4004)
            #expect(try await stolen.outcome(.GET, "/users/@me") == "401 Invalid token")
        }
    }

    @Test("tokens are 32 bytes of which every bit is as often set as not")
    func entropy() async throws {
        try await TestServer.with(.sqlite) { server in
            var alice = try await server.person("alice")
            var counts = [Int](repeating: 0, count: 256)
            let samples = 200
            for _ in 0..<samples {
                let token = try await alice.does(.POST, "/auth/refresh").text("token")
                alice = Person(server: server, name: alice.name, id: alice.id, token: token)
                let bytes = try #require(Base64URL.decode(token))
                #expect(bytes.count == 32)
                for bit in counts.indices where bytes[bit / 8] >> (bit % 8) & 1 == 1 { counts[bit] += 1 }
            }
            // Six standard deviations to each side.
            #expect(counts.allSatisfy { (58...142).contains($0) })
        }
    }
}
