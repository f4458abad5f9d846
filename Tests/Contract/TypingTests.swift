import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@Suite("Typing")
struct TypingTests {
    @Test("others in the channel see who is typing", arguments: DatabaseKind.allCases)
    func typing(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let nest = try await alice.foundsServer()
            try await bob.joins(nest)
            let listener = try await alice.listens()
            #expect(try await bob.does(.POST, "/channels/\(nest.general)/typing") == ["success": true])
            let event = try await listener.hears("TYPING_START")
            #expect(
                event["d"] == [
                    "channel_id": .string(nest.general), "server_id": .string(nest.id), "user_id": .string(bob.id),
                    "timestamp": .integer(server.clock.now().seconds),
                ])
        }
    }

    @Test("a client says on its socket that one types, and that one has stopped", arguments: DatabaseKind.allCases)
    func stopping(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let nest = try await alice.foundsServer()
            try await bob.joins(nest)
            let listener = try await alice.listens()
            let typist = try await bob.listens()
            try await typist.socket.send(["op": 40, "d": ["channel_id": .string(nest.general)]])
            let begun = try await listener.hears("TYPING_START")
            try await typist.socket.send(["op": 41, "d": ["channel_id": .string(nest.general)]])
            let stopped = try await listener.hears("TYPING_STOP")
            #expect(stopped["d"] == begun["d"])
            #expect(stopped["d"]?["user_id"] == .string(bob.id))
        }
    }

    @Test("nobody types where nobody can speak", arguments: DatabaseKind.allCases)
    func category(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let category = try await alice.opensChannel("category", in: nest, ["type": "category"])
            #expect(try await alice.outcome(.POST, "/channels/\(category)/typing") == "400 Invalid input")
        }
    }

    @Test("typing is heard by nobody outside", arguments: DatabaseKind.allCases)
    func outsiders(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, eve) = (try await server.person("alice"), try await server.person("eve"))
            let nest = try await alice.foundsServer()
            let den = try await eve.foundsServer("Den")
            let listener = try await eve.listens()
            try await alice.does(.POST, "/channels/\(nest.general)/typing")
            try await eve.says("marker", in: den.general)
            try await listener.hearsNothing(before: "MESSAGE_CREATE", matching: "marker")
        }
    }

    @Test("switched off, typing is not available", arguments: DatabaseKind.allCases)
    func switchedOff(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["modules.typing": "false"]) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let outcome = try await alice.outcome(.POST, "/channels/\(nest.general)/typing")
            #expect(outcome == "503 Module not available")
            #expect(try await server.send(.GET, "/capabilities").json["typing"] == false)
        }
    }
}
