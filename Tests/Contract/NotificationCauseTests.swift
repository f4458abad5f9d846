import Client
import Database
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

/// A notification goes when what it tells of is gone.
@Suite("Causes of notifications")
struct NotificationCauseTests {
    private static let path = "/users/@me/notifications"

    /// Expects that somebody had one notification, does something, and expects that it is gone and that they are told.
    private static func withdraws(
        _ kind: String, of person: Person, _ listener: Listener, _ act: () async throws -> Void
    ) async throws {
        let told = try await listener.awaits("NOTIFICATION_CREATE")
        #expect(told["d"]?["type"]?.string == kind)
        #expect(try await person.does(.GET, path).column("type") == [kind])
        try await act()
        let gone = try await listener.awaits("NOTIFICATION_DELETE")
        #expect(gone["d"]?["id"] == told["d"]?["id"], "\(kind)")
        #expect(try await person.does(.GET, path) == [], "\(kind)")
    }

    private static func stored(_ server: TestServer) async throws -> Int? {
        try await server.onDatabase { tx in try tx.first("SELECT COUNT(*) FROM notifications") { $0.int(0) } }
    }

    @Test("a friend request that was taken back, declined, or ended by a block", arguments: DatabaseKind.allCases)
    func friendRequests(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob) = (scene.alice, scene.bob)
            let ask: JSON = ["user_id": .string(bob.id), "message": "please"]
            try await alice.does(.POST, "/relationships", ask)
            try await Self.withdraws("friend_request", of: bob, scene.bobHears) {
                try await alice.does(.DELETE, "/relationships/\(bob.id)")
            }
            try await alice.does(.POST, "/relationships", ask)
            try await Self.withdraws("friend_request", of: bob, scene.bobHears) {
                try await bob.does(.DELETE, "/relationships/\(alice.id)")
            }
            try await alice.does(.POST, "/relationships", ask)
            try await Self.withdraws("friend_request", of: bob, scene.bobHears) {
                try await alice.does(.POST, "/relationships/block", ["user_id": .string(bob.id)])
            }
            try await alice.does(.DELETE, "/relationships/\(bob.id)")
            try await bob.does(.POST, "/relationships", ["user_id": .string(alice.id)])
            try await alice.does(.PUT, "/relationships/\(bob.id)/accept")
            try await Self.withdraws("friend_accepted", of: bob, scene.bobHears) {
                try await alice.does(.DELETE, "/relationships/\(bob.id)")
            }
        }
    }

    @Test("a mention that was edited away, whose message or channel is gone", arguments: DatabaseKind.allCases)
    func mentions(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            func message(in channel: String) async throws -> String {
                let sent = try await alice.says("hi <@\(bob.id)>", in: channel)
                return "/channels/\(channel)/messages/\(try sent.text("id"))"
            }
            var sent = try await message(in: nest.general)
            try await Self.withdraws("mention", of: bob, scene.bobHears) {
                try await alice.does(.PATCH, sent, ["content": "hi nobody"])
            }
            sent = try await message(in: nest.general)
            try await alice.does(.PATCH, sent, ["content": "hello <@\(bob.id)>"])
            try await Self.withdraws("mention", of: bob, scene.bobHears) { try await alice.does(.DELETE, sent) }
            let channel = try await alice.opensChannel("gone", in: nest)
            _ = try await message(in: channel)
            try await alice.does(.DELETE, "/channels/\(channel)")
            #expect(try await bob.does(.GET, Self.path) == [])
            try await scene.server.keepsUp()
            #expect(try await Self.stored(scene.server) == 0)
        }
    }

    @Test("a mention that was read where it was said is read", arguments: DatabaseKind.allCases)
    func readInPlace(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let other = try await alice.opensChannel("other", in: nest)
            let first = try await alice.says("<@\(bob.id)>", in: nest.general).text("id")
            let own = try await bob.says("yes?", in: nest.general).text("id")
            let path = "/channels/\(nest.general)/messages"
            try await alice.does(.POST, path, ["content": "nothing", "reply_to_id": .string(own)])
            try await alice.says("<@\(bob.id)>", in: other)
            func unread() async throws -> [String] {
                try await bob.does(.GET, "\(Self.path)?unread=true").column("channel_id")
            }
            #expect(try await unread() == [other, nest.general, nest.general])
            try await bob.does(.POST, "\(path)/ack?message_id=\(first)")
            let told = try await scene.bobHears.awaits("NOTIFICATION_UPDATE")["d"]
            #expect(told?["message_id"]?.string == first)
            #expect(told?["read"] == true)
            #expect(try await unread() == [other, nest.general])
            try await bob.does(.POST, "\(path)/ack")
            #expect(try await unread() == [other])
            try await alice.says("<@\(bob.id)>", in: nest.general)
            try await bob.does(.POST, "/servers/\(nest.id)/messages/read-all")
            #expect(try await unread() == [])
        }
    }

    @Test("a mention that an edit adds, once for each that is new", arguments: DatabaseKind.allCases)
    func added(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let sent =
                "/channels/\(nest.general)/messages/\(try await alice.says("plain", in: nest.general).text("id"))"
            try await alice.does(.PATCH, sent, ["content": .string("hi <@\(bob.id)>")])
            try await Self.withdraws("mention", of: bob, scene.bobHears) {
                try await alice.does(.PATCH, sent, ["content": .string("hello <@\(bob.id)>")])
                #expect(try await bob.does(.GET, Self.path).count == 1)
                try await alice.does(.PATCH, sent, ["content": "nobody"])
            }
            // In and out again and again is no way to flood somebody.
            for _ in 0..<15 {
                try await alice.does(.PATCH, sent, ["content": .string("in <@\(bob.id)>")])
                try await alice.does(.PATCH, sent, ["content": "out"])
            }
            try await alice.does(.PATCH, sent, ["content": .string("in <@\(bob.id)>")])
            #expect(try await bob.does(.GET, Self.path) == [])
        }
    }

    @Test("a mention by a webhook that edited it away", arguments: DatabaseKind.allCases)
    func webhooks(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let hook = try await scene.alice.does(
                .POST, "/webhooks", ["channel_id": .string(scene.nest.general), "name": "w"])
            let path = "/webhooks/\(try hook.text("id"))/\(try hook.text("token"))"
            let sent = try await scene.server.send(
                .POST, "\(path)?wait=true", ["content": .string("hi <@\(scene.bob.id)>")])
            let message = "\(path)/messages/\(try sent.json.text("id"))"
            try await Self.withdraws("mention", of: scene.bob, scene.bobHears) {
                let edited = try await scene.server.send(.PATCH, message, ["content": "hi nobody"])
                #expect(edited.outcome == "200")
            }
        }
    }

    @Test("what lies in a channel or server that one can't see any more", arguments: DatabaseKind.allCases)
    func lostSight(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let channel = try await alice.opensChannel("closing", in: nest)
            try await alice.says("hi <@\(bob.id)>", in: channel)
            try await Self.withdraws("mention", of: bob, scene.bobHears) { try await alice.closes(channel, in: nest) }
            try await alice.says("hi <@\(bob.id)>", in: nest.general)
            try await Self.withdraws("mention", of: bob, scene.bobHears) {
                try await bob.does(.POST, "/servers/\(nest.id)/leave")
            }
        }
    }

    @Test("a thread in a channel that one can't see any more", arguments: DatabaseKind.allCases)
    func threads(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let channel = try await alice.opensChannel("closing", in: nest)
            let thread = try await alice.does(.POST, "/channels/\(channel)/threads", ["name": "t"]).text("id")
            try await alice.says("hi <@\(bob.id)>", in: thread)
            try await Self.withdraws("mention", of: bob, scene.bobHears) { try await alice.closes(channel, in: nest) }
        }
    }

    @Test("an invite that was withdrawn or has run out", arguments: DatabaseKind.allCases)
    func invites(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (server, alice) = (scene.server, scene.alice)
            let carol = try await server.person("carol")
            let carolHears = try await carol.listens()
            let code = try await alice.invites(to: scene.nest, ["user_id": .string(carol.id)])
            try await Self.withdraws("invite", of: carol, carolHears) {
                try await alice.does(.DELETE, "/channels/invites/\(code)")
            }
            _ = try await alice.invites(to: scene.nest, ["user_id": .string(carol.id), "max_age": 60])
            #expect(try await Self.stored(server) == 1)
            server.clock.advance(by: .seconds(61))
            try await server.keepsUp()
            #expect(try await carol.does(.GET, Self.path) == [])
        }
    }

    @Test("a group that one has left", arguments: DatabaseKind.allCases)
    func groups(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob) = (scene.alice, scene.bob)
            let carol = try await scene.server.person("carol")
            try await carol.joins(scene.nest)
            let group = try await alice.does(
                .POST, "/users/@me/channels", ["recipient_ids": [.string(bob.id), .string(carol.id)]]
            ).text("id")
            try await Self.withdraws("invite", of: bob, scene.bobHears) {
                try await bob.does(.DELETE, "/channels/\(group)/recipients/\(bob.id)")
            }
        }
    }

    @Test("what somebody has caused whom one blocks", arguments: DatabaseKind.allCases)
    func blocks(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob) = (scene.alice, scene.bob)
            try await alice.says("hi <@\(bob.id)>", in: scene.nest.general)
            try await Self.withdraws("mention", of: bob, scene.bobHears) {
                try await bob.does(.POST, "/relationships/block", ["user_id": .string(alice.id)])
            }
        }
    }

    @Test("doing and undoing tells nobody more than ten times a day", arguments: DatabaseKind.allCases)
    func flood(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (server, alice, bob) = (scene.server, scene.alice, scene.bob)
            func ask() async throws { try await alice.does(.POST, "/relationships", ["user_id": .string(bob.id)]) }
            for _ in 0..<12 {
                try await ask()
                try await alice.does(.DELETE, "/relationships/\(bob.id)")
            }
            try await ask()
            #expect(try await bob.does(.GET, Self.path) == [])
            #expect(try await bob.does(.GET, "/relationships/@me").column("username") == ["alice"], "it was asked")
            let carol = try await server.person("carol")
            try await carol.does(.POST, "/relationships", ["user_id": .string(bob.id)])
            #expect(try await bob.does(.GET, Self.path).column("username") == ["carol"], "others are heard")
            try await alice.does(.DELETE, "/relationships/\(bob.id)")
            server.clock.advance(by: .seconds(86_400))
            try await ask()
            #expect(try await bob.does(.GET, Self.path).column("username") == ["alice", "carol"])
            server.clock.advance(by: .seconds(3 * 86_400))
            try await server.keepsUp()
            let counts = try await server.onDatabase { tx in
                try tx.first("SELECT COUNT(*) FROM notification_counts") { $0.int(0) }
            }
            #expect(counts == 0)
        }
    }

    @Test("one person's mentions push out nobody else's", arguments: DatabaseKind.allCases)
    func pair(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob) = (scene.alice, scene.bob)
            let carol = try await scene.server.person("carol")
            try await carol.joins(scene.nest)
            try await carol.says("first <@\(bob.id)>", in: scene.nest.general)
            for number in 1...105 { try await alice.says("\(number) <@\(bob.id)>", in: scene.nest.general) }
            let stored = try await scene.server.onDatabase { tx in
                try tx.all("SELECT user_id, COUNT(*) FROM notifications GROUP BY user_id ORDER BY 2") { $0.int(1) }
            }
            #expect(stored == [1, 100])
        }
    }
}
