import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@Suite("Proving again who one is")
struct ReauthenticationTests {
    private static let export = "/users/@me/data-export"

    /// What becomes of asking for an export, with what the details name.
    private static func asks(_ person: Person, _ body: JSON? = nil) async throws -> String {
        let reply = try await person.send(.POST, export, body)
        let named = (reply.json["error"]?["details"]?.array ?? []).compactMap { $0["message"]?.string }
        return ([reply.outcome] + named).joined(separator: " ")
    }

    private static let refused = "403 Permission denied reauthentication"

    @Test("an export needs a login, or a password, of the last ten minutes", arguments: DatabaseKind.allCases)
    func password(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let other = try await alice.onAnotherDevice()
            server.clock.advance(by: .seconds(601))
            #expect(try await Self.asks(alice) == Self.refused)
            let path = "/auth/reauthenticate"
            #expect(try await alice.outcome(.POST, path) == "400 Invalid input")
            #expect(try await alice.outcome(.POST, path, ["password": "Wrong horse 1!"]) == "401 Invalid credentials")
            #expect(try await Self.asks(alice) == Self.refused)
            let proved = try await alice.does(.POST, path, ["password": .string(Person.password)])
            #expect(proved == ["valid_until": .integer(server.clock.now().seconds + 600)])
            #expect(try await Self.asks(alice) == "200")
            #expect(try await Self.asks(other) == Self.refused, "it counts for this login alone")
            #expect(try await Self.asks(other, ["password": "Wrong horse 1!"]) == "401 Invalid credentials")
            #expect(try await Self.asks(other, ["password": .string(Person.password)]) == "200")
            server.clock.advance(by: .seconds(601))
            #expect(try await Self.asks(alice) == Self.refused)
            #expect(try await Self.asks(try await alice.onAnotherDevice()) == "200", "a login is a proof")
            #expect(try await server.outcome(.POST, path, ["password": "x"]) == "401 Authentication required")
        }
    }

    @Test("a new token for the same login is no proof", arguments: DatabaseKind.allCases)
    func refresh(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            server.clock.advance(by: .seconds(601))
            let token = try await alice.does(.POST, "/auth/refresh").text("token")
            let refreshed = Person(server: server, name: "alice", id: alice.id, token: token)
            #expect(try await Self.asks(refreshed) == Self.refused)
        }
    }

    @Test("with a second factor both are needed", arguments: DatabaseKind.allCases)
    func secondFactor(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let phone = try await alice.turnsOnTwoFactor()
            server.clock.advance(by: .seconds(601))
            let password = JSON.string(Person.password)
            for body: JSON in [["password": password], ["password": password, "code": "000000"]] {
                #expect(try await alice.outcome(.POST, "/auth/reauthenticate", body) == "401 Invalid password or code")
                #expect(try await Self.asks(alice, body) == "401 Invalid password or code")
            }
            #expect(try await Self.asks(alice) == Self.refused)
            let code = JSON.string(phone.code(at: server.clock.now()))
            #expect(
                try await alice.outcome(.POST, "/auth/reauthenticate", ["password": password, "code": code]) == "200")
            #expect(try await Self.asks(alice) == "200")
        }
    }

    @Test("a passkey proves it, too, and nobody else's does", arguments: DatabaseKind.allCases)
    func passkey(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["http.public_url": "http://localhost"]) { server in
            let (alice, mallory) = (try await server.person("alice"), try await server.person("mallory"))
            let (key, stolen) = (SoftPasskey(), SoftPasskey())
            #expect(try await alice.registers(key).status == 201)
            #expect(try await mallory.registers(stolen).status == 201)
            server.clock.advance(by: .seconds(601))
            func challenge() async throws -> String {
                try await server.send(.POST, "/auth/passkeys/options/authenticate").json.text("challenge")
            }
            let others: JSON = [
                "credential": try stolen.assertion(for: try await challenge(), by: mallory.id)
            ]
            #expect(try await alice.outcome(.POST, "/auth/reauthenticate", others) == "401 Invalid credentials")
            #expect(try await Self.asks(alice) == Self.refused)
            let own: JSON = ["credential": try key.assertion(for: try await challenge(), by: alice.id)]
            #expect(try await alice.outcome(.POST, "/auth/reauthenticate", own) == "200")
            #expect(try await alice.outcome(.POST, "/auth/reauthenticate", own) == "401 Expired token", "once")
            #expect(try await Self.asks(alice) == "200")
        }
    }

    @Test("who has no password comes by a new login at the provider", arguments: DatabaseKind.allCases)
    func singleSignOn(kind: DatabaseKind) async throws {
        try await SingleSignOnTests.withProvider(kind) { server, provider in
            try await provider.knows("r1", SingleSignOnTests.claims("alice@example.org"))
            func login() async throws -> Person {
                let reply = try await server.logsIn("r1", at: provider)
                let user = try #require(reply.json["user"])
                return Person(
                    server: server, name: "alice", id: try user.text("id"), token: try reply.json.text("token"))
            }
            let alice = try await login()
            let body: JSON = ["password": ""]
            #expect(
                try await alice.outcome(.POST, "/auth/reauthenticate", body) == "401 Invalid credentials",
                "a young login does not prolong itself")
            server.clock.advance(by: .seconds(601))
            #expect(try await Self.asks(alice) == Self.refused)
            #expect(try await alice.outcome(.POST, "/auth/reauthenticate", body) == "401 Invalid credentials")
            #expect(try await Self.asks(try await login()) == "200")
        }
    }

    @Test("a bot exports nothing", arguments: DatabaseKind.allCases)
    func bots(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let application = try await alice.does(.POST, "/applications", ["name": "x"]).text("id")
            let token = try await alice.does(.POST, "/applications/\(application)/bot").text("token")
            let reply = try await server.send(.POST, Self.export, headers: ["authorization": "Bot \(token)"])
            #expect(reply.outcome == "403 Permission denied")
        }
    }
}
