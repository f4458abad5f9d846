import Client
import Database
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@Suite("Presence")
struct PresenceTests {
    /// Waits for what is told of somebody.
    static func hears(_ listener: Listener, of person: Person) async throws -> JSON {
        while true {
            let event = try await listener.awaits("PRESENCE_UPDATE")
            if event["d"]?["user_id"]?.string == person.id { return event["d"] ?? .null }
        }
    }

    @Test("friends and members of shared servers see who comes and goes", arguments: DatabaseKind.allCases)
    func comeAndGo(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let bob = try await server.person("bob")
            let carol = try await server.person("carol")
            let nest = try await alice.foundsServer()
            try await bob.joins(nest)
            try await alice.befriends(carol)
            let (bobHears, carolHears) = (try await bob.listens(), try await carol.listens())
            let device = try await alice.listens()
            #expect(try await Self.hears(bobHears, of: alice)["status"] == "online")
            #expect(try await Self.hears(carolHears, of: alice)["status"] == "online")
            let members = try await bob.does(.GET, "/servers/\(nest.id)/members")
            #expect(members.column("presence") == ["online", "online"])
            #expect(try await carol.does(.GET, "/relationships/@me")[0]?["presence"]?["status"] == "online")
            let dave = try await server.person("dave")
            #expect(
                try await dave.does(.GET, "/users/\(alice.id)/presence")["status"] == "offline", "they are strangers")
            await device.socket.disconnect()
            let gone = try await Self.hears(bobHears, of: alice)
            #expect(gone["status"] == "offline")
            #expect(gone["last_seen"] == .integer(server.clock.now().seconds))
            let seen = try await carol.does(.GET, "/users/\(alice.id)/presence")
            #expect(seen["last_seen"] == gone["last_seen"])
            #expect(try await dave.does(.GET, "/users/\(alice.id)/presence")["last_seen"] == .null)
            #expect(try await dave.outcome(.GET, "/users/1/presence") == "404 User not found")
        }
    }

    @Test("several devices are one person", arguments: DatabaseKind.allCases)
    func devices(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let bob = try await server.person("bob")
            try await alice.befriends(bob)
            let hears = try await bob.listens()
            let desk = try await alice.listens()
            #expect(try await Self.hears(hears, of: alice)["status"] == "online")
            let phone = try await alice.onAnotherDevice().listens()
            try await desk.socket.send(["op": 3, "d": ["status": "idle"]])
            try await phone.socket.send(["op": 3, "d": ["status": "idle"]])
            #expect(try await Self.hears(hears, of: alice)["status"] == "idle", "only when both are")
            await desk.socket.disconnect()
            try await phone.socket.send(["op": 3, "d": ["status": "online"]])
            #expect(try await Self.hears(hears, of: alice)["status"] == "online")
            try await alice.does(.PUT, "/users/@me/presence", ["status": "dnd", "custom_status": "busy"])
            let busy = try await Self.hears(hears, of: alice)
            #expect(busy["status"] == "dnd")
            #expect(busy["custom_status"] == "busy")
            #expect(try await Self.hears(phone, of: alice)["status"] == "dnd", "one's other devices learn of it")
            await phone.socket.disconnect()
            #expect(try await Self.hears(hears, of: alice)["status"] == "offline")
            let back = try await alice.listens()
            #expect(try await Self.hears(hears, of: alice)["status"] == "dnd", "what was chosen stays")
            _ = back
        }
    }

    @Test("a custom status ends when its time is over", arguments: DatabaseKind.allCases)
    func expiry(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let bob = try await server.person("bob")
            try await alice.befriends(bob)
            let device = try await alice.listens()
            let end = server.clock.now().seconds + 60
            try await alice.does(
                .PUT, "/users/@me/presence",
                ["status": "online", "custom_status": "lunch", "custom_emoji": "🍕", "expires_at": .integer(end)])
            #expect(try await bob.does(.GET, "/users/\(alice.id)/presence")["custom_status"] == "lunch")
            server.clock.advance(by: .seconds(61))
            let after = try await bob.does(.GET, "/users/\(alice.id)/presence")
            #expect(after["custom_status"] == .null)
            #expect(after["status"] == "online")
            for body: JSON in [
                ["status": "away"], [:],
                ["status": "idle", "custom_status": .string(String(repeating: "s", count: 129))],
            ] {
                #expect(try await alice.outcome(.PUT, "/users/@me/presence", body) == "400 Invalid input")
            }
            _ = device
        }
    }

    @Test("a text that stays keeps its end where none is named", arguments: DatabaseKind.allCases)
    func keptEnd(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let device = try await alice.listens()
            let end = server.clock.now().seconds + 60
            func says(_ text: JSON, _ status: JSON, _ more: [String: JSON] = [:]) async throws {
                let body = ["status": status, "custom_status": text].merging(more) { first, _ in first }
                try await alice.does(.PUT, "/users/@me/presence", .object(body))
            }
            func text() async throws -> JSON? {
                try await alice.does(.GET, "/users/\(alice.id)/presence")["custom_status"]
            }
            try await says("lunch", "online", ["expires_at": .integer(end)])
            try await says("lunch", "dnd")
            server.clock.advance(by: .seconds(61))
            #expect(try await text() == .null)
            try await says("lunch", "dnd")
            #expect(try await text() == "lunch", "what has run out has no end that could be kept")
            for (next, more) in [("dinner", [:]), ("lunch", ["expires_at": .null])] as [(JSON, [String: JSON])] {
                try await says("lunch", "online", ["expires_at": .integer(server.clock.now().seconds + 60)])
                try await says(next, "online", more)
                server.clock.advance(by: .seconds(61))
                #expect(try await text() == next)
            }
            _ = device
        }
    }

    @Test("who is invisible looks like who is away", arguments: DatabaseKind.allCases)
    func invisible(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let bob = try await server.person("bob")
            try await alice.befriends(bob)
            try await alice.does(.PUT, "/users/@me/presence", ["status": "invisible", "custom_status": "psst"])
            let hears = try await bob.listens()
            let device = try await alice.listens()
            #expect(
                try await alice.does(.GET, "/users/@me/presence".replacing("@me", with: alice.id))["status"]
                    == "invisible")
            let seen = try await bob.does(.GET, "/users/\(alice.id)/presence")
            #expect(seen["status"] == "offline")
            #expect(seen["custom_status"] == .null)
            await device.socket.disconnect()
            // What comes is the marker, and nothing of Alice before it.
            let own = try await bob.foundsServer("Own")
            var event = try await hears.next(op: 0)
            while event["t"] != "GUILD_CREATE" {
                #expect(event["d"]?["user_id"]?.string != alice.id, "\(event)")
                event = try await hears.next(op: 0)
            }
            _ = own
            #expect(try await bob.does(.GET, "/users/\(alice.id)/presence")["last_seen"] == .null)
        }
    }

    @Test("who has blocked somebody is away for them", arguments: DatabaseKind.allCases)
    func blocked(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let bob = try await server.person("bob")
            let carol = try await server.person("carol")
            let nest = try await alice.foundsServer()
            for person in [bob, carol] { try await person.joins(nest) }
            try await alice.does(.POST, "/relationships/block", ["user_id": .string(bob.id)])
            let (bobHears, carolHears) = (try await bob.listens(), try await carol.listens())
            let device = try await alice.listens()
            #expect(try await Self.hears(carolHears, of: alice)["status"] == "online")
            try await alice.says("marker", in: nest.general)
            var event = try await bobHears.next(op: 0)
            while event["t"] != "MESSAGE_CREATE" {
                #expect(event["d"]?["user_id"]?.string != alice.id, "\(event)")
                event = try await bobHears.next(op: 0)
            }
            #expect(try await bob.does(.GET, "/users/\(alice.id)/presence")["status"] == "offline")
            let members = try await bob.does(.GET, "/servers/\(nest.id)/members")
            #expect(members[0]?["presence"] == "offline")
            #expect(try await carol.does(.GET, "/servers/\(nest.id)/members")[0]?["presence"] == "online")
            _ = device
        }
    }

    @Test("READY tells who of one's friends is there", arguments: DatabaseKind.allCases)
    func ready(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let bob = try await server.person("bob")
            try await alice.befriends(bob)
            let bobDevice = try await bob.listens()
            let aliceDevice = try await alice.listens()
            _ = try await Self.hears(bobDevice, of: alice)
            let listener = Listener(socket: try await GatewaySocket.open(port: server.port, path: "/gateway"))
            let ready = try await listener.identify(token: alice.token)
            #expect(ready["d"]?["presences"].map { $0.column("user_id") } == [bob.id])
            #expect(ready["d"]?["relationships"]?[0]?["presence"]?["status"] == "online")
            _ = aliceDevice
        }
    }

    @Test("of a large server's members only those are told who were asked for", arguments: DatabaseKind.allCases)
    func largeServer(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let bob = try await server.person("bob")
            let carol = try await server.person("carol")
            let nest = try await alice.foundsServer()
            for person in [bob, carol] { try await person.joins(nest) }
            try await server.onDatabase { tx in
                try tx.execute("UPDATE servers SET member_count = 251")
            }
            let hears = try await alice.listens()
            try await hears.socket.send([
                "op": 8,
                "d": ["server_id": .string(nest.id), "user_ids": [.string(carol.id)], "presences": true],
            ])
            let chunk = try await hears.awaits("GUILD_MEMBERS_CHUNK")
            #expect(chunk["d"]?["members"].map { $0.column("presence") } == ["offline"])
            let bobDevice = try await bob.listens()
            let carolDevice = try await carol.listens()
            let first = try await hears.awaits("PRESENCE_UPDATE")
            #expect(first["d"]?["user_id"]?.string == carol.id)
            _ = (bobDevice, carolDevice)
        }
    }
}
