import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@Suite("Servers")
struct ServerTests {
    @Test("a new server has a category, a text and a voice channel, and its maker", arguments: DatabaseKind.allCases)
    func create(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let reply = try await alice.send(.POST, "/servers", ["name": " Nest ", "description": "Birds"])
            #expect(reply.status == 201)
            let made = reply.json
            #expect(
                made.keys == [
                    "id", "name", "description", "icon_url", "owner_id", "member_count", "default_channel_id",
                    "afk_channel_id", "afk_timeout", "created_at",
                ])
            #expect(made["name"] == "Nest")
            #expect(made["owner_id"]?.string == alice.id)
            #expect(made["member_count"] == 1)
            let id = try made.text("id")
            let channels = try await alice.does(.GET, "/servers/\(id)/channels")
            #expect(channels.column("channel_type") == ["category", "text", "voice"])
            #expect(channels.column("name") == ["Channels", "general", "Voice"])
            #expect(channels[1]?["id"] == made["default_channel_id"])
            #expect(channels[1]?["category_id"] == channels[0]?["id"])
            #expect(try await alice.does(.GET, "/servers/\(id)") == made)
        }
    }

    @Test("names and descriptions keep to their rules", arguments: DatabaseKind.allCases)
    func rules(kind: DatabaseKind) async throws {
        let refused: [(JSON, [String])] = [
            ([:], ["name"]), (["name": "a"], ["name"]), (["name": " a "], ["name"]), (["name": 5], ["name"]),
            (["name": .null], ["name"]), (["name": .string(String(repeating: "n", count: 101))], ["name"]),
            (["name": "a\u{202E}b"], ["name"]), (["name": "\u{200B}\u{200B}"], ["name"]),
            (["name": "ab", "description": .string(String(repeating: "d", count: 1001))], ["description"]),
            (["name": "ab", "description": "a\u{0}"], ["description"]),
            (["name": "", "description": 1], ["name", "description"]),
        ]
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            for (body, fields) in refused {
                let reply = try await alice.send(.POST, "/servers", body)
                #expect(reply.outcome == "400 Invalid input", "\(body)")
                #expect(reply.issues == fields, "\(body)")
            }
            let full: JSON = [
                "name": .string(String(repeating: "👍", count: 100)),
                "description": .string(String(repeating: "é", count: 1000)),
            ]
            #expect(try await alice.outcome(.POST, "/servers", full) == "201")
        }
    }

    @Test("one's list has one's own servers, the oldest first", arguments: DatabaseKind.allCases)
    func list(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let first = try await alice.foundsServer("First")
            let second = try await bob.foundsServer("Second")
            let third = try await alice.foundsServer("Third")
            #expect(try await alice.does(.GET, "/servers").column("id") == [first.id, third.id])
            try await alice.joins(second)
            #expect(try await alice.does(.GET, "/servers").column("name") == ["First", "Second", "Third"])
        }
    }

    @Test("a change touches what it names; null empties the description", arguments: DatabaseKind.allCases)
    func change(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let path = "/servers/\(nest.id)"
            #expect(try await alice.does(.PATCH, path, ["description": "Birds"])["name"] == "Nest")
            let renamed = try await alice.does(.PATCH, path, ["name": "Aerie"])
            #expect(renamed["description"] == "Birds")
            let emptied = try await alice.does(.PATCH, path, ["description": .null, "default_channel_id": .null])
            #expect(emptied["description"] == .null)
            #expect(emptied["default_channel_id"] == .null)
            #expect(try await alice.does(.GET, path) == emptied)
        }
    }

    @Test("the default channel is one of the server's own", arguments: DatabaseKind.allCases)
    func defaultChannel(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let (nest, other) = (try await alice.foundsServer(), try await alice.foundsServer("Other"))
            let body: JSON = ["default_channel_id": .string(other.general)]
            #expect(try await alice.outcome(.PATCH, "/servers/\(nest.id)", body) == "404 Channel not found")
            let rules = try await alice.opensChannel("rules", in: nest)
            let changed = try await alice.does(
                .PATCH, "/servers/\(nest.id)", ["default_channel_id": .string(rules)])
            #expect(changed["default_channel_id"]?.string == rules)
        }
    }

    @Test("a mere member can't manage, and learns which permission is missing", arguments: DatabaseKind.allCases)
    func permissions(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let nest = try await alice.foundsServer()
            try await bob.joins(nest)
            let attempts: [(HTTPMethod, String, JSON?, String)] = [
                (.PATCH, "/servers/\(nest.id)", ["name": "Mine"], "server.manage"),
                (.GET, "/servers/\(nest.id)/invites", nil, "server.manage"),
                (.POST, "/servers/\(nest.id)/channels", ["name": "mine"], "channels.manage"),
                (
                    .PATCH, "/servers/\(nest.id)/channels", [["id": .string(nest.general), "position": 9]],
                    "channels.manage"
                ),
                (.PATCH, "/channels/\(nest.general)", ["name": "mine"], "channels.manage"),
                (.DELETE, "/channels/\(nest.general)", nil, "channels.manage"),
                (
                    .POST, "/channels/\(nest.general)/messages/bulk-delete", ["message_ids": ["1", "2"]],
                    "messages.manage"
                ),
            ]
            for (method, path, body, missing) in attempts {
                let reply = try await bob.send(method, path, body)
                #expect(reply.outcome == "403 Permission denied", "\(method) \(path)")
                #expect(reply.json["error"]?["details"]?[0]?["message"]?.string == missing, "\(method) \(path)")
            }
            #expect(try await bob.outcome(.DELETE, "/servers/\(nest.id)") == "403 Permission denied")
            #expect(try await bob.does(.GET, "/servers/\(nest.id)")["name"] == "Nest")
        }
    }

    @Test("a deleted server is gone with all that was in it", arguments: DatabaseKind.allCases)
    func delete(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let nest = try await alice.foundsServer()
            try await bob.joins(nest)
            let invite = try await alice.invites(to: nest)
            let message = try await alice.says("hello", in: nest.general).text("id")
            #expect(try await alice.does(.DELETE, "/servers/\(nest.id)") == ["success": true])
            for person in [alice, bob] {
                #expect(try await person.does(.GET, "/servers") == [])
                #expect(try await person.outcome(.GET, "/servers/\(nest.id)") == "404 Server not found")
                #expect(try await person.outcome(.GET, "/channels/\(nest.general)") == "404 Channel not found")
                let path = "/channels/\(nest.general)/messages"
                #expect(try await person.outcome(.GET, path) == "404 Channel not found")
                #expect(try await person.outcome(.GET, "\(path)/\(message)") == "404 Channel not found")
                #expect(try await person.outcome(.POST, "/channels/invites/\(invite)") == "404 Invite not found")
            }
            #expect(try await alice.outcome(.DELETE, "/servers/\(nest.id)") == "404 Server not found")
        }
    }

    @Test("a server is handed over with the password, to a member", arguments: DatabaseKind.allCases)
    func transfer(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let nest = try await alice.foundsServer()
            let path = "/servers/\(nest.id)/transfer"
            let body = { (user: String, password: String) -> JSON in
                ["user_id": .string(user), "password": .string(password)]
            }
            #expect(try await alice.outcome(.POST, path, body(bob.id, Person.password)) == "404 Member not found")
            try await bob.joins(nest)
            #expect(try await alice.outcome(.POST, path, body(bob.id, "wrong")) == "401 Invalid credentials")
            #expect(try await bob.outcome(.POST, path, body(bob.id, Person.password)) == "403 Permission denied")
            #expect(try await alice.outcome(.POST, path, ["user_id": "x"]) == "400 Invalid input")
            let given = try await alice.does(.POST, path, body(bob.id, Person.password))
            #expect(given["owner_id"]?.string == bob.id)
            #expect(try await alice.outcome(.DELETE, "/servers/\(nest.id)") == "403 Permission denied")
            #expect(
                try await bob.outcome(.POST, "/servers/\(nest.id)/leave") == "400 The owner cannot leave the server")
            #expect(try await alice.outcome(.POST, "/servers/\(nest.id)/leave") == "200")
        }
    }

    @Test("who has left sees nothing more, and can come back", arguments: DatabaseKind.allCases)
    func leave(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let nest = try await alice.foundsServer()
            try await bob.joins(nest)
            #expect(try await bob.does(.POST, "/servers/\(nest.id)/leave") == ["success": true])
            #expect(try await bob.outcome(.GET, "/servers/\(nest.id)") == "403 Access denied")
            #expect(try await bob.outcome(.GET, "/channels/\(nest.general)/messages") == "403 Access denied")
            #expect(try await alice.does(.GET, "/servers/\(nest.id)")["member_count"] == 1)
            try await bob.joins(nest)
            #expect(try await alice.does(.GET, "/servers/\(nest.id)")["member_count"] == 2)
        }
    }

    @Test("leaving twice at once counts once", arguments: DatabaseKind.allCases)
    func leaveRace(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let nest = try await alice.foundsServer()
            try await bob.joins(nest)
            let outcomes = try await atOnce(4) { _ in try await bob.outcome(.POST, "/servers/\(nest.id)/leave") }
            #expect(outcomes.sorted() == ["200"] + Array(repeating: "403 Access denied", count: 3))
            #expect(try await alice.does(.GET, "/servers/\(nest.id)")["member_count"] == 1)
        }
    }

    @Test("nobody is in more servers than is allowed, however they ask", arguments: DatabaseKind.allCases)
    func limit(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["limits.servers_per_user": "2"]) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let nest = try await bob.foundsServer()
            let outcomes = try await atOnce(4) { index in
                try await alice.outcome(.POST, "/servers", ["name": .string("Server \(index)")])
            }
            #expect(outcomes.sorted() == ["201", "201", "400 Invalid input", "400 Invalid input"])
            let invite = try await bob.invites(to: nest)
            #expect(try await alice.outcome(.POST, "/channels/invites/\(invite)") == "400 Invalid input")
            #expect(try await bob.does(.GET, "/servers/\(nest.id)")["member_count"] == 1)
        }
    }
}
