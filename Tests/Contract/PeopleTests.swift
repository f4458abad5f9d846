import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@Suite("People")
struct PeopleTests {
    @Test("a request becomes a friendship, and both hear of it", arguments: DatabaseKind.allCases)
    func friends(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob) = (scene.alice, scene.bob)
            let asked = try await alice.does(
                .POST, "/relationships", ["username": "BOB", "message": "hi, it's me"])
            #expect(asked["status"] == "pending_outgoing")
            #expect(asked["user_id"]?.string == bob.id)
            #expect(asked["presence"] == .null)
            let incoming = try await scene.bobHears.awaits("RELATIONSHIP_ADD")["d"] ?? .null
            #expect(incoming["status"] == "pending_incoming")
            #expect(incoming["message"] == "hi, it's me")
            #expect(try await bob.does(.GET, "/relationships/@me") == [incoming])
            #expect(
                try await alice.outcome(.POST, "/relationships", ["user_id": .string(bob.id)]) == "409 Already exists")
            #expect(try await alice.outcome(.PUT, "/relationships/\(bob.id)/accept") == "404 Friend request not found")
            let accepted = try await bob.does(.PUT, "/relationships/\(alice.id)/accept")
            #expect(accepted["status"] == "friend")
            let friend = try await scene.aliceHears.awaits("RELATIONSHIP_ADD")
            #expect(friend["d"]?["status"] == "pending_outgoing")
            #expect(try await scene.aliceHears.awaits("RELATIONSHIP_ADD")["d"]?["status"] == "friend")
            #expect(try await alice.does(.GET, "/relationships/@me").column("status") == ["friend"])
            #expect(try await bob.outcome(.PUT, "/relationships/\(alice.id)/accept") == "404 Friend request not found")
            try await bob.does(.DELETE, "/relationships/\(alice.id)")
            #expect(
                try await scene.aliceHears.awaits("RELATIONSHIP_REMOVE")["d"] == ["user_id": .string(bob.id)])
            #expect(try await alice.does(.GET, "/relationships/@me") == [])
            #expect(try await bob.outcome(.DELETE, "/relationships/\(alice.id)") == "404 Relationship not found")
        }
    }

    @Test("requests that cross make a friendship, also when they come at once", arguments: DatabaseKind.allCases)
    func crossing(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let people = [try await server.person("alice"), try await server.person("bob")]
            _ = try await atOnce(2) { index in
                try await people[index].outcome(
                    .POST, "/relationships", ["user_id": .string(people[1 - index].id)])
            }
            for person in people {
                #expect(try await person.does(.GET, "/relationships/@me").column("status") == ["friend"])
            }
        }
    }

    @Test("requests that make no sense are refused", arguments: DatabaseKind.allCases)
    func refusals(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            for (body, outcome): (JSON, String) in [
                ([:], "400 Invalid input"), (["user_id": .string(alice.id)], "400 Invalid input"),
                (["user_id": "1", "username": "bob"], "400 Invalid input"), (["user_id": "1"], "404 User not found"),
                (["username": "nobody"], "404 User not found"),
                (["username": "nobody", "message": .string(String(repeating: "m", count: 257))], "400 Invalid input"),
            ] {
                #expect(try await alice.outcome(.POST, "/relationships", body) == outcome, "\(body)")
            }
            #expect(
                try await alice.outcome(.POST, "/relationships/block", ["user_id": .string(alice.id)])
                    == "400 Invalid input")
            #expect(try await alice.outcome(.POST, "/relationships/block", ["user_id": "1"]) == "404 User not found")
        }
    }

    @Test("a block ends everything between two people, in both directions", arguments: DatabaseKind.allCases)
    func block(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let bob = try await server.person("bob")
            try await alice.befriends(bob)
            let talk = try await alice.conversation(with: bob)
            let message = try await alice.says("hello", in: talk).text("id")
            let hears = try await alice.listens()
            let blocked = try await bob.does(.POST, "/relationships/block", ["user_id": .string(alice.id)])
            #expect(blocked["status"] == "blocked")
            #expect(
                try await bob.outcome(.POST, "/relationships/block", ["user_id": .string(alice.id)])
                    == "409 Already exists")
            try await hears.awaits("RELATIONSHIP_REMOVE")
            #expect(try await alice.does(.GET, "/relationships/@me") == [], "nobody is told of a block")
            for (one, other) in [(alice, bob), (bob, alice)] {
                #expect(
                    try await one.outcome(.POST, "/users/@me/channels", ["recipient_id": .string(other.id)])
                        == "403 Cannot message this user")
                #expect(
                    try await one.outcome(.POST, "/channels/\(talk)/messages", ["content": "a"])
                        == "403 Cannot message this user")
                #expect(try await one.outcome(.POST, "/channels/\(talk)/typing") == "403 Cannot message this user")
                #expect(
                    try await one.outcome(.PUT, "/channels/\(talk)/messages/\(message)/reactions/%F0%9F%91%8D")
                        == "403 Cannot message this user")
                #expect(try await one.reads(talk) == ["hello"], "what was said can be read")
            }
            #expect(
                try await alice.outcome(.PATCH, "/channels/\(talk)/messages/\(message)", ["content": "rude"])
                    == "403 Cannot message this user")
            #expect(
                try await alice.outcome(.POST, "/relationships", ["user_id": .string(bob.id)])
                    == "403 Cannot message this user")
            let carol = try await server.person("carol")
            #expect(
                try await alice.outcome(
                    .POST, "/users/@me/channels", ["recipient_ids": [.string(bob.id), .string(carol.id)]])
                    == "403 Cannot message this user")
            try await bob.does(.DELETE, "/relationships/\(alice.id)")
            try await alice.says("again", in: talk)
        }
    }

    @Test("a conversation is one, however often and by whom it is opened", arguments: DatabaseKind.allCases)
    func conversation(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let bob = try await server.person("bob")
            let people = [alice, bob]
            let ids = try await atOnce(6) { index in
                try await people[index % 2].conversation(with: people[(index + 1) % 2])
            }
            #expect(Set(ids).count == 1)
            let channel = try await alice.does(.GET, "/channels/\(ids[0])")
            #expect(channel["channel_type"] == "dm")
            #expect(channel["server_id"] == .null)
            #expect(Set(channel["recipients"]?.column("username") ?? []) == ["alice", "bob"])
            let carol = try await server.person("carol")
            #expect(try await carol.outcome(.GET, "/channels/\(ids[0])") == "403 Access denied")
            #expect(try await carol.outcome(.GET, "/channels/\(ids[0])/messages") == "403 Access denied")
            #expect(
                try await alice.outcome(.POST, "/users/@me/channels", ["recipient_id": "1"]) == "404 User not found")
            #expect(
                try await alice.outcome(.POST, "/users/@me/channels", ["recipient_id": .string(alice.id)])
                    == "400 Invalid input")
        }
    }

    @Test("somebody learns of a conversation with its first message", arguments: DatabaseKind.allCases)
    func firstMessage(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let bob = try await server.person("bob")
            let (aliceHears, bobHears) = (try await alice.listens(), try await bob.listens())
            let talk = try await alice.conversation(with: bob)
            #expect(try await aliceHears.hears("CHANNEL_CREATE")["d"]?["id"]?.string == talk)
            #expect(try await bob.does(.GET, "/users/@me/channels") == [])
            let sent = try await alice.says("hello", in: talk)
            #expect(sent["server_id"] == .null)
            #expect(try await bobHears.hears("CHANNEL_CREATE")["d"]?["id"]?.string == talk)
            #expect(try await bobHears.hears("MESSAGE_CREATE")["d"] == sent)
            #expect(try await aliceHears.hears("MESSAGE_CREATE")["d"] == sent)
            #expect(try await bob.does(.GET, "/users/@me/channels").column("id") == [talk])
            // Put away, it comes back with the next message.
            try await bob.does(.DELETE, "/channels/\(talk)")
            try await bobHears.hears("CHANNEL_DELETE")
            #expect(try await bob.does(.GET, "/users/@me/channels") == [])
            try await alice.says("more", in: talk)
            try await bobHears.hears("CHANNEL_CREATE")
            #expect(try await bob.reads(talk) == ["more", "hello"])
            try await bob.does(.POST, "/channels/\(talk)/typing")
            try await aliceHears.awaits("TYPING_START")
        }
    }

    @Test("a group has its members, its owner, and an end", arguments: DatabaseKind.allCases)
    func group(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let bob = try await server.person("bob")
            let carol = try await server.person("carol")
            let dave = try await server.person("dave")
            let nest = try await alice.foundsServer()
            for person in [bob, carol, dave] { try await person.joins(nest) }
            let bobHears = try await bob.listens()
            let daveHears = try await dave.listens()
            let made = try await alice.does(
                .POST, "/users/@me/channels",
                ["recipient_ids": [.string(bob.id), .string(carol.id)], "name": "Trip"])
            let id = try made.text("id")
            #expect(made["channel_type"] == "group")
            #expect(made["owner_id"]?.string == alice.id)
            #expect(made["recipients"]?.count == 3)
            #expect(try await bobHears.hears("CHANNEL_CREATE")["d"] == made)
            try await bobHears.hears("NOTIFICATION_CREATE")
            try await alice.says("hello", in: id)
            try await bobHears.hears("MESSAGE_CREATE")
            #expect(try await dave.outcome(.GET, "/channels/\(id)") == "403 Access denied")
            #expect(try await dave.outcome(.PUT, "/channels/\(id)/recipients/\(dave.id)") == "403 Access denied")
            try await bob.does(.PUT, "/channels/\(id)/recipients/\(dave.id)")
            #expect(try await bob.outcome(.PUT, "/channels/\(id)/recipients/\(dave.id)") == "409 Already a member")
            try await daveHears.hears("CHANNEL_CREATE")
            try await daveHears.hears("NOTIFICATION_CREATE")
            #expect(try await bobHears.hears("CHANNEL_UPDATE")["d"]?["recipients"]?.count == 4)
            try await alice.says("welcome", in: id)
            #expect(try await daveHears.hears("MESSAGE_CREATE")["d"]?["content"] == "welcome")
            try await bob.does(.PATCH, "/channels/\(id)", ["name": "Journey"])
            #expect(try await daveHears.hears("CHANNEL_UPDATE")["d"]?["name"] == "Journey")
            #expect(try await bob.outcome(.DELETE, "/channels/\(id)/recipients/\(dave.id)") == "403 Permission denied")
            try await alice.does(.DELETE, "/channels/\(id)/recipients/\(dave.id)")
            try await daveHears.hears("CHANNEL_DELETE")
            try await alice.says("without you", in: id)
            let marker = try await dave.does(.GET, "/users/@me/notes").text("id")
            try await daveHears.awaits("CHANNEL_CREATE")
            try await dave.says("marker", in: marker)
            try await daveHears.hearsNothing(before: "MESSAGE_CREATE", matching: "marker")
            try await alice.does(.DELETE, "/channels/\(id)/recipients/\(alice.id)")
            #expect(try await bob.does(.GET, "/channels/\(id)")["owner_id"]?.string == bob.id)
            try await bob.does(.DELETE, "/channels/\(id)")
            try await carol.does(.DELETE, "/channels/\(id)/recipients/\(carol.id)")
            #expect(try await carol.outcome(.GET, "/channels/\(id)") == "404 Channel not found")
        }
    }

    @Test("one's notes are one channel, which nobody else sees", arguments: DatabaseKind.allCases)
    func notes(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let bob = try await server.person("bob")
            let notes = try await alice.does(.GET, "/users/@me/notes")
            #expect(notes["channel_type"] == "notes")
            #expect(try await alice.does(.GET, "/users/@me/notes") == notes)
            let id = try notes.text("id")
            try await alice.says("remember the milk", in: id)
            #expect(try await bob.outcome(.GET, "/channels/\(id)/messages") == "403 Access denied")
            #expect(try await bob.does(.GET, "/users/@me/notes")["id"]?.string != id)
        }
    }

    @Test("a note about somebody is the writer's alone", arguments: DatabaseKind.allCases)
    func userNotes(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let bob = try await server.person("bob")
            let path = "/users/\(bob.id)/note"
            #expect(try await alice.does(.GET, path)["note"] == "")
            try await alice.does(.PUT, path, ["note": "owes me a book"])
            #expect(try await alice.does(.GET, path)["note"] == "owes me a book")
            #expect(try await bob.does(.GET, path)["note"] == "")
            try await alice.does(.PUT, path, ["note": ""])
            #expect(try await alice.does(.GET, path)["note"] == "")
            #expect(try await alice.outcome(.PUT, "/users/1/note", ["note": "a"]) == "404 User not found")
            #expect(try await alice.outcome(.GET, "/users/1/note") == "404 User not found")
            #expect(try await alice.outcome(.GET, "/users/x/note") == "400 Invalid user ID")
            #expect(
                try await alice.outcome(.PUT, path, ["note": .string(String(repeating: "n", count: 2001))])
                    == "400 Invalid input")
        }
    }

    @Test("settings are kept, and reach the other devices", arguments: DatabaseKind.allCases)
    func settings(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let bob = try await server.person("bob")
            let hears = try await alice.listens()
            let path = "/users/@me/settings"
            #expect(try await alice.outcome(.GET, "\(path)/theme") == "404 Setting not found")
            #expect(
                try await alice.does(.PUT, "\(path)/theme", ["value": "dark"]) == ["key": "theme", "value": "dark"])
            #expect(
                try await hears.hears("USER_SETTINGS_UPDATE")["d"] == ["settings": ["theme": "dark"], "deleted": []])
            #expect(try await alice.does(.GET, "/settings/theme")["value"] == "dark")
            let all = try await alice.does(.PUT, "/settings/bulk", ["font.size": "12", "theme": "light"])
            #expect(all == ["font.size": "12", "theme": "light"])
            try await hears.hears("USER_SETTINGS_UPDATE")
            #expect(try await alice.does(.GET, path) == all)
            try await alice.does(.DELETE, "\(path)/theme")
            #expect(try await hears.hears("USER_SETTINGS_UPDATE")["d"] == ["settings": [:], "deleted": ["theme"]])
            #expect(try await alice.outcome(.DELETE, "\(path)/theme") == "404 Setting not found")
            #expect(try await bob.does(.GET, path) == [:])
            let again = try await alice.onAnotherDevice().listens()
            _ = again
            for key in ["A", "a%20b", "%C3%A9", String(repeating: "k", count: 101)] {
                #expect(
                    try await alice.outcome(.PUT, "\(path)/\(key)", ["value": "a"]) == "400 Invalid input", "\(key)")
            }
            #expect(
                try await alice.outcome(
                    .PUT, "\(path)/a", ["value": .string(String(repeating: "v", count: 10_001))]) == "400 Invalid input"
            )
            #expect(try await alice.outcome(.PUT, "\(path)/a", ["value": 1]) == "400 Invalid input")
            let many = Dictionary((0..<100).map { ("k\($0)", JSON.string("v")) }) { $1 }
            #expect(try await alice.outcome(.PUT, "\(path)/bulk", .object(many)) == "400 Invalid input")
            #expect(try await alice.does(.GET, path) == ["font.size": "12"], "all or none are set")
        }
    }

    @Test("settings are the same under both of their addresses", arguments: DatabaseKind.allCases)
    func settingAddresses(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            for path in ["/settings", "/users/@me/settings"] {
                #expect(try await alice.does(.PUT, "\(path)/bulk", ["theme": "dark"]) == ["theme": "dark"])
                #expect(try await alice.does(.GET, path) == ["theme": "dark"])
                #expect(try await alice.does(.GET, "\(path)/theme") == ["key": "theme", "value": "dark"])
                try await alice.does(.DELETE, "\(path)/theme")
                for method: HTTPMethod in [.GET, .DELETE] {
                    #expect(try await alice.outcome(method, "\(path)/theme") == "404 Setting not found", "\(path)")
                    #expect(try await alice.outcome(method, "\(path)/Theme") == "400 Invalid input", "\(path)")
                }
            }
        }
    }

    @Test("what concerns one is notified, read, and gone with its message", arguments: DatabaseKind.allCases)
    func notifications(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let path = "/users/@me/notifications"
            let message = try await alice.says("hey <@\(bob.id)>", in: nest.general).text("id")
            let told = try await scene.bobHears.awaits("NOTIFICATION_CREATE")["d"] ?? .null
            #expect(told["type"] == "mention")
            #expect(told["message_id"]?.string == message)
            #expect(told["username"] == "alice")
            #expect(told["read"] == false)
            let question = try await bob.says("what?", in: nest.general).text("id")
            try await alice.does(
                .POST, "/channels/\(nest.general)/messages", ["content": "this", "reply_to_id": .string(question)])
            #expect(try await scene.bobHears.awaits("NOTIFICATION_CREATE")["d"]?["type"] == "reply")
            try await alice.does(.POST, "/relationships", ["user_id": .string(bob.id)])
            #expect(try await bob.does(.GET, path).column("type") == ["friend_request", "reply", "mention"])
            #expect(try await alice.does(.GET, path) == [])
            let id = try told.text("id")
            #expect(try await bob.does(.PUT, "\(path)/\(id)/read")["read"] == true)
            #expect(try await scene.bobHears.awaits("NOTIFICATION_UPDATE")["d"]?["id"]?.string == id)
            #expect(try await bob.does(.GET, "\(path)?unread=true").column("type") == ["friend_request", "reply"])
            #expect(try await alice.outcome(.PUT, "\(path)/\(id)/read") == "404 Notification not found")
            try await bob.does(.PUT, "\(path)/read-all")
            #expect(try await bob.does(.GET, "\(path)?unread=true") == [])
            try await alice.does(.DELETE, "/channels/\(nest.general)/messages/\(message)")
            #expect(try await scene.bobHears.awaits("NOTIFICATION_DELETE")["d"] == ["id": .string(id)])
            #expect(try await bob.does(.GET, path).column("type") == ["friend_request", "reply"])
            try await alice.closes(nest.general, in: nest)
            #expect(try await bob.does(.GET, path).column("type") == ["friend_request"], "nothing of what is closed")
        }
    }

    @Test("an invite for somebody is told to them", arguments: DatabaseKind.allCases)
    func inviteNotifications(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let carol = try await scene.server.person("carol")
            let path = "/channels/\(nest.general)/invites"
            let code = try await alice.does(.POST, path, ["user_id": .string(carol.id)]).text("code")
            let told = try await carol.does(.GET, "/users/@me/notifications")
            #expect(told.column("invite_code") == [code])
            #expect(told.column("type") == ["invite"])
            try await carol.does(.POST, "/channels/invites/\(code)")
            let group: JSON = ["recipient_ids": [.string(bob.id), .string(carol.id)]]
            let channel = try await alice.does(.POST, "/users/@me/channels", group).text("id")
            #expect(try await carol.does(.GET, "/users/@me/notifications").column("channel_id") == [channel])
            try await carol.does(.POST, "/relationships/block", ["user_id": .string(alice.id)])
            #expect(
                try await alice.outcome(.POST, path, ["user_id": .string(carol.id)]) == "403 Cannot message this user")
            #expect(try await alice.outcome(.POST, path, ["user_id": "1"]) == "404 User not found")
        }
    }

    @Test("saved messages stay until they are gone or out of sight", arguments: DatabaseKind.allCases)
    func bookmarks(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let path = "/users/@me/bookmarks"
            let messages = [
                try await alice.says("one", in: nest.general), try await alice.says("two", in: nest.general),
            ]
            let ids = messages.column("id")
            for id in ids + [ids[0]] { try await bob.does(.PUT, "\(path)/\(id)") }
            let saved = try await bob.does(.GET, path)
            #expect(saved.array?.compactMap { $0["message"] } == messages.reversed())
            #expect(try await alice.does(.GET, path) == [])
            try await bob.does(.DELETE, "\(path)/\(ids[0])")
            #expect(try await bob.does(.GET, path).count == 1)
            try await alice.does(.DELETE, "/channels/\(nest.general)/messages/\(ids[1])")
            #expect(try await bob.does(.GET, path) == [])
            #expect(try await bob.outcome(.PUT, "\(path)/\(ids[1])") == "404 Message not found")
            let secret = try await alice.opensChannel("secret", in: nest)
            let hidden = try await alice.says("hidden", in: secret).text("id")
            try await bob.does(.PUT, "\(path)/\(hidden)")
            try await alice.closes(secret, in: nest)
            #expect(try await bob.does(.GET, path) == [])
            #expect(try await bob.outcome(.PUT, "\(path)/\(hidden)") == "403 Access denied")
            #expect(try await bob.outcome(.PUT, "\(path)/x") == "400 Invalid message ID")
        }
    }

    @Test("a saved message has a label, by either name of the routes", arguments: DatabaseKind.allCases)
    func bookmarkLabels(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let (path, other) = ("/users/@me/bookmarks", "/features/bookmarks")
            let id = try await alice.says("one", in: nest.general).text("id")
            try await scene.server.expectWritten(["MESSAGE_BOOKMARK_ADD": 2, "MESSAGE_BOOKMARK_REMOVE": 1]) {
                for _ in 0..<2 { try await bob.does(.PUT, "\(path)/\(id)", ["label": " to do "]) }
                #expect(try await bob.does(.GET, other)[0]?["label"] == "to do")
                try await bob.does(.POST, other, ["message_id": .string(id), "label": "done"])
                #expect(try await bob.does(.GET, path)[0]?["label"] == "done")
                try await bob.does(.DELETE, "\(other)/\(id)")
                #expect(try await bob.does(.GET, path) == [])
            }
            let added = try await scene.bobHears.awaits("MESSAGE_BOOKMARK_ADD")["d"]
            #expect(added?["label"] == "to do" && added?["message_id"] == .string(id))
            let long = JSON.string(String(repeating: "a", count: 101))
            #expect(try await bob.outcome(.PUT, "\(path)/\(id)", ["label": long]) == "400 Invalid input")
            let bodies: [JSON] = [["label": "x"], ["message_id": "x"], ["message_id": .string(id), "label": "a\nb"]]
            for body in bodies { #expect(try await bob.outcome(.POST, other, body) == "400 Invalid input") }
            #expect(try await bob.outcome(.POST, other, ["message_id": "1"]) == "404 Message not found")
            #expect(try await bob.outcome(.DELETE, "\(other)/x") == "400 Invalid message ID")
            let carol = try await scene.server.person("carol")
            #expect(try await carol.outcome(.POST, other, ["message_id": .string(id)]) == "403 Access denied")
            try await alice.does(
                .PUT, "/channels/\(nest.general)/overwrites/\(bob.id)", ["type": "member", "deny": ["messages.read"]])
            #expect(try await bob.outcome(.POST, other, ["message_id": .string(id)]) == "403 Permission denied")
        }
    }
}

extension [JSON] {
    func column(_ key: String) -> [String] { compactMap { $0[key]?.string } }
}
