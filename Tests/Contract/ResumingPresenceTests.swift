import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

/// What a session that comes back is told of things that are not in the log.
@Suite("Resuming: who is there")
struct ResumingPresenceTests {
    @Test(
        "RESUMED names friends and fellow members who came, changed or went, and nobody else",
        arguments: DatabaseKind.allCases)
    func changes(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            var people: [String: Person] = [:]
            for name in ["went", "came", "changed", "stayed", "hid", "stranger"] {
                people[name] = try await server.person(name)
            }
            let (went, came, changed) = (people["went"]!, people["came"]!, people["changed"]!)
            let (stayed, hid, stranger) = (people["stayed"]!, people["hid"]!, people["stranger"]!)
            try await alice.befriends(went)
            try await alice.befriends(came)
            for person in [changed, stayed, hid] { try await person.joins(nest) }

            let watch = try await alice.listens()
            var devices: [Listener] = []
            for person in [went, changed, stayed, hid, stranger] {
                devices.append(try await person.listens())
                if person.id != stranger.id { _ = try await PresenceTests.hears(watch, of: person) }
            }
            // Something that is logged lies between what Alice heard and what she is going to miss.
            try await alice.does(.PUT, "/settings/theme", ["value": "dark"])
            let absence = try await alice.goesAway()
            let witness = try await alice.onAnotherDevice().listens()
            await devices[0].socket.disconnect()
            _ = try await PresenceTests.hears(witness, of: went)
            devices.append(try await came.listens())
            _ = try await PresenceTests.hears(witness, of: came)
            try await changed.does(.PUT, "/users/@me/presence", ["status": "dnd", "custom_status": "busy"])
            _ = try await PresenceTests.hears(witness, of: changed)
            try await hid.does(.PUT, "/users/@me/presence", ["status": "invisible"])
            _ = try await PresenceTests.hears(witness, of: hid)
            try await stranger.does(.PUT, "/users/@me/presence", ["status": "dnd"])

            let back = try await alice.returns(from: absence)
            let expected = [went.id: "offline", came.id: "online", changed.id: "dnd", hid.id: "offline"]
            #expect(back.presences.filter { expected[$0.key] != nil } == expected)
            #expect(back.presences[stayed.id] == nil, "nothing has changed")
            #expect(back.presences[stranger.id] == nil)
            for (id, status) in back.presences {
                #expect(try await alice.does(.GET, "/users/\(id)/presence")["status"]?.string == status)
            }
            _ = (devices, watch)
        }
    }

    @Test("who was there when the server ended is told to have gone", arguments: DatabaseKind.allCases)
    func restart(kind: DatabaseKind) async throws {
        try await TestDatabase.withPlace(kind) { place in
            let url = kind == .sqlite ? "sqlite:\(place.address)" : place.address
            let left = Shared<(absence: Absence, alice: Person, bob: Person)?>(nil)
            try await TestServer.with(databaseURL: url) { server in
                let alice = try await server.person("alice")
                let bob = try await server.person("bob")
                try await alice.befriends(bob)
                let watch = try await alice.listens()
                let device = try await bob.listens()
                _ = try await PresenceTests.hears(watch, of: bob)
                left.set((try await alice.goesAway(), alice, bob))
                _ = device
            }
            // As after a crash: nobody was told of anybody's going.
            let storage = try #require(left.value)
            try await TestServer.with(databaseURL: url) { server in
                let alice = Person(
                    server: server, name: "alice", id: storage.alice.id, token: storage.alice.token)
                let back = try await alice.returns(from: storage.absence)
                #expect(back.presences[storage.bob.id] == "offline")
                let bob = Person(server: server, name: "bob", id: storage.bob.id, token: storage.bob.token)
                let device = try await bob.listens()
                #expect(try await PresenceTests.hears(back.listener, of: bob)["status"] == "online")
                _ = device
            }
        }
    }

    @Test(
        "one's other devices' choice is told, and nothing of those who have long blocked one",
        arguments: DatabaseKind.allCases)
    func own(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let bob = try await server.person("bob")
            let nest = try await alice.foundsServer()
            try await bob.joins(nest)
            let watch = try await alice.listens()
            let device = try await bob.listens()
            _ = try await PresenceTests.hears(watch, of: bob)
            let first = try await alice.goesAway()
            server.clock.advance(by: .seconds(5))
            try await bob.does(.POST, "/relationships/block", ["user_id": .string(alice.id)])
            try await alice.does(.PUT, "/users/@me/presence", ["status": "dnd"])
            let back = try await alice.returns(from: first)
            #expect(back.presences == [alice.id: "dnd", bob.id: "offline"])
            server.clock.advance(by: .seconds(5))
            try await alice.does(.PUT, "/settings/theme", ["value": "dark"])
            let second = try await alice.goesAway()
            #expect(try await alice.returns(from: second).presences == [:])
            _ = device
        }
    }

    @Test(
        "who is blocked sees the other one go, comes to know nothing new, and sees them again after the block",
        arguments: DatabaseKind.allCases)
    func blocking(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let friend = try await server.person("friend")
            let member = try await server.person("member")
            let stranger = try await server.person("stranger")
            let nest = try await alice.foundsServer()
            try await member.joins(nest)
            try await alice.befriends(friend)
            let devices = [try await friend.listens(), try await member.listens(), try await stranger.listens()]
            let own = try await alice.listens()
            for device in devices.prefix(2) {
                #expect(try await PresenceTests.hears(device, of: alice)["status"] == "online")
            }
            for person in [friend, member, stranger] {
                try await alice.does(.POST, "/relationships/block", ["user_id": .string(person.id)])
            }
            for device in devices.prefix(2) {
                let gone = try await PresenceTests.hears(device, of: alice)
                #expect(gone["status"] == "offline")
                #expect(gone["last_seen"] ?? .null == .null)
            }
            for person in [member, stranger] {
                try await alice.does(.DELETE, "/relationships/\(person.id)")
            }
            #expect(try await PresenceTests.hears(devices[1], of: alice)["status"] == "online")
            // The stranger's first news of anybody is of a friend who comes later.
            try await stranger.befriends(friend)
            #expect(try await devices[2].awaits("PRESENCE_UPDATE")["d"]?["user_id"]?.string != alice.id)
            _ = own
        }
    }

    @Test("a session without the intent is told of nobody", arguments: DatabaseKind.allCases)
    func withoutIntent(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let bob = try await server.person("bob")
            let nest = try await alice.foundsServer()
            try await bob.joins(nest)
            let absence = try await alice.goesAway(["intents": 1])
            let device = try await bob.listens()
            let watch = try await alice.onAnotherDevice().listens()
            try await bob.does(.PUT, "/users/@me/presence", ["status": "dnd"])
            _ = try await PresenceTests.hears(watch, of: bob)
            #expect(try await alice.returns(from: absence).presences == [:])
            _ = device
        }
    }

    @Test("a custom status whose end is past is none", arguments: DatabaseKind.allCases)
    func pastEnd(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let device = try await alice.listens()
            let past = server.clock.now().seconds - 5
            let answer = try await alice.does(
                .PUT, "/users/@me/presence",
                ["status": "dnd", "custom_status": "x", "custom_emoji": "🍕", "expires_at": .integer(past)])
            #expect(answer["custom_status"] == .null)
            #expect(answer["custom_emoji"] == .null)
            #expect(answer["status"] == "dnd")
            #expect(try await alice.does(.GET, "/users/\(alice.id)/presence") == answer)
            #expect(try await PresenceTests.hears(device, of: alice) == answer)
        }
    }

    @Test("one's other devices learn of bookmarks", arguments: DatabaseKind.allCases)
    func bookmarks(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let message = try await alice.says("keep me", in: nest.general).text("id")
            let device = try await alice.listens()
            let absence = try await alice.goesAway()
            let path = "/users/@me/bookmarks/\(message)"
            // The second time changes nothing.
            for _ in 0..<2 { try await alice.does(.PUT, path) }
            for _ in 0..<2 { try await alice.does(.DELETE, path) }
            let added = try await device.hears("MESSAGE_BOOKMARK_ADD")["d"]
            #expect(
                added == [
                    "message_id": .string(message), "channel_id": .string(nest.general),
                    "server_id": .string(nest.id), "label": .null,
                    "created_at": .integer(server.clock.now().seconds),
                ])
            let removed = try await device.hears("MESSAGE_BOOKMARK_REMOVE")["d"]
            #expect(removed == ["message_id": .string(message), "channel_id": .string(nest.general)])
            try await alice.says("marker", in: nest.general)
            try await device.hearsNothing(before: "MESSAGE_CREATE", matching: "marker")
            let back = try await alice.returns(from: absence)
            #expect(
                back.names == ["MESSAGE_BOOKMARK_ADD", "MESSAGE_BOOKMARK_REMOVE", "MESSAGE_CREATE"], "\(back.names)")
        }
    }

    @Test(
        "ops of interactions close with 4001 and say that they are not available", arguments: [30, 31] as [Int64])
    func notAvailable(opcode: Int64) async throws {
        try await TestServer.with(.sqlite) { server in
            let alice = try await server.person("alice")
            let device = try await alice.listens()
            try await device.socket.send(["op": .integer(opcode), "d": [:]])
            let closed = try await device.socket.closed()
            #expect(closed.code == 4001)
            #expect(closed.reason.hasSuffix("is not available"), "\(closed.reason)")
        }
    }

    @Test("calls and the doctor of voice are not available")
    func calls() async throws {
        try await TestServer.with(.sqlite) { server in
            let alice = try await server.person("alice")
            for path in ["/voice/doctor/1", "/channels/1/call"] {
                #expect(try await alice.outcome(.GET, path) == "503 Module not available")
            }
        }
    }
}
