import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@Suite("Who may write to whom")
struct MessagingSettingTests {
    private static let path = "/users/@me/messaging-settings"

    /// Alice, who says who may come to her, and people who are ever closer.
    private struct Scene: Sendable {
        let server: TestServer
        let alice: Person
        let stranger: Person
        let member: Person
        let friend: Person
        let nest: Community

        static func with(_ kind: DatabaseKind, _ body: @escaping @Sendable (Scene) async throws -> Void) async throws {
            try await TestServer.with(kind) { server in
                let alice = try await server.person("alice")
                let (stranger, member) = (try await server.person("stranger"), try await server.person("member"))
                let friend = try await server.person("friend")
                let nest = try await alice.foundsServer()
                try await member.joins(nest)
                try await friend.befriends(alice)
                try await body(
                    Scene(
                        server: server, alice: alice, stranger: stranger, member: member, friend: friend, nest: nest))
            }
        }

        func alice(says settings: JSON) async throws { try await alice.does(.PATCH, path, settings) }

        func opens(_ person: Person) async throws -> String {
            try await person.outcome(.POST, "/users/@me/channels", ["recipient_id": .string(alice.id)])
        }
    }

    private static let refused = "403 Cannot message this user"

    @Test("settings are read, changed one by one, and told to one's own devices", arguments: DatabaseKind.allCases)
    func changing(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let alice = scene.alice
            let standard: JSON = [
                "user_id": .string(alice.id), "allow_dms_from": "everyone", "group_dms_from": "contacts",
                "friend_requests_from": "everyone", "server_dms": [:], "read_receipts_enabled": true,
                "typing_indicators_enabled": true, "compact_messages_enabled": false, "auto_create_dms": true,
                "max_message_length": 4000, "max_attachment_size": 10_485_760, "max_attachments_per_message": 10,
            ]
            #expect(try await alice.does(.GET, Self.path) == standard)
            let listener = Listener(socket: try await GatewaySocket.open(port: scene.server.port, path: "/gateway"))
            let ready = try await listener.identify(token: alice.token)
            #expect(ready["d"]?["messaging_settings"] == standard)
            let changed = try await alice.does(
                .PATCH, Self.path,
                [
                    "allow_dms_from": "friends", "server_dms": .object([scene.nest.id: false]),
                    "compact_messages_enabled": true, "max_message_length": 9,
                ])
            #expect(changed["allow_dms_from"] == "friends" && changed["group_dms_from"] == "contacts")
            #expect(changed["server_dms"] == .object([scene.nest.id: false]))
            #expect(changed["compact_messages_enabled"] == true && changed["max_message_length"] == 4000)
            #expect(try await scene.aliceHears.hears("MESSAGING_SETTINGS_UPDATE")["d"] == changed)
            try await scene.server.expectWritten([:]) {
                let again = try await alice.does(.PATCH, Self.path, ["allow_dms_from": "friends"])
                #expect(again == changed)
            }
            let back = try await alice.does(.PATCH, Self.path, ["server_dms": .object([scene.nest.id: .null])])
            #expect(back["server_dms"] == [:])
            try await scene.nothingReached(scene.bobHears)
        }
    }

    @Test("wrong settings are refused by name", arguments: DatabaseKind.allCases)
    func refusals(kind: DatabaseKind) async throws {
        try await Scene.with(kind) { scene in
            let elsewhere = try await scene.stranger.foundsServer()
            let many = JSON.object(Dictionary(uniqueKeysWithValues: (1...201).map { ("\($0)", .bool(false)) }))
            let wrong: [(String, JSON)] = [
                ("allow_dms_from", "some"), ("allow_dms_from", .null), ("friend_requests_from", "friends"),
                ("group_dms_from", 1), ("server_dms", [1]), ("server_dms", ["x": true]),
                ("server_dms", .object([scene.nest.id: "no"])), ("server_dms", .object([elsewhere.id: false])),
                ("server_dms", ["1": false]), ("server_dms", many), ("read_receipts_enabled", "yes"),
            ]
            for (field, value) in wrong {
                let reply = try await scene.alice.send(.PATCH, Self.path, .object([field: value]))
                #expect(reply.outcome == "400 Invalid input", "\(field): \(value.text)")
                #expect(reply.json["error"]?["details"]?[0]?["field"] == .string(field), "\(field): \(value.text)")
            }
            #expect(try await scene.alice.outcome(.PATCH, Self.path, ["server_dms": ["1": .null]]) == "200")
        }
    }

    @Test("a conversation is opened by whom one lets", arguments: DatabaseKind.allCases)
    func opening(kind: DatabaseKind) async throws {
        try await Scene.with(kind) { scene in
            let people = [scene.friend, scene.member, scene.stranger]
            for (circle, outcomes) in [
                ("nobody", [Self.refused, Self.refused, Self.refused]),
                ("friends", ["200", Self.refused, Self.refused]),
                ("contacts", ["200", "200", Self.refused]), ("everyone", ["200", "200", "200"]),
            ] {
                try await scene.alice(says: ["allow_dms_from": .string(circle)])
                for (person, outcome) in zip(people, outcomes) {
                    #expect(try await scene.opens(person) == outcome, "\(circle): \(person.name)")
                }
            }
            // Members of a server that one does not want are strangers, friends stay friends.
            try await scene.alice(
                says: ["allow_dms_from": "contacts", "server_dms": .object([scene.nest.id: false])])
            #expect(try await scene.opens(scene.member) == Self.refused)
            #expect(try await scene.opens(scene.friend) == "200")
            let second = try await scene.member.foundsServer("Second")
            try await scene.alice.joins(second)
            #expect(try await scene.opens(scene.member) == "200", "another server is shared")
        }
    }

    @Test(
        "what one wants holds at each message, and whom one has written to may answer", arguments: DatabaseKind.allCases
    )
    func sending(kind: DatabaseKind) async throws {
        try await Scene.with(kind) { scene in
            let (alice, stranger) = (scene.alice, scene.stranger)
            let talk = try await stranger.conversation(with: alice)
            let path = "/channels/\(talk)/messages"
            let first = try await stranger.says("hello", in: talk).text("id")
            let poll: JSON = [
                "channel_id": .string(talk), "question": "?", "options": ["a", "b"], "duration_hours": 1,
            ]
            let open = try await stranger.does(.POST, "/polls", poll).text("id")
            try await scene.alice(says: ["allow_dms_from": "nobody"])
            #expect(try await stranger.outcome(.POST, "/polls/\(open)/close") == Self.refused)
            #expect(try await stranger.outcome(.POST, path, ["content": "hello?"]) == Self.refused)
            #expect(try await stranger.outcome(.POST, "/polls", poll) == Self.refused)
            #expect(try await stranger.outcome(.POST, "/channels/\(talk)/typing") == Self.refused)
            #expect(try await stranger.outcome(.PUT, "\(path)/\(first)/reactions/%F0%9F%91%8D") == Self.refused)
            #expect(try await stranger.outcome(.PATCH, "\(path)/\(first)", ["content": "x"]) == Self.refused)
            #expect(try await stranger.outcome(.GET, path) == "200", "what was said stays")
            let answer = try await alice.says("what is it?", in: talk).text("id")
            try await alice.does(.DELETE, "\(path)/\(answer)")
            #expect(try await stranger.outcome(.POST, path, ["content": "this"]) == "201")
            #expect(try await scene.opens(stranger) == "200")
            try await alice.does(.POST, "/relationships/block", ["user_id": .string(stranger.id)])
            #expect(try await stranger.outcome(.POST, path, ["content": "that"]) == Self.refused)
        }
    }

    @Test("bots and administrators are not exempt", arguments: DatabaseKind.allCases)
    func everybody(kind: DatabaseKind) async throws {
        try await Scene.with(kind) { scene in
            let root = try await scene.server.administrator()
            let bot = try await scene.alice.makesBot()
            try await scene.alice.brings(bot, to: scene.nest)
            try await scene.alice(says: ["allow_dms_from": "nobody"])
            #expect(try await scene.opens(root) == Self.refused)
            let asked = try await bot.outcome(
                .POST, "/users/@me/channels", ["recipient_id": .string(scene.alice.id)])
            #expect(asked == Self.refused)
        }
    }

    @Test("nobody is brought into a group who does not want it, and nothing is made", arguments: DatabaseKind.allCases)
    func groups(kind: DatabaseKind) async throws {
        try await Scene.with(kind) { scene in
            let (alice, member, friend) = (scene.alice, scene.member, scene.friend)
            try await friend.befriends(member)
            func makes(_ maker: Person, _ others: Person...) async throws -> String {
                let ids = others.map { JSON.string($0.id) }
                return try await maker.outcome(.POST, "/users/@me/channels", ["recipient_ids": .array(ids)])
            }
            #expect(try await makes(member, alice, friend) == "200", "she knows him from the server")
            try await scene.alice(says: ["group_dms_from": "friends"])
            #expect(try await makes(member, alice, friend) == Self.refused)
            #expect(try await makes(friend, alice, member) == "200")
            try await scene.alice(says: ["group_dms_from": "nobody"])
            #expect(try await makes(friend, alice, member) == Self.refused)
            let other = try await scene.server.person("other")
            try await other.befriends(friend)
            let group = try await friend.does(
                .POST, "/users/@me/channels", ["recipient_ids": [.string(member.id), .string(other.id)]]
            ).text("id")
            let adding = "/channels/\(group)/recipients/\(alice.id)"
            #expect(try await friend.outcome(.PUT, adding) == Self.refused)
            try await scene.alice(says: ["group_dms_from": "everyone"])
            #expect(try await other.outcome(.PUT, adding) == "200", "whoever it is")
            let hers = try await alice.does(.GET, "/users/@me/channels").array ?? []
            #expect(hers.count { $0["channel_type"] == "group" } == 3)
        }
    }

    @Test("friend requests come from whom one lets, and crossing ones are none", arguments: DatabaseKind.allCases)
    func friendRequests(kind: DatabaseKind) async throws {
        try await Scene.with(kind) { scene in
            let (alice, stranger, member) = (scene.alice, scene.stranger, scene.member)
            func asks(_ person: Person) async throws -> String {
                try await person.outcome(.POST, "/relationships", ["user_id": .string(alice.id)])
            }
            try await scene.alice(says: ["friend_requests_from": "nobody"])
            #expect(try await asks(member) == Self.refused)
            let elsewhere = try await stranger.foundsServer()
            let invite: JSON = ["user_id": .string(alice.id)]
            let inviting = "/channels/\(elsewhere.general)/invites"
            #expect(try await stranger.outcome(.POST, inviting, invite) == Self.refused)
            try await scene.alice(says: ["friend_requests_from": "contacts"])
            #expect(try await asks(stranger) == Self.refused)
            #expect(try await asks(member) == "200")
            #expect(try await stranger.does(.GET, "/relationships/@me") == [])
            try await alice.does(.POST, "/relationships", ["user_id": .string(stranger.id)])
            #expect(try await asks(stranger) == "200", "she has asked him")
        }
    }

    @Test("who does not want it told is not seen typing, and learns nothing of it", arguments: DatabaseKind.allCases)
    func typing(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, general) = (scene.alice, scene.nest.general)
            try await alice.does(.PATCH, Self.path, ["typing_indicators_enabled": false])
            #expect(try await alice.outcome(.POST, "/channels/\(general)/typing") == "200")
            try await scene.aliceHears.socket.send(["op": 40, "d": ["channel_id": .string(general)]])
            try await scene.nothingReached(scene.bobHears)
            try await alice.does(.PATCH, Self.path, ["typing_indicators_enabled": true])
            try await alice.does(.POST, "/channels/\(general)/typing")
            try await scene.bobHears.hears("TYPING_START")
        }
    }
}
