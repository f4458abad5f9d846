import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@Suite("What outsiders must not see")
struct IsolationTests {
    /// A route that names a server, a channel or a message, with a body that it takes.
    struct Door: Sendable {
        let method: HTTPMethod
        let path: String
        let body: JSON?
        let unknown: String

        init(_ method: HTTPMethod, _ path: String, _ body: JSON? = nil, unknown: String) {
            (self.method, self.path, self.body, self.unknown) = (method, path, body, unknown)
        }

        func path(server: String, channel: String, message: String) -> String {
            path.replacing("{server}", with: server).replacing("{channel}", with: channel)
                .replacing("{message}", with: message)
        }
    }

    static let doors: [Door] = {
        let (server, channel) = ("404 Server not found", "404 Channel not found")
        return [
            Door(.GET, "/servers/{server}", unknown: server),
            Door(.PATCH, "/servers/{server}", ["name": "Mine"], unknown: server),
            Door(.DELETE, "/servers/{server}", unknown: server),
            Door(
                .POST, "/servers/{server}/transfer", ["user_id": "1", "password": .string(Person.password)],
                unknown: server),
            Door(.POST, "/servers/{server}/leave", unknown: server),
            Door(.GET, "/servers/{server}/channels", unknown: server),
            Door(.POST, "/servers/{server}/channels", ["name": "mine"], unknown: server),
            Door(.PATCH, "/servers/{server}/channels", [["id": "1", "position": 1]], unknown: server),
            Door(.GET, "/servers/{server}/members", unknown: server),
            Door(.GET, "/servers/{server}/members?query=a", unknown: server),
            Door(.GET, "/servers/{server}/invites", unknown: server),
            Door(.GET, "/channels/{channel}", unknown: channel),
            Door(.PATCH, "/channels/{channel}", ["name": "mine"], unknown: channel),
            Door(.DELETE, "/channels/{channel}", unknown: channel),
            Door(.POST, "/channels/{channel}/typing", unknown: channel),
            Door(.POST, "/channels/{channel}/invites", unknown: channel),
            Door(.GET, "/channels/{channel}/messages", unknown: channel),
            Door(.GET, "/channels/{channel}/messages?around={message}", unknown: channel),
            Door(.POST, "/channels/{channel}/messages", ["content": "hello"], unknown: channel),
            Door(.POST, "/channels/{channel}/messages", ["content": "hi", "nonce": "n"], unknown: channel),
            Door(.POST, "/channels/{channel}/messages/bulk-delete", ["message_ids": ["1", "2"]], unknown: channel),
            Door(.GET, "/channels/{channel}/messages/{message}", unknown: channel),
            Door(.PATCH, "/channels/{channel}/messages/{message}", ["content": "mine"], unknown: channel),
            Door(.DELETE, "/channels/{channel}/messages/{message}", unknown: channel),
            Door(.GET, "/channels/{channel}/messages/{message}/history", unknown: channel),
        ]
    }()

    @Test("a stranger is denied what exists and told nothing else about it", arguments: DatabaseKind.allCases)
    func strangers(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, eve) = (try await server.person("alice"), try await server.person("eve"))
            let nest = try await alice.foundsServer()
            let message = try await alice.says("secret", in: nest.general, nonce: "n").text("id")
            for door in Self.doors {
                let real = door.path(server: nest.id, channel: nest.general, message: message)
                let denied = try await eve.send(door.method, real, door.body)
                #expect(denied.outcome == "403 Access denied", "\(door.method) \(door.path)")
                #expect(denied.json == ["error": ["code": 403, "message": "Access denied"]])

                // Whether the message exists makes no difference.
                let other = door.path(server: nest.id, channel: nest.general, message: "1")
                let deniedToo = try await eve.send(door.method, other, door.body)
                #expect(deniedToo.body == denied.body, "\(door.method) \(door.path)")
                #expect(deniedToo.headers.map(\.name) == denied.headers.map(\.name))

                let unknown = door.path(server: "1", channel: "1", message: message)
                #expect(try await eve.outcome(door.method, unknown, door.body) == door.unknown, "\(door.path)")
            }
            #expect(try await alice.reads(nest.general) == ["secret"])
            #expect(try await alice.does(.GET, "/servers/\(nest.id)")["name"] == "Nest")
        }
    }

    @Test(
        "what is wrong with a request is said alike, whether its subject exists or not",
        arguments: DatabaseKind.allCases)
    func invalidRequests(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, eve) = (try await server.person("alice"), try await server.person("eve"))
            let nest = try await alice.foundsServer()
            let requests: [(HTTPMethod, String, JSON?)] = [
                (.PATCH, "/servers/{server}", ["name": 1]), (.POST, "/servers/{server}/channels", [:]),
                (.GET, "/servers/{server}/members?limit=x", nil), (.GET, "/channels/{channel}/messages?limit=0", nil),
                (.POST, "/channels/{channel}/messages", ["content": " "]),
                (.POST, "/channels/{channel}/messages", ["content": .string(String(repeating: "a", count: 4001))]),
                (.POST, "/channels/{channel}/invites", ["max_age": -1]),
                (.GET, "/channels/{channel}/messages/x", nil),
            ]
            for (method, template, body) in requests {
                let door = Door(method, template, body, unknown: "")
                let real = try await eve.send(
                    method, door.path(server: nest.id, channel: nest.general, message: "1"), body)
                let unknown = try await eve.send(method, door.path(server: "1", channel: "1", message: "1"), body)
                #expect(real.status == 400, "\(method) \(template)")
                #expect(real.body == unknown.body, "\(method) \(template)")
            }
        }
    }

    @Test("who has left is a stranger", arguments: DatabaseKind.allCases)
    func left(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let nest = try await alice.foundsServer()
            try await bob.joins(nest)
            let message = try await bob.says("mine", in: nest.general).text("id")
            try await bob.does(.POST, "/servers/\(nest.id)/leave")
            for door in Self.doors {
                let path = door.path(server: nest.id, channel: nest.general, message: message)
                #expect(try await bob.outcome(door.method, path, door.body) == "403 Access denied", "\(door.path)")
            }
        }
    }

    @Test("a member of one server is a stranger in another", arguments: DatabaseKind.allCases)
    func otherServers(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, eve) = (try await server.person("alice"), try await server.person("eve"))
            let nest = try await alice.foundsServer()
            let den = try await eve.foundsServer("Den")
            let message = try await alice.says("secret", in: nest.general).text("id")
            // Through one's own channel another's message is as unknown as any.
            let path = "/channels/\(den.general)/messages/\(message)"
            #expect(try await eve.outcome(.GET, path) == "404 Message not found")
            #expect(try await eve.outcome(.DELETE, path) == "404 Message not found")
            let reply: JSON = ["content": "a", "reply_to_id": .string(message)]
            #expect(try await eve.outcome(.POST, "/channels/\(den.general)/messages", reply) == "404 Message not found")
            let moved: JSON = [["id": .string(nest.general), "position": 1]]
            #expect(try await eve.outcome(.PATCH, "/servers/\(den.id)/channels", moved) == "404 Channel not found")
            #expect(try await alice.reads(nest.general) == ["secret"])
        }
    }

    @Test("an invite of another server can't be withdrawn", arguments: DatabaseKind.allCases)
    func invites(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, eve) = (try await server.person("alice"), try await server.person("eve"))
            let nest = try await alice.foundsServer()
            let invite = try await alice.invites(to: nest)
            #expect(try await eve.outcome(.DELETE, "/channels/invites/\(invite)") == "403 Access denied")
            #expect(try await eve.outcome(.GET, "/channels/invites/\(invite)") == "200")
        }
    }

    @Test("nothing of others' servers is in what a newcomer is told at first", arguments: DatabaseKind.allCases)
    func ready(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, eve) = (try await server.person("alice"), try await server.person("eve"))
            let nest = try await alice.foundsServer("Hidden nest")
            try await alice.says("secret", in: nest.general)
            let listener = Listener(socket: try await GatewaySocket.open(port: server.port))
            let ready = try await listener.identify(token: eve.token)
            let text = String(decoding: ready.jsonBytes, as: UTF8.self)
            for secret in ["Hidden nest", nest.id, nest.general, alice.id, "alice", "secret"] {
                #expect(!text.contains(secret), "\(secret)")
            }
        }
    }
}
