import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@Suite("Channels")
struct ChannelTests {
    @Test("a channel is made as it is described, else with the defaults", arguments: DatabaseKind.allCases)
    func create(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let path = "/servers/\(nest.id)/channels"
            let category = try #require(try await alice.does(.GET, path)[0]?["id"]?.string)
            let reply = try await alice.send(.POST, path, ["name": "plain"])
            #expect(reply.status == 201)
            #expect(
                reply.json == [
                    "id": reply.json["id"] ?? .null, "server_id": .string(nest.id), "name": "plain",
                    "channel_type": "text", "topic": .null, "position": 3, "category_id": .null, "nsfw": false,
                    "slowmode_seconds": 0, "forwarding": true, "created_at": .integer(server.clock.now().seconds),
                    "last_message_id": .null, "recipients": .null, "overwrites": [], "owner_id": .null, "thread": .null,
                    "default_auto_archive_minutes": .null, "read_receipts": false,
                    "bitrate": .null, "user_limit": .null, "video_limit": .null, "e2ee": .null,
                ])
            let full = try await alice.does(
                .POST, path,
                [
                    "name": "full", "type": "forum", "topic": "All\nof it", "category_id": .string(category),
                    "nsfw": true, "slowmode_seconds": 21_600, "position": 0,
                ])
            #expect(full["channel_type"] == "forum")
            #expect(full["topic"] == "All\nof it")
            #expect(full["category_id"]?.string == category)
            #expect(full["nsfw"] == true)
            #expect(full["slowmode_seconds"] == 21_600)
            #expect(full["position"] == 0)
            let id = try full.text("id")
            #expect(try await alice.does(.GET, "/channels/\(id)") == full)
        }
    }

    static let refused: [(JSON, [String])] = [
        ([:], ["name"]), (["name": ""], ["name"]), (["name": "  "], ["name"]), (["name": "a\nb"], ["name"]),
        (["name": .string(String(repeating: "c", count: 101))], ["name"]), (["name": "a\u{202E}"], ["name"]),
        (["name": "a", "type": "dm"], ["type"]), (["name": "a", "type": "thread"], ["type"]),
        (["name": "a", "type": 1], ["type"]),
        (["name": "a", "topic": .string(String(repeating: "t", count: 1025))], ["topic"]),
        (["name": "a", "topic": "\u{0}"], ["topic"]), (["name": "a", "slowmode_seconds": -1], ["slowmode_seconds"]),
        (["name": "a", "slowmode_seconds": 21_601], ["slowmode_seconds"]),
        (["name": "a", "slowmode_seconds": .number(1.5)], ["slowmode_seconds"]),
        (["name": "a", "slowmode_seconds": "5"], ["slowmode_seconds"]), (["name": "a", "position": -1], ["position"]),
        (["name": "a", "nsfw": "yes"], ["nsfw"]), (["name": "a", "nsfw": 1], ["nsfw"]),
        (["name": "a", "category_id": 5], ["category_id"]), (["name": "a", "category_id": "x"], ["category_id"]),
        (["name": "a", "category_id": "1"], ["category_id"]),
    ]

    @Test("what does not fit is named", arguments: DatabaseKind.allCases)
    func rules(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            for (body, fields) in Self.refused {
                let reply = try await alice.send(.POST, "/servers/\(nest.id)/channels", body)
                #expect(reply.outcome == "400 Invalid input", "\(body)")
                #expect(reply.issues == fields, "\(body)")
            }
            #expect(try await alice.does(.GET, "/servers/\(nest.id)/channels").count == 3)
        }
    }

    @Test("a category is one of the same server, and in no other", arguments: DatabaseKind.allCases)
    func categories(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let (nest, other) = (try await alice.foundsServer(), try await alice.foundsServer("Other"))
            let foreign = try await alice.opensChannel("foreign", in: other, ["type": "category"])
            let own = try await alice.opensChannel("own", in: nest, ["type": "category"])
            let path = "/servers/\(nest.id)/channels"
            let drafts: [[String: JSON]] = [
                ["category_id": .string(foreign)], ["category_id": .string(nest.general)],
                ["category_id": .string(own), "type": "category"],
            ]
            for draft in drafts {
                let reply = try await alice.send(.POST, path, draft.merging(["name": "a"]) { $1 }.json)
                #expect(reply.outcome == "400 Invalid input", "\(draft)")
                #expect(reply.issues == ["category_id"])
            }
            let move: JSON = ["category_id": .string(foreign)]
            #expect(try await alice.outcome(.PATCH, "/channels/\(nest.general)", move) == "400 Invalid input")
            let moved = try await alice.does(.PATCH, "/channels/\(nest.general)", ["category_id": .string(own)])
            #expect(moved["category_id"]?.string == own)
        }
    }

    @Test("a change touches what it names; null empties topic and category", arguments: DatabaseKind.allCases)
    func change(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let path = "/channels/\(nest.general)"
            let first = try await alice.does(
                .PATCH, path, ["name": "lounge", "topic": "Talk", "nsfw": true, "slowmode_seconds": 5, "position": 7])
            #expect(first["name"] == "lounge")
            #expect(first["position"] == 7)
            let second = try await alice.does(.PATCH, path, ["topic": .null, "category_id": .null])
            #expect(second["topic"] == .null)
            #expect(second["category_id"] == .null)
            #expect(second["slowmode_seconds"] == 5)
            #expect(try await alice.does(.GET, path) == second)
            #expect(try await alice.outcome(.PATCH, path, ["name": .null]) == "400 Invalid input")
        }
    }

    @Test("channels are reordered all at once", arguments: DatabaseKind.allCases)
    func reorder(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let path = "/servers/\(nest.id)/channels"
            let ids = try await alice.does(.GET, path).column("id")
            let reordered = try await alice.does(
                .PATCH, path,
                [
                    ["id": .string(ids[0]), "position": 2],
                    ["id": .string(ids[1]), "position": 0, "category_id": .null],
                    ["id": .string(ids[2]), "position": 1],
                ])
            #expect(reordered.column("id") == [ids[1], ids[2], ids[0]])
            #expect(reordered[0]?["category_id"] == .null)
            #expect(reordered[1]?["category_id"]?.string == ids[0])
            #expect(try await alice.does(.GET, path) == reordered)
        }
    }

    @Test("a reordering with one mistake moves nothing", arguments: DatabaseKind.allCases)
    func reorderMistakes(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let (nest, other) = (try await alice.foundsServer(), try await alice.foundsServer("Other"))
            let path = "/servers/\(nest.id)/channels"
            let before = try await alice.does(.GET, path)
            let right: JSON = ["id": .string(nest.general), "position": 9]
            let mistakes: [(JSON, String)] = [
                (["id": .string(other.general), "position": 1], "404 Channel not found"),
                (["id": "1", "position": 1], "404 Channel not found"), (right, "400 Invalid input"),
                (["id": "x", "position": 1], "400 Invalid input"), (["id": .string(nest.general)], "400 Invalid input"),
            ]
            for (mistake, outcome) in mistakes {
                #expect(try await alice.outcome(.PATCH, path, [right, mistake]) == outcome, "\(mistake)")
            }
            for body: JSON in [[], [:], "x"] {
                #expect(try await alice.outcome(.PATCH, path, body) == "400 Invalid input")
            }
            #expect(try await alice.does(.GET, path) == before)
        }
    }

    @Test("a deleted channel is gone, and the server forgets it as its default", arguments: DatabaseKind.allCases)
    func delete(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let invite = try await alice.invites(to: nest)
            try await alice.says("hello", in: nest.general)
            #expect(try await alice.does(.DELETE, "/channels/\(nest.general)") == ["success": true])
            #expect(try await alice.outcome(.GET, "/channels/\(nest.general)") == "404 Channel not found")
            #expect(try await alice.outcome(.GET, "/channels/\(nest.general)/messages") == "404 Channel not found")
            #expect(try await alice.outcome(.GET, "/channels/invites/\(invite)") == "404 Invite not found")
            #expect(try await alice.does(.GET, "/servers/\(nest.id)")["default_channel_id"] == .null)
            #expect(try await alice.does(.GET, "/servers/\(nest.id)/channels").column("name") == ["Channels", "Voice"])
        }
    }

    @Test("the channels of a deleted category stay, without it", arguments: DatabaseKind.allCases)
    func deleteCategory(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let channels = try await alice.does(.GET, "/servers/\(nest.id)/channels")
            try await alice.does(.DELETE, "/channels/\(channels.column("id")[0])")
            let rest = try await alice.does(.GET, "/servers/\(nest.id)/channels")
            #expect(rest.column("name") == ["general", "Voice"])
            #expect(rest[0]?["category_id"] == .null)
            #expect(rest[1]?["category_id"] == .null)
        }
    }

    @Test("a channel knows its newest message, also after that is deleted", arguments: DatabaseKind.allCases)
    func lastMessage(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let path = "/channels/\(nest.general)"
            let first = try await alice.says("one", in: nest.general).text("id")
            let second = try await alice.says("two", in: nest.general).text("id")
            #expect(try await alice.does(.GET, path)["last_message_id"]?.string == second)
            try await alice.does(.DELETE, "\(path)/messages/\(second)")
            #expect(try await alice.does(.GET, path)["last_message_id"]?.string == first)
            try await alice.does(.DELETE, "\(path)/messages/\(first)")
            #expect(try await alice.does(.GET, path)["last_message_id"] == .null)
        }
    }

    @Test("a server has only so many channels", arguments: DatabaseKind.allCases)
    func limit(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["limits.channels_per_server": "5"]) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let outcomes = try await atOnce(4) { index in
                try await alice.outcome(
                    .POST, "/servers/\(nest.id)/channels", ["name": .string("channel \(index)")])
            }
            #expect(outcomes.sorted() == ["201", "201", "400 Invalid input", "400 Invalid input"])
        }
    }
}
