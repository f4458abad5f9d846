import Client
import Database
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@Suite("Scheduled messages")
struct ScheduledMessageTests {
    private static func path(_ channel: String) -> String { "/channels/\(channel)/scheduled-messages" }

    /// The next message, and whether it comes at all while the clock moves on by steps.
    private static func awaitNext(_ listener: Listener, _ content: String) async throws {
        let event = try await listener.awaits("MESSAGE_CREATE")
        guard event["d"]?["content"]?.string == content else { throw UnexpectedEvent(expected: content, event: event) }
    }

    private static func passes(_ seconds: Int, on server: TestServer) async throws {
        server.clock.advance(by: .seconds(seconds))
        try await server.doesDueWork()
    }

    @Test("slow mode is waited out, in order", arguments: DatabaseKind.allCases)
    func slowMode(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (server, alice, bob) = (scene.server, scene.alice, scene.bob)
            let slow = try await alice.opensChannel("slow", in: scene.nest, ["slowmode_seconds": 600])
            let due = server.clock.now().seconds + 60
            for (index, text) in ["first", "second", "third"].enumerated() {
                try await bob.does(
                    .POST, Self.path(slow), ["content": .string(text), "send_at": .integer(due + Int64(index))])
            }
            try await Self.passes(70, on: server)
            try await Self.awaitNext(scene.aliceHears, "first")
            #expect(try await bob.reads(slow) == ["first"])
            let waiting = try await bob.does(.GET, Self.path(slow))
            #expect(waiting.column("content") == ["second", "third"])
            #expect(waiting.array?.map { $0["failure"] } == [JSON.null, JSON.null])
            try await Self.passes(601, on: server)
            try await Self.awaitNext(scene.aliceHears, "second")
            #expect(try await bob.reads(slow) == ["second", "first"])
            try await Self.passes(601, on: server)
            try await Self.awaitNext(scene.aliceHears, "third")
            #expect(try await bob.does(.GET, Self.path(slow)) == [])
        }
    }

    @Test("one author's go out one a second, each once", arguments: DatabaseKind.allCases)
    func pace(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (server, bob, general) = (scene.server, scene.bob, scene.nest.general)
            let due = server.clock.now().seconds + 60
            for number in 1...3 {
                try await bob.does(
                    .POST, Self.path(general), ["content": .string("\(number)"), "send_at": .integer(due)])
            }
            for number in 1...3 {
                try await Self.passes(number == 1 ? 60 : 1, on: server)
                try await Self.awaitNext(scene.aliceHears, "\(number)")
            }
            #expect(try await bob.reads(general) == ["3", "2", "1"])
        }
    }

    @Test("maintenance is waited out", arguments: DatabaseKind.allCases)
    func maintenance(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (server, bob, general) = (scene.server, scene.bob, scene.nest.general)
            let root = try await server.administrator()
            let due = server.clock.now().seconds + 60
            try await bob.does(.POST, Self.path(general), ["content": "later", "send_at": .integer(due)])
            try await root.does(.POST, MaintenanceTests.path)
            try await Self.passes(120, on: server)
            let waiting = try await server.onDatabase { tx in
                try tx.first("SELECT COUNT(*) FROM scheduled_messages WHERE failure IS NULL") { $0.int(0) }
            }
            #expect(waiting == 1)
            try await root.does(.DELETE, MaintenanceTests.path)
            try await eventually { try await bob.reads(general) != [] }
            #expect(try await bob.reads(general) == ["later"])
        }
    }

    @Test("they stay their author's when the channel is out of sight, or gone", arguments: DatabaseKind.allCases)
    func lostSight(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (server, alice, bob, nest) = (scene.server, scene.alice, scene.bob, scene.nest)
            let carol = try await server.person("carol")
            try await carol.joins(nest)
            let due = JSON.integer(server.clock.now().seconds + 600)
            let (hidden, deleted) = (
                try await alice.opensChannel("hidden", in: nest), try await alice.opensChannel("deleted", in: nest)
            )
            var ids: [String] = []
            for channel in [hidden, deleted] {
                let made = try await bob.does(.POST, Self.path(channel), ["content": "my words", "send_at": due])
                ids.append(try made.text("id"))
            }
            try await alice.closes(hidden, in: nest)
            try await alice.does(.DELETE, "/channels/\(deleted)")
            for channel in [hidden, deleted] {
                #expect(try await bob.does(.GET, Self.path(channel)).column("content") == ["my words"])
            }
            #expect(try await bob.does(.GET, "/users/@me/scheduled-messages").column("id") == ids)
            #expect(try await carol.outcome(.GET, Self.path(hidden)) == "403 Access denied", "others see as before")
            #expect(try await carol.outcome(.GET, Self.path(deleted)) == "404 Channel not found")
            #expect(try await carol.does(.GET, "/users/@me/scheduled-messages") == [])
            try await server.keepsUp()
            try await Self.passes(601, on: server)
            try await eventually {
                let failures = try await bob.does(.GET, "/users/@me/scheduled-messages").column("failure")
                server.clock.advance(by: .seconds(1))
                return failures.count == 2
            }
            #expect(
                try await bob.does(.GET, "/users/@me/scheduled-messages").column("failure")
                    == ["Access denied", "Channel not found"])
            for (channel, id) in zip([hidden, deleted], ids) {
                try await bob.does(.DELETE, "\(Self.path(channel))/\(id)")
            }
            #expect(try await bob.does(.GET, "/users/@me/scheduled-messages") == [])
        }
    }

    @Test("what was given up is forgotten after thirty days", arguments: DatabaseKind.allCases)
    func memory(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (server, alice, bob) = (scene.server, scene.alice, scene.bob)
            let channel = try await alice.opensChannel("gone", in: scene.nest)
            let due = JSON.integer(server.clock.now().seconds + 60)
            try await bob.does(.POST, Self.path(channel), ["content": "never", "send_at": due])
            try await alice.does(.DELETE, "/channels/\(channel)")
            try await Self.passes(61, on: server)
            try await server.keepsUp()
            #expect(try await bob.does(.GET, "/users/@me/scheduled-messages").count == 1)
            server.clock.advance(by: .seconds(31 * 86_400))
            try await server.keepsUp()
            let later = try await bob.onAnotherDevice()
            #expect(try await later.does(.GET, "/users/@me/scheduled-messages") == [])
        }
    }

    @Test("one whose nonce was used for something else is not dropped in silence", arguments: DatabaseKind.allCases)
    func nonce(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (server, bob, general) = (scene.server, scene.bob, scene.nest.general)
            let due = JSON.integer(server.clock.now().seconds + 60)
            try await bob.does(.POST, Self.path(general), ["content": "later", "send_at": due, "nonce": "n"])
            try await bob.says("now", in: general, nonce: "n")
            try await Self.passes(61, on: server)
            var failure: JSON?
            try await eventually {
                failure = try await bob.does(.GET, Self.path(general))[0]?["failure"]
                return failure?.string != nil
            }
            #expect(failure == "Already exists")
            #expect(try await bob.reads(general) == ["now"])
        }
    }

    @Test("nothing is kept that is not declared, and there are bounds", arguments: DatabaseKind.allCases)
    func bounds(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (server, alice, bob, nest) = (scene.server, scene.alice, scene.bob, scene.nest)
            let due = JSON.integer(server.clock.now().seconds + 3600)
            let junk = JSON.string(String(repeating: "x", count: 50_000))
            let body: JSON = [
                "content": "hi", "send_at": due, "undeclared": junk,
                "embeds": [["title": "t", "undeclared": junk, "footer": ["text": "f", "undeclared": junk]]],
                "allowed_mentions": ["undeclared": junk],
            ]
            let reply = try await bob.send(.POST, Self.path(nest.general), body)
            #expect(reply.status == 201)
            #expect(reply.body.count < 2000)
            let stored = try await server.onDatabase { tx in
                try tx.first("SELECT draft FROM scheduled_messages") { $0.text(0) }
            }
            #expect((stored?.utf8.count ?? .max) < 2000)
            #expect(stored?.contains("\"text\":\"f\"") == true)
            for number in 2...50 {
                try await bob.does(
                    .POST, Self.path(nest.general), ["content": .string("\(number)"), "send_at": due])
            }
            let full = try await bob.send(.POST, Self.path(nest.general), ["content": "51", "send_at": due])
            #expect(full.outcome == "400 Invalid input")
            #expect(full.issues == ["channel_id"])
            for index in 1...3 {
                let channel = try await alice.opensChannel("c\(index)", in: nest)
                for number in 1...50 {
                    try await bob.does(.POST, Self.path(channel), ["content": .string("\(number)"), "send_at": due])
                }
            }
            let last = try await alice.opensChannel("last", in: nest)
            let many = try await bob.send(.POST, Self.path(last), ["content": "201", "send_at": due])
            #expect(many.outcome == "400 Invalid input")
            #expect(many.text.contains("200"))
        }
    }
}
