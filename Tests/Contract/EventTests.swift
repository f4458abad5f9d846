import Client
import Kernel
import NIOCore
import NIOHTTP1
import TestDatabase
import Testing

@Suite("Events")
struct EventTests {
    /// Alice's server with Bob in it, and both listening.
    struct Scene: Sendable {
        let server: TestServer
        let alice: Person
        let bob: Person
        let nest: Community
        let aliceHears: Listener
        let bobHears: Listener

        init(_ server: TestServer) async throws {
            self.server = server
            alice = try await server.person("alice")
            bob = try await server.person("bob")
            nest = try await alice.foundsServer()
            try await bob.joins(nest)
            aliceHears = try await alice.listens()
            bobHears = try await bob.listens()
        }

        /// Says something in the channel and expects that nothing came to the listener before it.
        func nothingReached(_ listener: Listener) async throws {
            try await alice.says("marker", in: nest.general)
            try await listener.hearsNothing(before: "MESSAGE_CREATE", matching: "marker")
        }
    }

    static func with(_ kind: DatabaseKind, _ body: @escaping @Sendable (Scene) async throws -> Void) async throws {
        try await TestServer.with(kind) { server in try await body(try await Scene(server)) }
    }

    @Test("a listener that beats is answered each time, and goes on hearing")
    func beats() async throws {
        try await Self.with(.sqlite) { scene in
            scene.bobHears.socket.beat(every: .milliseconds(20))
            for _ in 0..<3 { _ = try await scene.bobHears.next(op: 11) }
            try await scene.alice.says("still there?", in: scene.nest.general)
            try await scene.bobHears.awaits("MESSAGE_CREATE")
        }
    }

    @Test("a message's life is told to everyone in the channel", arguments: DatabaseKind.allCases)
    func messages(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let path = "/channels/\(scene.nest.general)/messages"
            let sent = try await scene.alice.says("hello", in: scene.nest.general)
            let edited = try await scene.alice.does(.PATCH, "\(path)/\(try sent.text("id"))", ["content": "bye"])
            try await scene.alice.does(.DELETE, "\(path)/\(try sent.text("id"))")
            for listener in [scene.aliceHears, scene.bobHears] {
                #expect(try await listener.hears("MESSAGE_CREATE")["d"] == sent)
                #expect(try await listener.hears("MESSAGE_UPDATE")["d"] == edited)
                let gone: JSON = [
                    "id": sent["id"] ?? .null, "channel_id": .string(scene.nest.general),
                    "server_id": .string(scene.nest.id),
                ]
                #expect(try await listener.hears("MESSAGE_DELETE")["d"] == gone)
            }
        }
    }

    @Test("messages that are deleted together are told together", arguments: DatabaseKind.allCases)
    func bulkDelete(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            var ids: [JSON] = []
            for number in 1...3 {
                ids.append(.string(try await scene.bob.says("\(number)", in: scene.nest.general).text("id")))
                try await scene.bobHears.hears("MESSAGE_CREATE")
            }
            try await scene.alice.does(
                .POST, "/channels/\(scene.nest.general)/messages/bulk-delete", ["message_ids": .array(ids)])
            let event = try await scene.bobHears.hears("MESSAGE_DELETE_BULK")
            #expect(event["d"]?["ids"] == .array(ids))
            #expect(event["d"]?["channel_id"]?.string == scene.nest.general)
        }
    }

    @Test("what changes nothing is told to nobody", arguments: DatabaseKind.allCases)
    func silence(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let path = "/channels/\(scene.nest.general)/messages"
            let sent = try await scene.alice.says("hello", in: scene.nest.general, nonce: "n")
            let message = "\(path)/\(try sent.text("id"))"
            try await scene.bobHears.hears("MESSAGE_CREATE")
            try await scene.alice.does(.PATCH, message, ["content": "hello"])
            try await scene.alice.says("hello", in: scene.nest.general, nonce: "n")
            _ = try await scene.bob.send(.PATCH, message, ["content": "mine"])
            _ = try await scene.bob.send(.DELETE, message)
            _ = try await scene.alice.send(.POST, path, ["content": " "])
            try await scene.alice.does(.POST, "\(path)/bulk-delete", ["message_ids": ["1", "2"]])
            try await scene.nothingReached(scene.bobHears)
        }
    }

    @Test("a changed server is told to its members", arguments: DatabaseKind.allCases)
    func serverUpdate(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let changed = try await scene.alice.does(.PATCH, "/servers/\(scene.nest.id)", ["name": "Aerie"])
            #expect(try await scene.bobHears.hears("GUILD_UPDATE")["d"] == changed)
            let given = try await scene.alice.does(
                .POST, "/servers/\(scene.nest.id)/transfer",
                ["user_id": .string(scene.bob.id), "password": .string(Person.password)])
            #expect(try await scene.bobHears.hears("GUILD_UPDATE")["d"] == given)
        }
    }

    @Test("a deleted server is told to its members, who hear nothing of it after", arguments: DatabaseKind.allCases)
    func serverDelete(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let den = try await scene.bob.foundsServer("Den")
            try await scene.bobHears.hears("GUILD_CREATE")
            try await scene.alice.does(.DELETE, "/servers/\(scene.nest.id)")
            for listener in [scene.aliceHears, scene.bobHears] {
                #expect(try await listener.hears("GUILD_DELETE")["d"] == ["id": .string(scene.nest.id)])
            }
            try await scene.bob.says("marker", in: den.general)
            try await scene.bobHears.hearsNothing(before: "MESSAGE_CREATE", matching: "marker")
        }
    }

    @Test("one's other devices learn of a server that one makes", arguments: DatabaseKind.allCases)
    func serverCreate(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let den = try await scene.bob.foundsServer("Den")
            let event = try await scene.bobHears.hears("GUILD_CREATE")
            #expect(event["d"]?["server"] == (try await scene.bob.does(.GET, "/servers/\(den.id)")))
            #expect(event["d"]?["channels"] == (try await scene.bob.does(.GET, "/servers/\(den.id)/channels")))
            #expect(event["d"]?["member"]?["user_id"]?.string == scene.bob.id)
            #expect(event["d"]?["roles"]?.column("name") == ["@everyone"])
            #expect(event["d"]?["member_count"] == 1)
            try await scene.nothingReached(scene.aliceHears)
        }
    }

    @Test("channels are told of as they come, change and go", arguments: DatabaseKind.allCases)
    func channels(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let path = "/servers/\(scene.nest.id)/channels"
            let made = try await scene.alice.does(.POST, path, ["name": "news"])
            let id = try made.text("id")
            #expect(try await scene.bobHears.hears("CHANNEL_CREATE")["d"] == made)
            let first = try await scene.alice.says("first", in: id)
            #expect(try await scene.bobHears.hears("MESSAGE_CREATE")["d"] == first)
            let changed = try await scene.alice.does(.PATCH, "/channels/\(id)", ["topic": "New"])
            #expect(try await scene.bobHears.hears("CHANNEL_UPDATE")["d"] == changed)
            try await scene.alice.does(.DELETE, "/channels/\(id)")
            let gone: JSON = ["id": .string(id), "server_id": .string(scene.nest.id)]
            #expect(try await scene.bobHears.hears("CHANNEL_DELETE")["d"] == gone)
            try await scene.nothingReached(scene.bobHears)
        }
    }

    @Test("a reordering is told channel by channel, only what has moved", arguments: DatabaseKind.allCases)
    func reorder(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let path = "/servers/\(scene.nest.id)/channels"
            let ids = try await scene.alice.does(.GET, path).column("id")
            let moves = [(0, 2), (1, 1), (2, 0)].map { index, position -> JSON in
                ["id": .string(ids[index]), "position": .integer(position)]
            }
            try await scene.alice.does(.PATCH, path, .array(moves))
            let first = try await scene.bobHears.hears("CHANNEL_UPDATE")["d"]
            let second = try await scene.bobHears.hears("CHANNEL_UPDATE")["d"]
            #expect([first?["id"]?.string, second?["id"]?.string] == [ids[0], ids[2]])
            #expect([first?["position"], second?["position"]] == [2, 0])
            try await scene.nothingReached(scene.bobHears)
        }
    }

    @Test(
        "the channels that lose their category, and the server its default, are told", arguments: DatabaseKind.allCases)
    func cascades(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let ids = try await scene.alice.does(.GET, "/servers/\(scene.nest.id)/channels").column("id")
            try await scene.alice.does(.DELETE, "/channels/\(ids[0])")
            for id in ids.dropFirst() {
                let event = try await scene.bobHears.hears("CHANNEL_UPDATE")
                #expect(event["d"]?["id"]?.string == id)
                #expect(event["d"]?["category_id"] == .null)
            }
            try await scene.bobHears.hears("CHANNEL_DELETE")
            try await scene.alice.does(.DELETE, "/channels/\(scene.nest.general)")
            try await scene.bobHears.hears("CHANNEL_DELETE")
            #expect(try await scene.bobHears.hears("GUILD_UPDATE")["d"]?["default_channel_id"] == .null)
        }
    }

    @Test("typing is told, and carries no position of its own", arguments: DatabaseKind.allCases)
    func typing(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            try await scene.alice.says("hello", in: scene.nest.general)
            let position = try await scene.bobHears.hears("MESSAGE_CREATE")["s"]
            try await scene.alice.does(.POST, "/channels/\(scene.nest.general)/typing")
            #expect(try await scene.bobHears.hears("TYPING_START")["s"] == position)
        }
    }

    @Test(
        "a changed account is told to its own devices, its public side to shared servers",
        arguments: DatabaseKind.allCases)
    func users(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let me = try await scene.bob.does(.PATCH, "/users/@me", ["display_name": "Bob B.", "bio": "Chirp"])
            #expect(try await scene.bobHears.hears("USER_UPDATE")["d"] == me)
            let seen = try await scene.aliceHears.hears("GUILD_MEMBER_UPDATE")
            #expect(seen["d"]?["server_id"]?.string == scene.nest.id)
            #expect(seen["d"]?["member"]?["display_name"] == "Bob B.")
            #expect(!String(decoding: seen.jsonBytes, as: UTF8.self).contains("bob@example.org"))
            try await scene.nothingReached(scene.aliceHears)
        }
    }
}
