import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@Suite("Parts of messages")
struct MessagePartTests {
    static let thumb = "%F0%9F%91%8D"

    // MARK: Mentions

    @Test("a message speaks only to those who can read it", arguments: DatabaseKind.allCases)
    func mentions(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let carol = try await scene.server.person("carol")
            let role = try await alice.makesRole("crew", in: nest, [], ["mentionable": true])
            let quiet = try await alice.makesRole("quiet", in: nest)
            let text = "<@\(bob.id)> <@\(carol.id)> <@1> <@&\(role)> <@&\(quiet)> @everyone"
            let byBob = try await bob.says(text, in: nest.general)
            #expect(byBob["mentions"] == [["id": .string(bob.id), "username": "bob", "display_name": .null]])
            #expect(byBob["mention_roles"] == [.string(role)], "the other role is not to be spoken to")
            #expect(byBob["mention_everyone"] == false)
            let byAlice = try await alice.says(text, in: nest.general)
            #expect(Set(byAlice["mention_roles"]?.array?.compactMap(\.string) ?? []) == [role, quiet])
            #expect(byAlice["mention_everyone"] == true)
            #expect(try await bob.does(.GET, "/channels/\(nest.general)/messages")[0] == byAlice)
            let secret = try await alice.opensChannel("secret", in: nest)
            try await alice.closes(secret, in: nest)
            #expect(try await alice.says("<@\(bob.id)>", in: secret)["mentions"] == [])
            #expect(
                try await bob.does(.GET, "/users/@me/notifications").column("message_id") == [try byAlice.text("id")])
        }
    }

    @Test("the sender decides whom a message speaks to", arguments: DatabaseKind.allCases)
    func allowedMentions(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let path = "/channels/\(nest.general)/messages"
            let question = try await bob.says("?", in: nest.general).text("id")
            let content = JSON.string("<@\(bob.id)> @everyone")
            let cases: [(JSON, Int, JSON)] = [
                (["parse": []], 0, false), (["parse": ["users"]], 1, false), (["parse": ["everyone"]], 0, true),
                (["users": [.string(bob.id)]], 1, false), (["users": ["1"]], 0, false),
            ]
            for (allowed, users, everyone) in cases {
                let sent = try await alice.does(.POST, path, ["content": content, "allowed_mentions": allowed])
                #expect(sent["mentions"]?.count == users, "\(allowed)")
                #expect(sent["mention_everyone"] == everyone, "\(allowed)")
            }
            let reply: [String: JSON] = ["content": "!", "reply_to_id": .string(question)]
            #expect(try await alice.does(.POST, path, .object(reply))["mentions"]?.count == 1)
            let silent = reply.merging(["allowed_mentions": ["replied_user": false]]) { $1 }
            #expect(try await alice.does(.POST, path, .object(silent))["mentions"]?.count == 0)
            #expect(
                try await alice.outcome(.POST, path, ["content": "a", "allowed_mentions": ["parse": ["fish"]]])
                    == "400 Invalid input")
        }
    }

    @Test(
        "an edit speaks to others, and notifies those whom the message did not speak to before",
        arguments: DatabaseKind.allCases)
    func editedMentions(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let id = try await alice.says("hello", in: nest.general).text("id")
            let path = "/channels/\(nest.general)/messages/\(id)"
            let edited = try await alice.does(.PATCH, path, ["content": .string("hello <@\(bob.id)>")])
            #expect(edited["mentions"].map { $0.column("id") } == [bob.id])
            #expect(try await bob.does(.GET, "/users/@me/notifications").column("type") == ["mention"])
            #expect(try await alice.does(.PATCH, path, ["content": "hello"])["mentions"] == [])
        }
    }

    // MARK: Embeds

    @Test("an embed is shown as it was sent", arguments: DatabaseKind.allCases)
    func embeds(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let embed: JSON = [
                "title": "T", "description": "D\nE", "url": "https://example.org", "color": "#AABBCC", "timestamp": 5,
                "author": ["name": "A"], "footer": ["text": "F", "icon_url": "https://example.org/i.png"],
                "image": ["url": "https://example.org/x.png"],
                "fields": [["name": "N", "value": "V", "inline": true]],
            ]
            let path = "/channels/\(nest.general)/messages"
            let sent = try await alice.does(.POST, path, ["embeds": [embed]])
            #expect(sent["content"] == .null)
            let shown = sent["embeds"]?[0] ?? .null
            #expect(shown["color"] == "#aabbcc")
            #expect(shown["author"] == ["name": "A", "url": .null, "icon_url": .null])
            #expect(shown["fields"] == [["name": "N", "value": "V", "inline": true]])
            #expect(shown["thumbnail"] == .null)
            #expect(try await alice.does(.GET, path) == [sent])
            let id = try sent.text("id")
            let edited = try await alice.does(.PATCH, "\(path)/\(id)", ["embeds": [], "content": "now text"])
            #expect(edited["embeds"] == [])
            #expect(edited["content"] == "now text")
            #expect(
                try await alice.outcome(.PATCH, "\(path)/\(id)", ["content": .null])
                    == "400 Message must have content, attachments, or embeds")
        }
    }

    static let badEmbeds: [JSON] = [
        [:], ["title": ""], ["title": .string(String(repeating: "t", count: 257))],
        ["description": .string(String(repeating: "d", count: 4097))], ["title": "a", "url": "javascript:alert(1)"],
        ["title": "a", "color": "red"], ["image": ["url": "file:///etc/passwd"]], ["footer": [:]],
        ["fields": [["name": "", "value": "v"]]], ["title": 5], "text",
        ["fields": .array(Array(repeating: ["name": "n", "value": "v"], count: 26))],
    ]

    @Test("embeds are checked", arguments: DatabaseKind.allCases)
    func embedRules(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let bob = try await server.person("bob")
            let nest = try await alice.foundsServer()
            try await bob.joins(nest)
            let path = "/channels/\(nest.general)/messages"
            for embed in Self.badEmbeds {
                let reply = try await alice.send(.POST, path, ["content": "a", "embeds": [embed]])
                #expect(reply.outcome == "400 Invalid input", "\(embed)")
                #expect(reply.issues == ["embeds"], "\(embed)")
            }
            let long: JSON = ["description": .string(String(repeating: "d", count: 4000))]
            #expect(try await alice.outcome(.POST, path, ["embeds": [long]]) == "201")
            #expect(try await alice.outcome(.POST, path, ["embeds": [long, long]]) == "400 Invalid input")
            let small: JSON = ["title": "t"]
            #expect(
                try await alice.outcome(.POST, path, ["embeds": .array(Array(repeating: small, count: 11))])
                    == "400 Invalid input")
            let everyone = try await alice.everyoneRole(of: nest)
            try await alice.does(
                .PATCH, "/servers/\(nest.id)/roles/\(everyone)", ["permissions": ["messages.embed_links": false]])
            #expect(try await bob.outcome(.POST, path, ["embeds": [small]]) == "403 Permission denied")
        }
    }

    // MARK: Reactions

    @Test("reactions are counted, each person's once, and told", arguments: DatabaseKind.allCases)
    func reactions(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let id = try await alice.says("vote", in: nest.general).text("id")
            let path = "/channels/\(nest.general)/messages/\(id)"
            for person in [alice, bob, bob] { try await person.does(.PUT, "\(path)/reactions/\(Self.thumb)") }
            scene.server.clock.advance(by: .milliseconds(1))
            try await bob.does(.PUT, "\(path)/reactions/:tada:")
            let seen = try await bob.does(.GET, path)["reactions"]
            #expect(
                seen == [
                    ["emoji": "👍", "count": 2, "me": true], ["emoji": "🎉", "count": 1, "me": true],
                ])
            #expect(try await alice.does(.GET, "\(path)/reactions")[1] == ["emoji": "🎉", "count": 1, "me": false])
            let event = try await scene.aliceHears.awaits("MESSAGE_REACTION_ADD")
            #expect(
                event["d"] == [
                    "message_id": .string(id), "channel_id": .string(nest.general), "server_id": .string(nest.id),
                    "user_id": .string(alice.id), "emoji": "👍",
                ])
            #expect(try await scene.aliceHears.hears("MESSAGE_REACTION_ADD")["d"]?["user_id"]?.string == bob.id)
            #expect(try await scene.aliceHears.hears("MESSAGE_REACTION_ADD")["d"]?["emoji"] == "🎉", "twice is once")
            let who = try await alice.does(.GET, "\(path)/reactions/\(Self.thumb)?limit=1")
            #expect(who.column("username") == ["alice"])
            let rest = try await alice.does(.GET, "\(path)/reactions/\(Self.thumb)?after=\(alice.id)")
            #expect(rest.column("username") == ["bob"])
            try await bob.does(.DELETE, "\(path)/reactions/\(Self.thumb)")
            try await bob.does(.DELETE, "\(path)/reactions/\(Self.thumb)")
            #expect(try await scene.aliceHears.hears("MESSAGE_REACTION_REMOVE")["d"]?["user_id"]?.string == bob.id)
            #expect(
                try await bob.outcome(.DELETE, "\(path)/reactions/\(Self.thumb)/\(alice.id)") == "403 Permission denied"
            )
            #expect(try await alice.outcome(.DELETE, "\(path)/reactions/:tada:/\(bob.id)") == "200")
            #expect(try await bob.outcome(.DELETE, "\(path)/reactions") == "403 Permission denied")
            try await alice.does(.DELETE, "\(path)/reactions")
            try await scene.bobHears.awaits("MESSAGE_REACTION_REMOVE_ALL")
            #expect(try await alice.does(.GET, path)["reactions"] == [])
        }
    }

    @Test("what is no emoji, and one kind too many, is refused", arguments: DatabaseKind.allCases)
    func reactionRules(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let bob = try await server.person("bob")
            let nest = try await alice.foundsServer()
            try await bob.joins(nest)
            let id = try await alice.says("vote", in: nest.general).text("id")
            let path = "/channels/\(nest.general)/messages/\(id)/reactions"
            for (emoji, outcome) in [
                ("a", "400 Invalid input"), (":nonsense:", "400 Invalid input"), ("party:x", "400 Invalid input"),
                ("party:1", "404 Emoji not found"), ("%20", "400 Invalid input"), ("%00", "400 Invalid input"),
                ("%F0%9F%91%8D%F0%9F%91%8D", "400 Invalid input"),
            ] {
                #expect(try await alice.outcome(.PUT, "\(path)/\(emoji)") == outcome, "\(emoji)")
            }
            #expect(
                try await alice.outcome(.PUT, "/channels/\(nest.general)/messages/1/reactions/\(Self.thumb)")
                    == "404 Message not found")
            // Faces from U+1F600 on, in UTF-8.
            for face in 0..<20 {
                try await bob.does(.PUT, "\(path)/%F0%9F%98%\(String(0x80 + face, radix: 16))")
            }
            #expect(try await alice.outcome(.PUT, "\(path)/\(Self.thumb)") == "400 Invalid input")
            #expect(try await alice.outcome(.PUT, "\(path)/%F0%9F%98%80") == "200", "one can join")
            let everyone = try await alice.everyoneRole(of: nest)
            try await alice.does(
                .PATCH, "/servers/\(nest.id)/roles/\(everyone)", ["permissions": ["messages.add_reactions": false]])
            try await alice.does(.DELETE, path)
            #expect(try await bob.outcome(.PUT, "\(path)/\(Self.thumb)") == "403 Permission denied")
            try await alice.does(.PUT, "\(path)/\(Self.thumb)")
            #expect(try await bob.outcome(.PUT, "\(path)/\(Self.thumb)") == "200")
        }
    }

    // MARK: Pins

    @Test("moderators pin messages, up to fifty", arguments: DatabaseKind.allCases)
    func pins(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let pins = "/channels/\(nest.general)/pins"
            var ids: [String] = []
            for index in 0..<51 { ids.append(try await alice.says("\(index)", in: nest.general).text("id")) }
            #expect(try await bob.outcome(.PUT, "\(pins)/\(ids[0])") == "403 Permission denied")
            for id in ids.prefix(50) {
                scene.server.clock.advance(by: .seconds(1))
                try await alice.does(.PUT, "\(pins)/\(id)")
            }
            #expect(try await alice.outcome(.PUT, "\(pins)/\(ids[0])") == "200")
            #expect(try await alice.outcome(.PUT, "\(pins)/\(ids[50])") == "400 Invalid input")
            let listed = try await bob.does(.GET, pins)
            #expect(listed.column("id") == ids.prefix(50).reversed())
            #expect(listed[0]?["pinned"] == true)
            try await scene.bobHears.awaits("CHANNEL_PINS_UPDATE")
            #expect(try await scene.bobHears.hears("MESSAGE_UPDATE")["d"]?["pinned"] == true)
            try await alice.does(.DELETE, "\(pins)/\(ids[0])")
            #expect(try await alice.does(.GET, "/channels/\(nest.general)/messages/\(ids[0])")["pinned"] == false)
            #expect(try await alice.outcome(.PUT, "\(pins)/1") == "404 Message not found")
            try await alice.does(.DELETE, "/channels/\(nest.general)/messages/\(ids[1])")
            #expect(try await alice.does(.GET, pins).count == 48)
            let talk = try await alice.conversation(with: bob)
            let message = try await alice.says("keep", in: talk).text("id")
            #expect(
                try await bob.outcome(.PUT, "/channels/\(talk)/pins/\(message)") == "200", "two people pin as they like"
            )
        }
    }

    // MARK: Threads

    @Test("a thread is opened on a message, written in, archived and deleted", arguments: DatabaseKind.allCases)
    func threads(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let message = try await alice.says("topic", in: nest.general).text("id")
            let threads = "/channels/\(nest.general)/threads"
            let thread = try await bob.does(
                .POST, threads, ["name": "Talk", "message_id": .string(message), "auto_archive_minutes": 60])
            let id = try thread.text("id")
            #expect(thread["channel_type"] == "thread")
            #expect(thread["owner_id"]?.string == bob.id)
            #expect(
                thread["thread"] == [
                    "parent_id": .string(nest.general), "message_id": .string(message), "thread_type": "public",
                    "owner_id": .string(bob.id), "state": "active", "archived": false, "locked": false,
                    "invitable": true, "auto_archive_minutes": 60, "message_count": 0, "member_count": 1,
                    "last_message_at": .null, "archived_at": .null, "joined": true,
                ])
            let told = try await scene.aliceHears.awaits("THREAD_CREATE")["d"]
            #expect(told?["id"]?.string == id && told?["thread"]?["joined"] == .null)
            #expect(try await scene.aliceHears.hears("MESSAGE_UPDATE")["d"]?["thread_id"]?.string == id)
            #expect(
                try await alice.outcome(.POST, threads, ["name": "Two", "message_id": .string(message)])
                    == "409 Already exists")
            let said = try await alice.says("in the thread", in: id)
            #expect(said["channel_id"]?.string == id)
            let joined = try await scene.bobHears.awaits("THREAD_MEMBERS_UPDATE")["d"]
            #expect(joined?["member_count"] == 2 && joined?["removed_ids"] == [])
            #expect(joined?["added"]?[0]?["username"] == "alice")
            #expect(try await scene.bobHears.hears("MESSAGE_CREATE")["d"] == said)
            #expect(try await bob.reads(id) == ["in the thread"])
            #expect(try await alice.reads(nest.general) == ["topic"], "threads are apart")
            #expect(try await alice.does(.GET, "/servers/\(nest.id)/channels").column("id").contains(id) == false)
            #expect(try await alice.does(.GET, threads).column("id") == [id])
            #expect(
                Set(try await bob.does(.GET, "/threads/\(id)/members").column("user_id")) == [alice.id, bob.id])
            try await bob.does(.PATCH, "/threads/\(id)", ["archived": true, "name": "Talked"])
            #expect(try await scene.aliceHears.awaits("THREAD_UPDATE")["d"]?["name"] == "Talked")
            #expect(try await alice.does(.GET, threads) == [])
            #expect(try await alice.does(.GET, "\(threads)?archived=true").column("id") == [id])
            try await alice.says("up again", in: id)
            #expect(try await alice.does(.GET, threads).column("id") == [id])
            #expect(try await bob.outcome(.PATCH, "/threads/\(id)", ["locked": true]) == "403 Permission denied")
            try await alice.does(.PATCH, "/threads/\(id)", ["locked": true])
            #expect(
                try await bob.outcome(.POST, "/channels/\(id)/messages", ["content": "a"]) == "403 Permission denied")
            try await alice.says("mods only", in: id)
            try await alice.does(.PATCH, "/threads/\(id)", ["locked": false])
            try await bob.does(.PATCH, "/threads/\(id)", ["remove_members": [.string(bob.id)]])
            #expect(try await bob.does(.GET, "/threads/\(id)")["thread"]?["member_count"] == 1)
            #expect(
                try await bob.outcome(.DELETE, "/threads/\(id)") == "403 Permission denied", "others have written in it"
            )
            try await alice.does(.DELETE, "/threads/\(id)")
            try await scene.aliceHears.awaits("THREAD_DELETE")
            #expect(try await alice.outcome(.GET, "/threads/\(id)") == "404 Channel not found")
            #expect(try await alice.does(.GET, "/channels/\(nest.general)/messages/\(message)")["thread_id"] == .null)
        }
    }

    @Test(
        "whom a message in a thread names is in it, and what was said there before is no news to them",
        arguments: DatabaseKind.allCases)
    func namedInThread(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let (carol, dave) = (try await scene.server.person("carol"), try await scene.server.person("dave"))
            for each in [carol, dave] { try await each.joins(nest) }
            try await dave.does(.POST, "/relationships/block", ["user_id": .string(alice.id)])
            let id = try await alice.does(.POST, "/channels/\(nest.general)/threads", ["name": "T"]).text("id")
            let before = try await alice.says("before", in: id).text("id")
            try await alice.says("<@\(bob.id)> and <@\(dave.id)>, come", in: id)
            #expect(
                try await scene.bobHears.awaits("MESSAGE_ACK")["d"]?["last_read_message_id"]?.string ?? "" >= before)
            let members = { @Sendable () async throws -> Set<String> in
                Set(try await alice.does(.GET, "/threads/\(id)/members").column("user_id"))
            }
            #expect(try await members() == [alice.id, bob.id], "whom somebody has blocked brings them nowhere")
            let unread = try await bob.does(.GET, "/channels/\(id)/messages/unread")
            #expect(unread["unread_count"] == 1)
            #expect(unread["mention_count"] == 1)
            #expect(try await bob.does(.GET, "/users/@me/unread")["unread_counts"]?[id] == 1)
            try await alice.does(
                .PATCH, "/channels/\(id)/messages/\(before)", ["content": .string("<@\(carol.id)>, too")])
            #expect(try await members() == [alice.id, bob.id, carol.id])
        }
    }

    @Test("a thread is seen by those who see its channel", arguments: DatabaseKind.allCases)
    func threadSight(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let id = try await alice.does(.POST, "/channels/\(nest.general)/threads", ["name": "T"]).text("id")
            try await bob.says("hello", in: id)
            try await alice.closes(nest.general, in: nest)
            #expect(try await bob.outcome(.GET, "/threads/\(id)") == "403 Access denied")
            #expect(try await bob.outcome(.GET, "/channels/\(id)/messages") == "403 Access denied")
            #expect(
                try await bob.outcome(.PATCH, "/threads/\(id)", ["add_members": [.string(bob.id)]])
                    == "403 Access denied")
            try await scene.bobHears.awaits("CHANNEL_DELETE")
            try await alice.says("hidden", in: id)
            let own = try await bob.foundsServer("Own")
            try await scene.bobHears.awaits("GUILD_CREATE")
            try await bob.says("marker", in: own.general)
            try await scene.bobHears.hearsNothing(before: "MESSAGE_CREATE", matching: "marker")
        }
    }

    @Test("threads that nobody writes in are archived", arguments: DatabaseKind.allCases)
    func idleThreads(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let forum = try await alice.opensChannel("forum", in: nest, ["type": "forum"])
            let path = "/channels/\(forum)/threads"
            let id = try await alice.does(.POST, path, ["name": "T", "auto_archive_minutes": 60]).text("id")
            #expect(
                try await alice.outcome(.POST, path, ["name": "T", "auto_archive_minutes": 61]) == "400 Invalid input")
            let category = try await alice.opensChannel("c", in: nest, ["type": "category"])
            #expect(
                try await alice.outcome(.POST, "/channels/\(category)/threads", ["name": "T"]) == "400 Invalid input")
            #expect(try await alice.outcome(.POST, "/channels/\(id)/threads", ["name": "T"]) == "400 Invalid input")
            let hears = try await alice.listens()
            server.clock.advance(by: .seconds(3601))
            let archived = try await hears.awaits("THREAD_UPDATE")
            #expect(archived["d"]?["thread"]?["archived"] == true)
        }
    }

    // MARK: Webhooks

    @Test("of a hidden channel's webhooks no manager hears who can't see it", arguments: DatabaseKind.allCases)
    func hiddenWebhooks(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let hidden = try await alice.opensChannel("hidden", in: nest)
            try await alice.closes(hidden, in: nest)
            try await alice.gives(try await alice.makesRole("keeper", in: nest, ["webhooks.manage"]), to: bob, in: nest)
            let hook: (String) -> JSON = { ["channel_id": .string($0), "name": "Builds"] }
            #expect(try await bob.outcome(.POST, "/webhooks", hook(hidden)) == "403 Access denied")
            try await alice.does(.POST, "/webhooks", hook(hidden))
            try await alice.does(.POST, "/webhooks", hook(nest.general))
            let heard = try await scene.bobHears.awaits("WEBHOOKS_UPDATE")
            #expect(heard["d"]?["channel_id"] == .string(nest.general))
        }
    }

    @Test("a webhook writes with its token, and with nothing else", arguments: DatabaseKind.allCases)
    func webhooks(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let draft: JSON = ["channel_id": .string(nest.general), "name": "Builds"]
            #expect(try await bob.outcome(.POST, "/webhooks", draft) == "403 Permission denied")
            let made = try await alice.does(.POST, "/webhooks", draft)
            let (id, token) = (try made.text("id"), try made.text("token"))
            #expect(made["url"]?.string?.hasSuffix("/api/v1/webhooks/\(id)/\(token)") == true)
            try await scene.aliceHears.awaits("WEBHOOKS_UPDATE")
            let listed = try await alice.does(.GET, "/servers/\(nest.id)/webhooks")
            #expect(listed.column("id") == [id])
            #expect(listed[0]?["token"] == nil, "the token is shown once")
            #expect(try await bob.outcome(.GET, "/servers/\(nest.id)/webhooks") == "403 Permission denied")
            #expect(try await bob.outcome(.GET, "/webhooks/\(id)") == "403 Permission denied")
            let server = scene.server
            let quiet = try await server.send(.POST, "/webhooks/\(id)/\(token)", ["content": "green"])
            #expect(quiet.status == 204)
            #expect(quiet.text.isEmpty)
            let told = try await scene.bobHears.awaits("MESSAGE_CREATE")["d"] ?? .null
            #expect(told["author_username"] == "Builds")
            #expect(told["webhook_id"]?.string == id)
            let loud = try await server.send(
                .POST, "/webhooks/\(id)/\(token)?wait=true",
                [
                    "content": .string("@everyone <@\(bob.id)>"), "username": "CI",
                    "avatar_url": "https://example.org/a.png", "embeds": [["title": "t"]],
                ])
            #expect(loud.status == 200)
            #expect(loud.json["author_username"] == "CI")
            #expect(loud.json["author_avatar_url"] == "https://example.org/a.png")
            #expect(loud.json["mention_everyone"] == false)
            #expect(loud.json["mentions"].map { $0.column("id") } == [bob.id])
            let read = try await bob.does(.GET, "/channels/\(nest.general)/messages")[0]
            #expect(read?["id"] == loud.json["id"] && read?["content"] == loud.json["content"])
            for (path, outcome) in [
                ("/webhooks/\(id)/wrong", "401 Invalid token"), ("/webhooks/1/\(token)", "404 Webhook not found"),
                ("/webhooks/x/\(token)", "400 Invalid webhook ID"),
            ] {
                #expect(try await server.outcome(.POST, path, ["content": "a"]) == outcome)
            }
            let path = "/webhooks/\(id)/\(token)"
            #expect(
                try await server.outcome(.POST, path, ["content": " "])
                    == "400 Message must have content, attachments, or embeds")
            #expect(
                try await server.outcome(.POST, path, ["content": .string(String(repeating: "a", count: 2001))])
                    == "400 Invalid input")
            #expect(
                try await server.outcome(.POST, path, ["content": "a", "thread_id": "1"])
                    == "404 Channel not found")
            let renewed = try await alice.does(.POST, "/webhooks/\(id)/regenerate-token").text("token")
            #expect(try await server.outcome(.POST, path, ["content": "a"]) == "401 Invalid token")
            #expect(try await server.outcome(.POST, "/webhooks/\(id)/\(renewed)", ["content": "a"]) == "204")
            let other = try await alice.opensChannel("other", in: nest)
            let moved = try await alice.does(
                .PATCH, "/webhooks/\(id)", ["name": "CI", "channel_id": .string(other)])
            #expect(moved["channel_id"]?.string == other)
            #expect(try await server.outcome(.POST, "/webhooks/\(id)/\(renewed)", ["content": "moved"]) == "204")
            #expect(try await bob.reads(other) == ["moved"])
            for _ in 0..<9 { try await alice.does(.POST, "/webhooks", ["channel_id": .string(other), "name": "W"]) }
            #expect(
                try await alice.outcome(.POST, "/webhooks", ["channel_id": .string(other), "name": "W"])
                    == "400 Invalid input")
            try await alice.does(.DELETE, "/webhooks/\(id)")
            #expect(try await alice.outcome(.GET, "/webhooks/\(id)") == "404 Webhook not found")
            #expect(
                try await server.outcome(.POST, "/webhooks/\(id)/\(renewed)", ["content": "a"])
                    == "404 Webhook not found")
        }
    }

    // MARK: Applications

    @Test("a bot is made, brought to a server, and logs in with its token", arguments: DatabaseKind.allCases)
    func bots(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let bob = try await server.person("bob")
            let nest = try await alice.foundsServer()
            let application = try await alice.does(
                .POST, "/applications", ["name": "Helper", "privileged_intents": ["MESSAGE_CONTENT"]])
            let path = "/applications/\(try application.text("id"))"
            #expect(application["privileged_intents"] == ["MESSAGE_CONTENT"])
            #expect(application["bot_id"] == .null)
            #expect(try await bob.outcome(.GET, path) == "404 Application not found")
            let made = try await alice.does(.POST, "\(path)/bot", ["username": "helper"])
            let (token, bot) = (try made.text("token"), try made.text("bot_id"))
            #expect(try await alice.outcome(.POST, "\(path)/bot") == "409 Already exists")
            #expect(try await alice.does(.GET, "/users/\(bot)")["bot"] == true)
            let me = try await server.send(.GET, "/users/@me", headers: ["authorization": "Bot \(token)"])
            #expect(me.json["username"] == "helper")
            #expect(try await server.send(.GET, "/users/@me", token: token).outcome == "401 Invalid token")
            #expect(
                try await server.send(.GET, "/users/@me", headers: ["authorization": "Bot \(alice.token)"]).outcome
                    == "401 Invalid token")
            try await bob.joins(nest)
            let bring = "/servers/\(nest.id)/bots/\(try application.text("id"))"
            #expect(try await bob.outcome(.PUT, bring) == "403 Permission denied")
            let member = try await alice.does(.PUT, bring)
            #expect(member["user_id"]?.string == bot)
            let den = try await bob.foundsServer("Den")
            #expect(
                try await bob.outcome(.PUT, "/servers/\(den.id)/bots/\(try application.text("id"))")
                    == "404 Application not found", "it is not public")
            let socket = try await GatewaySocket.open(port: server.port, path: "/gateway")
            let hears = Listener(socket: socket)
            let intents = 1 << 0 | 1 << 9 | 1 << 15
            try await hears.identify(token: token, ["intents": .integer(Int64(intents))])
            try await bob.says("hello", in: nest.general)
            #expect(try await hears.hears("MESSAGE_CREATE")["d"]?["content"] == "hello")
            let greedy = Listener(socket: try await GatewaySocket.open(port: server.port, path: "/gateway"))
            _ = try await greedy.next(op: 10)
            try await greedy.socket.send(["op": 2, "d": ["token": .string(token), "intents": 2]])
            #expect(try await greedy.socket.closed().code == 4014)
            let renewed = try await alice.does(.POST, "\(path)/bot/token").text("token")
            #expect(try await hears.socket.closed().code == 4004)
            let old = try await server.send(.GET, "/users/@me", headers: ["authorization": "Bot \(token)"])
            #expect(old.outcome == "401 Invalid token")
            let new = try await server.send(.GET, "/users/@me", headers: ["authorization": "Bot \(renewed)"])
            #expect(new.status == 200)
            try await alice.does(.DELETE, path)
            #expect(try await alice.does(.GET, "/servers/\(nest.id)/members").column("username") == ["alice", "bob"])
            let gone = try await server.send(.GET, "/users/@me", headers: ["authorization": "Bot \(renewed)"])
            #expect(gone.outcome == "401 Invalid token")
        }
    }
}
