import Client
import Database
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@testable import People

@Suite("Who hears of a new name or picture")
struct AcquaintanceTests {
    /// Alice, and people who have her in one list or another but share no server with her.
    private struct Scene {
        let server: TestServer
        let alice: Person
        let acquaintances: [Person]
        let strangers: [Person]

        /// Who has blocked her, who was a friend once, who closed the conversation, whom she never wrote to, who does not know
        /// her: nobody of these hears of her.
        init(_ server: TestServer) async throws {
            self.server = server
            alice = try await server.person("alice")
            let friend = try await server.person("friend")
            try await alice.befriends(friend)
            // A friend whom one also writes to hears of it once.
            let channel = try await alice.conversation(with: friend)
            try await alice.says("hello", in: channel)
            let asked = try await server.person("asked")
            try await alice.does(.POST, "/relationships", ["user_id": .string(asked.id)])
            let asking = try await server.person("asking")
            try await asking.does(.POST, "/relationships", ["user_id": .string(alice.id)])
            let written = try await server.person("written")
            try await alice.says("hello", in: try await alice.conversation(with: written))
            let grouped = try await server.person("grouped")
            let host = try await server.person("host")
            for person in [alice, grouped] { try await host.befriends(person) }
            try await host.does(
                .POST, "/users/@me/channels", ["recipient_ids": [.string(alice.id), .string(grouped.id)]])
            acquaintances = [friend, asked, asking, written, grouped, host]

            // Whoever blocks hears nothing more, nor does who is blocked, though the conversation stays.
            let (blocked, blocker) = (try await server.person("blocked"), try await server.person("blocker"))
            for other in [blocked, blocker] {
                try await alice.befriends(other)
                try await alice.says("hello", in: try await alice.conversation(with: other))
            }
            try await alice.does(.POST, "/relationships/block", ["user_id": .string(blocked.id)])
            try await blocker.does(.POST, "/relationships/block", ["user_id": .string(alice.id)])
            let blocking = try await server.person("blocking")
            try await blocking.does(.POST, "/relationships/block", ["user_id": .string(alice.id)])
            let former = try await server.person("former")
            try await former.befriends(alice)
            try await former.does(.DELETE, "/relationships/\(alice.id)")
            let closed = try await server.person("closed")
            let put = try await closed.conversation(with: alice)
            try await closed.does(.DELETE, "/channels/\(put)")
            let unwritten = try await server.person("unwritten")
            _ = try await alice.conversation(with: unwritten)
            strangers = [blocked, blocker, blocking, former, closed, unwritten, try await server.person("nobody")]
        }
    }

    private static func with(_ kind: DatabaseKind, _ body: @escaping @Sendable (Scene) async throws -> Void)
        async throws
    {
        try await TestServer.with(kind) { server in try await body(try await Scene(server)) }
    }

    private static func listeners(of people: [Person]) async throws -> [Listener] {
        var listeners: [Listener] = []
        for person in people { listeners.append(try await person.listens()) }
        return listeners
    }

    @Test(
        "everybody who has somebody in a list hears of a new name, once, and only what all may see",
        arguments: DatabaseKind.allCases)
    func name(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let listeners = try await Self.listeners(of: scene.acquaintances)
            let others = try await Self.listeners(of: scene.strangers)
            let own = try await scene.alice.listens()
            try await scene.server.expectWritten(["USER_UPDATE": 2]) {
                try await scene.alice.does(.PATCH, "/users/@me", ["display_name": "Alice Liddell"])
            }
            let seen = try await scene.strangers[0].does(.GET, "/users/\(scene.alice.id)")
            #expect(seen["display_name"] == "Alice Liddell")
            for listener in listeners { #expect(try await listener.hears("USER_UPDATE")["d"] == seen) }
            #expect(try await own.hears("USER_UPDATE")["d"]?["email"] != nil)
            for (person, listener) in zip(scene.strangers, others) {
                try await person.does(.PATCH, "/users/@me", ["display_name": "Me"])
                #expect(try await listener.hears("USER_UPDATE")["d"]?["id"]?.string == person.id)
            }
        }
    }

    @Test("a bot hears of whom it talks to if it asked for private messages", arguments: DatabaseKind.allCases)
    func bots(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let bot = try await alice.makesBot("helper")
            let channel = try await alice.does(.POST, "/users/@me/channels", ["recipient_id": .string(bot.id)])
            try await alice.says("hello", in: try channel.text("id"))
            let (deaf, listening) = (try await bot.listens(intents: 0), try await bot.listens(intents: 1 << 12))
            try await alice.does(.PATCH, "/users/@me", ["display_name": "Alice Liddell"])
            #expect(try await bot.outcome(.PATCH, "/users/@me", ["display_name": "Me"]) == "200")
            #expect(try await listening.hears("USER_UPDATE")["d"]?["id"]?.string == alice.id)
            #expect(try await listening.hears("USER_UPDATE")["d"]?["id"]?.string == bot.id)
            #expect(try await deaf.hears("USER_UPDATE")["d"]?["id"]?.string == bot.id)
        }
    }

    @Test("a picture and a bio are told as a name is", arguments: DatabaseKind.allCases)
    func picture(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let listener = try await scene.acquaintances[0].listens()
            let photo = try await SampleFiles.bytes("photo.jpg")
            let reply = try await scene.alice.sends(photo, named: "me.jpg", to: "/avatars/users/@me", field: "image")
            #expect(try await listener.hears("USER_UPDATE")["d"]?["avatar_url"] == reply.json["avatar_url"])
            try await scene.alice.does(.PATCH, "/users/@me", ["bio": "curious"])
            #expect(try await listener.hears("USER_UPDATE")["d"]?["bio"] == "curious")
        }
    }

    @Test("what nobody else sees is told to nobody else", arguments: DatabaseKind.allCases)
    func address(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let own = ["USER_UPDATE": 1, "SECURITY_ALERT": 1, "NOTIFICATION_CREATE": 1]
            try await scene.server.expectWritten(own) {
                try await scene.alice.does(
                    .PATCH, "/users/@me",
                    ["email": "liddell@example.org", "current_password": .string(Person.password)])
            }
        }
    }

    @Test(
        "that an account is gone is told to those who still have a conversation with it",
        arguments: DatabaseKind.allCases)
    func erased(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let reader = try UserID(parsing: scene.acquaintances[3].id)
            let (id, past) = (try UserID(parsing: scene.alice.id), scene.server.clock.now())
            try await scene.server.onDatabase { tx in try AccountStore.setDeletion(past, of: id, tx) }
            try await scene.server.keepsUp()
            try await scene.server.settleLog()
            let written = try await scene.server.onDatabase { tx in
                try tx.all(
                    """
                    SELECT e.payload FROM event_audiences a JOIN events e ON e.position = a.position
                    WHERE a.audience_id = $1 AND e.kind = 'USER_UPDATE'
                    """, [reader]
                ) { $0.bytes(0) }
            }
            let told = try JSONParser.parse(try #require(written.last))
            #expect(told["id"]?.string == scene.alice.id)
            #expect(try told.text("username").hasPrefix("deleted:"))
        }
    }
}
