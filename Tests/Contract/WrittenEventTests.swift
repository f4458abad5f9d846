import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

/// How many events a deed writes. One too many costs everyone who hears it; one too few is something that nobody hears of.
@Suite("What a deed writes into the log")
struct WrittenEventTests {
    private static func scene(
        _ kind: DatabaseKind, _ body: @escaping @Sendable (TestServer, Person, Person, Community) async throws -> Void
    ) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let nest = try await alice.foundsServer()
            try await bob.joins(nest)
            try await body(server, alice, bob, nest)
        }
    }

    @Test(
        "a message is one event, to be edited another one, and to be deleted a third", arguments: DatabaseKind.allCases)
    func messages(kind: DatabaseKind) async throws {
        try await Self.scene(kind) { server, alice, _, nest in
            try await server.expectWritten(["MESSAGE_CREATE": 1]) { try await alice.says("hello", in: nest.general) }
            let message = try await alice.says("again", in: nest.general, nonce: "n").text("id")
            // The same nonce: nothing happens.
            try await server.expectWritten([:]) { try await alice.says("again", in: nest.general, nonce: "n") }
            let path = "/channels/\(nest.general)/messages/\(message)"
            try await server.expectWritten(["MESSAGE_UPDATE": 1]) {
                try await alice.does(.PATCH, path, ["content": "new"])
            }
            try await server.expectWritten(["MESSAGE_DELETE": 1]) { try await alice.does(.DELETE, path) }
        }
    }

    @Test("reacting twice is one event", arguments: DatabaseKind.allCases)
    func reactions(kind: DatabaseKind) async throws {
        try await Self.scene(kind) { server, alice, bob, nest in
            let message = try await alice.says("hello", in: nest.general).text("id")
            let path = "/channels/\(nest.general)/messages/\(message)/reactions/%F0%9F%91%8D"
            try await server.expectWritten(["MESSAGE_REACTION_ADD": 1]) {
                try await bob.does(.PUT, path)
                try await bob.does(.PUT, path)
            }
            try await server.expectWritten(["MESSAGE_REACTION_REMOVE": 1]) { try await bob.does(.DELETE, path) }
        }
    }

    @Test("a ban is told once to each of those whom it concerns", arguments: DatabaseKind.allCases)
    func bans(kind: DatabaseKind) async throws {
        try await Self.scene(kind) { server, alice, bob, nest in
            let path = "/servers/\(nest.id)/bans/\(bob.id)"
            let banned = [
                "GUILD_BAN_ADD": 1, "GUILD_MEMBER_REMOVE": 1, "GUILD_DELETE": 1, "NOTIFICATION_CREATE": 1,
                "GUILD_AUDIT_LOG_ENTRY_CREATE": 1,
            ]
            try await server.expectWritten(banned) { try await alice.does(.PUT, path, [:]) }
            // What bob was told of the ban is withdrawn.
            let over = ["GUILD_BAN_REMOVE": 1, "NOTIFICATION_DELETE": 1, "GUILD_AUDIT_LOG_ENTRY_CREATE": 1]
            try await server.expectWritten(over) { try await alice.does(.DELETE, path) }
        }
    }

    @Test("a role that is changed is one event, however many it moves", arguments: DatabaseKind.allCases)
    func roles(kind: DatabaseKind) async throws {
        try await Self.scene(kind) { server, alice, _, nest in
            let path = "/servers/\(nest.id)/roles"
            var roles: [String] = []
            for name in ["a", "b", "c", "d"] {
                roles.append(try await alice.does(.POST, path, ["name": .string(name)]).text("id"))
            }
            // It stands at the top, and goes down past all others.
            let role = "\(path)/\(roles[0])"
            let update = ["GUILD_ROLE_UPDATE": 1, "GUILD_AUDIT_LOG_ENTRY_CREATE": 1]
            try await server.expectWritten(update) { try await alice.does(.PATCH, role, ["name": "e"]) }
            try await server.expectWritten(update) { try await alice.does(.PATCH, role, ["position": 1]) }
            // As it is already: nothing happens.
            try await server.expectWritten([:]) { try await alice.does(.PATCH, role, ["name": "e"]) }
        }
    }

    @Test("what is refused writes nothing", arguments: DatabaseKind.allCases)
    func refusals(kind: DatabaseKind) async throws {
        try await Self.scene(kind) { server, alice, bob, nest in
            try await server.expectWritten([:]) {
                let refused = [
                    try await bob.send(.PATCH, "/servers/\(nest.id)", ["name": "Mine"]),
                    try await bob.send(.PUT, "/servers/\(nest.id)/bans/\(alice.id)", [:]),
                    try await bob.send(.POST, "/channels/\(nest.general)/messages", ["content": ""]),
                ]
                #expect(refused.map(\.status) == [403, 403, 400])
            }
        }
    }
}
