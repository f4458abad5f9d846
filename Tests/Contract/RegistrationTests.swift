import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@Suite("Registration by invitation")
struct RegistrationTests {
    @Test("with an invite, who registers is in the server at once", arguments: DatabaseKind.allCases)
    func invite(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let code = try await alice.invites(to: nest)
            var draft = AccountTests.registration("bob").object ?? [:]
            draft["invite_code"] = .string(code)
            let reply = try await server.send(.POST, "/auth/register", .object(draft))
            #expect(reply.status == 201)
            let servers = try await server.send(.GET, "/servers", token: try reply.json.text("token")).json
            #expect(servers.column("id") == [nest.id])
        }
    }

    @Test("an instance can take only those who are invited", arguments: DatabaseKind.allCases)
    func inviteOnly(kind: DatabaseKind) async throws {
        try await TestDatabase.withPlace(kind) { place in
            let url = kind == .sqlite ? "sqlite:\(place.address)" : place.address
            let code = Outcome()
            try await TestServer.with(databaseURL: url) { server in
                let alice = try await server.person("alice")
                let options: JSON = ["max_uses": 1]
                await code.keep(try await alice.invites(to: try await alice.foundsServer(), options))
            }
            try await TestServer.with(databaseURL: url, ["registration.mode": "invite"]) { server in
                let uninvited = try await Self.register("bob", with: nil, on: server)
                #expect(uninvited == "403 Registration is closed")
                let unknown = try await Self.register("bob", with: "0000000000", on: server)
                #expect(unknown == "404 Invite not found")
                let kept = await code.value
                let invited = try await Self.register("bob", with: kept, on: server)
                #expect(invited == "201")
                let late = try await Self.register("carol", with: kept, on: server)
                #expect(late == "404 Invite not found", "it was good for one")
                #expect(try await server.send(.GET, "/capabilities").json["registration"] == "invite")
            }
        }
    }

    private static func register(
        _ name: String, with code: String?, on server: TestServer
    ) async throws -> String {
        var draft = AccountTests.registration(name).object ?? [:]
        draft["invite_code"] = code.map { .string($0) }
        return try await server.outcome(.POST, "/auth/register", .object(draft))
    }

    @Test("switched off as a module, registration is not there at all", arguments: DatabaseKind.allCases)
    func module(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["modules.registration": "false"]) { server in
            let outcome = try await server.outcome(.POST, "/auth/register", AccountTests.registration("alice"))
            #expect(outcome == "503 Module not available")
            #expect(try await server.send(.GET, "/capabilities").json["registration"] == "closed")
        }
    }
}

/// Carries a text from one server's life to the next.
private actor Outcome {
    private(set) var value = ""

    func keep(_ text: String) { value = text }
}
