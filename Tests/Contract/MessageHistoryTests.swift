import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@Suite("Reading, editing and deleting messages")
struct MessageHistoryTests {
    /// A server with seven messages, "1" to "7", and their ids.
    static func talk(on server: TestServer) async throws -> (alice: Person, nest: Community, ids: [String]) {
        let alice = try await server.person("alice")
        let nest = try await alice.foundsServer()
        var ids: [String] = []
        for number in 1...7 { ids.append(try await alice.says("\(number)", in: nest.general).text("id")) }
        return (alice, nest, ids)
    }

    @Test("pages come newest first, before, after and around a message", arguments: DatabaseKind.allCases)
    func pages(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, nest, ids) = try await Self.talk(on: server)
            let expected: [(String, String)] = [
                ("", "7654321"), ("?limit=3", "765"), ("?limit=100", "7654321"), ("?before=\(ids[2])", "21"),
                ("?before=\(ids[5])&limit=2", "54"), ("?after=\(ids[2])", "7654"), ("?after=\(ids[2])&limit=2", "54"),
                ("?around=\(ids[3])&limit=3", "543"), ("?around=\(ids[3])", "7654321"),
                ("?around=\(ids[0])&limit=2", "1"),
                ("?before=1", ""), ("?after=1&limit=1", "1"), ("?after=\(ids[6])", ""),
                ("?before=9223372036854775807&limit=1", "7"), ("?unknown=x", "7654321"),
            ]
            for (query, texts) in expected {
                #expect(try await alice.reads(nest.general, query).joined() == texts, "\(query)")
            }
        }
    }

    @Test("wrong page parameters are named", arguments: DatabaseKind.allCases)
    func wrongPages(kind: DatabaseKind) async throws {
        let wrong = [
            ("limit=0", ["limit"]), ("limit=101", ["limit"]), ("limit=-1", ["limit"]), ("limit=", ["limit"]),
            ("limit=ten", ["limit"]), ("before=0", ["before"]), ("before=x", ["before"]), ("after=-5", ["after"]),
            ("around=9223372036854775808", ["around"]), ("before=", ["before"]), ("before=%2B1", ["before"]),
            ("limit=x&after=x", ["limit", "after"]), ("before=1&after=2", ["before"]), ("limit=5&limit=5", ["limit"]),
        ]
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            for (query, fields) in wrong {
                let reply = try await alice.send(.GET, "/channels/\(nest.general)/messages?\(query)")
                #expect(reply.outcome == "400 Invalid input", "\(query)")
                #expect(reply.issues == fields, "\(query)")
            }
        }
    }

    @Test("messages show their authors as they are called now", arguments: DatabaseKind.allCases)
    func authors(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, nest, _) = try await Self.talk(on: server)
            try await alice.does(.PATCH, "/users/@me", ["username": "carol", "display_name": "C"])
            let page = try await alice.does(.GET, "/channels/\(nest.general)/messages?limit=1")
            #expect(page[0]?["author_username"] == "carol")
            #expect(page[0]?["author_display_name"] == "C")
        }
    }

    @Test("an edit changes the text and keeps the old one", arguments: DatabaseKind.allCases)
    func edit(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, nest, ids) = try await Self.talk(on: server)
            let path = "/channels/\(nest.general)/messages/\(ids[0])"
            #expect(try await alice.does(.GET, "\(path)/history") == [])
            server.clock.advance(by: .seconds(5))
            let edited = try await alice.does(.PATCH, path, ["content": "one"])
            #expect(edited["content"] == "one")
            #expect(edited["edited_at"] == .integer(server.clock.now().seconds))
            #expect(try await alice.does(.GET, path) == edited)
            server.clock.advance(by: .seconds(5))
            try await alice.does(.PATCH, path, ["content": "uno"])
            let history = try await alice.does(.GET, "\(path)/history")
            #expect(history.column("content") == ["1", "one"])
            #expect(history[1]?["edited_at"] == .integer(server.clock.now().seconds))
        }
    }

    @Test(
        "an edit that changes nothing leaves no trace, one that only looks the same does",
        arguments: DatabaseKind.allCases)
    func sameEdit(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let sent = try await alice.says("caf\u{E9}", in: nest.general)
            let path = "/channels/\(nest.general)/messages/\(try sent.text("id"))"
            #expect(try await alice.does(.PATCH, path, ["content": "caf\u{E9}"]) == sent)
            let decomposed = try await alice.does(.PATCH, path, ["content": "cafe\u{301}"])
            #expect(decomposed["content"]?.string?.unicodeScalars.count == 5)
            #expect(decomposed["edited_at"] != .null)
        }
    }

    @Test("only the author edits", arguments: DatabaseKind.allCases)
    func foreignEdit(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, nest, _) = try await Self.talk(on: server)
            let bob = try await server.person("bob")
            try await bob.joins(nest)
            let message = try await bob.says("mine", in: nest.general).text("id")
            let path = "/channels/\(nest.general)/messages/\(message)"
            #expect(try await alice.outcome(.PATCH, path, ["content": "ours"]) == "403 Permission denied")
            #expect(try await alice.does(.GET, path)["content"] == "mine")
        }
    }

    @Test("edits at once keep every text in the history", arguments: DatabaseKind.allCases)
    func concurrentEdits(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, nest, ids) = try await Self.talk(on: server)
            let path = "/channels/\(nest.general)/messages/\(ids[0])"
            let outcomes = try await atOnce(12) { index in
                try await alice.outcome(.PATCH, path, ["content": .string("edit \(index)")])
            }
            #expect(outcomes == Array(repeating: "200", count: 12))
            let last = try await alice.does(.GET, path).text("content")
            let texts = try await alice.does(.GET, "\(path)/history").column("content") + [last]
            #expect(texts.first == "1")
            #expect(Set(texts.dropFirst()) == Set((0..<12).map { "edit \($0)" }))
            #expect(texts.count == 13)
        }
    }

    @Test("author and managers delete, others do not", arguments: DatabaseKind.allCases)
    func delete(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, nest, ids) = try await Self.talk(on: server)
            let bob = try await server.person("bob")
            try await bob.joins(nest)
            let own = try await bob.says("mine", in: nest.general).text("id")
            let other = try await bob.says("also mine", in: nest.general).text("id")
            let path = "/channels/\(nest.general)/messages"
            #expect(try await bob.outcome(.DELETE, "\(path)/\(ids[0])") == "403 Permission denied")
            #expect(try await bob.does(.DELETE, "\(path)/\(own)") == ["success": true])
            #expect(try await alice.does(.DELETE, "\(path)/\(other)") == ["success": true])
            #expect(try await bob.outcome(.GET, "\(path)/\(own)") == "404 Message not found")
            #expect(try await bob.outcome(.GET, "\(path)/\(own)/history") == "404 Message not found")
            #expect(try await bob.outcome(.PATCH, "\(path)/\(own)", ["content": "a"]) == "404 Message not found")
            #expect(try await bob.reads(nest.general).joined() == "7654321")
        }
    }

    @Test("of two who delete a message at once, one finds it", arguments: DatabaseKind.allCases)
    func deleteRace(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, nest, ids) = try await Self.talk(on: server)
            let path = "/channels/\(nest.general)/messages/\(ids[3])"
            let outcomes = try await atOnce(2) { _ in try await alice.outcome(.DELETE, path) }
            #expect(outcomes.sorted() == ["200", "404 Message not found"])
        }
    }

    @Test("a message is found only in its own channel", arguments: DatabaseKind.allCases)
    func wrongChannel(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, nest, ids) = try await Self.talk(on: server)
            let other = try await alice.opensChannel("other", in: nest)
            let path = "/channels/\(other)/messages/\(ids[0])"
            #expect(try await alice.outcome(.GET, path) == "404 Message not found")
            #expect(try await alice.outcome(.PATCH, path, ["content": "a"]) == "404 Message not found")
            #expect(try await alice.outcome(.DELETE, path) == "404 Message not found")
            #expect(try await alice.outcome(.GET, "\(path)/history") == "404 Message not found")
            let bulk: JSON = ["message_ids": .array(ids.map { .string($0) })]
            let deleted = try await alice.does(.POST, "/channels/\(other)/messages/bulk-delete", bulk)
            #expect(deleted["deleted_count"] == 0)
            #expect(try await alice.reads(nest.general).count == 7)
        }
    }

    @Test("several are deleted at once; those already gone are passed over", arguments: DatabaseKind.allCases)
    func bulkDelete(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, nest, ids) = try await Self.talk(on: server)
            let path = "/channels/\(nest.general)/messages/bulk-delete"
            let some: JSON = ["message_ids": [.string(ids[0]), .string(ids[6]), .string(ids[6]), "1"]]
            #expect(try await alice.does(.POST, path, some) == ["success": true, "deleted_count": 2])
            #expect(try await alice.reads(nest.general).joined() == "65432")
            let channel = try await alice.does(.GET, "/channels/\(nest.general)")
            #expect(channel["last_message_id"]?.string == ids[5])
            let wrong: [JSON] = [
                [:], ["message_ids": []], ["message_ids": [.string(ids[1])]], ["message_ids": ["x", "y"]],
                ["message_ids": .array((1...101).map { .string("\($0)") })], ["message_ids": "1"],
                ["message_ids": [0, -1]],
            ]
            for body in wrong { #expect(try await alice.outcome(.POST, path, body) == "400 Invalid input", "\(body)") }
        }
    }
}
