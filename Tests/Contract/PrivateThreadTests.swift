import Client
import Community
import Database
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

/// Threads that are there for their members alone, and for who manages threads.
@Suite("Private threads")
struct PrivateThreadTests {
    /// Alice owns the server, Bob opened a private thread in its first channel, Carol and Dave are members of the server.
    struct Scene: Sendable {
        let server: TestServer
        let alice: Person
        let bob: Person
        let carol: Person
        let dave: Person
        let nest: Community
        let thread: String

        var threads: String { "/channels/\(nest.general)/threads" }
        var path: String { "/threads/\(thread)" }
        var members: String { "/threads/\(thread)/members" }

        func memberNames() async throws -> [String] {
            try await alice.does(.GET, members).column("username").sorted()
        }

        func opens(_ person: Person, _ more: [String: JSON] = [:]) async throws -> String {
            let draft: [String: JSON] = ["name": "aside", "thread_type": "private"]
            return try await person.does(.POST, threads, .object(draft.merging(more) { $1 })).text("id")
        }
    }

    static func with(
        _ kind: DatabaseKind, _ more: [String: JSON] = [:], _ body: @escaping @Sendable (Scene) async throws -> Void
    ) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let (carol, dave) = (try await server.person("carol"), try await server.person("dave"))
            let nest = try await alice.foundsServer()
            for person in [bob, carol, dave] { try await person.joins(nest) }
            let draft: [String: JSON] = ["name": "aside", "thread_type": "private"]
            let thread = try await bob.does(
                .POST, "/channels/\(nest.general)/threads", .object(draft.merging(more) { $1 })
            ).text("id")
            try await body(
                Scene(server: server, alice: alice, bob: bob, carol: carol, dave: dave, nest: nest, thread: thread))
        }
    }

    @Test("however many there are in one server, those of others are heard", arguments: DatabaseKind.allCases)
    func many(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let (bob, other) = (scene.bob, try await scene.carol.foundsServer())
            try await bob.joins(other)
            try await scene.server.onDatabase { tx in
                for number in 0..<Int64(ThreadMemberStore.maximumJoined) {
                    try tx.execute(
                        "INSERT INTO thread_members (channel_id, user_id, joined_at, private_in) VALUES ($1, $2, 0, $3)",
                        [Int64.max / 4 + number, Int64(bob.id), Int64(other.general)])
                }
            }
            let hears = try await bob.listens()
            try await scene.alice.says("words", in: scene.thread)
            #expect(try await hears.awaits("MESSAGE_CREATE")["d"]?["content"] == "words")
        }
    }

    @Test("it is there for its members, and for others when they are brought in", arguments: DatabaseKind.allCases)
    func sight(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let (bob, carol, dave) = (scene.bob, scene.carol, scene.dave)
            let (carolHears, daveHears) = (try await carol.listens(), try await dave.listens())
            let read = try await bob.does(.GET, scene.path)["thread"]
            #expect(read?["thread_type"] == "private" && read?["joined"] == true && read?["invitable"] == true)
            let secret = try await bob.says("secret words", in: scene.thread).text("id")
            try await outside(carol, scene, secret)
            #expect(try await carol.outcome(.PUT, "\(scene.members)/@me") == "403 Access denied")
            #expect(try await carol.outcome(.PUT, "\(scene.members)/\(carol.id)") == "403 Access denied")

            try await bob.does(.PUT, "\(scene.members)/\(carol.id)")
            let came = try await carolHears.awaits("THREAD_CREATE")["d"]
            #expect(came?["id"]?.string == scene.thread && came?["thread"]?["member_count"] == 2)
            #expect(try await carolHears.hears("THREAD_MEMBER_UPDATE")["d"]?["member"] == true)
            #expect(try await carolHears.hears("THREAD_MEMBERS_UPDATE")["d"]?["added"]?.column("user_id") == [carol.id])
            try await bob.says("for carol", in: scene.thread)
            #expect(try await carolHears.awaits("MESSAGE_CREATE")["d"]?["content"] == "for carol")
            #expect(try await carol.reads(scene.thread) == ["for carol", "secret words"])
            #expect(try await carol.does(.GET, scene.threads).column("id") == [scene.thread])
            #expect(try await carol.does(.GET, "\(scene.threads)?type=public") == [])
            let active = try await carol.does(.GET, "/servers/\(scene.nest.id)/threads/active")
            #expect(active["threads"]?.column("id") == [scene.thread])
            #expect(active["members"]?.column("thread_id") == [scene.thread])
            #expect(try await carol.does(.GET, "/search/messages?q=secret").column("id") == [secret])

            try await carol.does(.DELETE, "\(scene.members)/@me")
            #expect(try await carolHears.awaits("THREAD_MEMBER_UPDATE")["d"]?["member"] == false)
            #expect(try await carolHears.hears("THREAD_DELETE")["d"]?["id"]?.string == scene.thread)
            try await bob.says("without her", in: scene.thread)
            try await outside(carol, scene, secret)
            try await scene.alice.says("marker", in: scene.nest.general)
            for listener in [carolHears, daveHears] {
                try await listener.hearsNothing(before: "MESSAGE_CREATE", matching: "marker")
            }
        }
    }

    /// What somebody finds who is not in the thread.
    private func outside(_ person: Person, _ scene: Scene, _ message: String) async throws {
        let channel = "/channels/\(scene.thread)"
        let doors: [(HTTPMethod, String, JSON?)] = [
            (.GET, scene.path, nil), (.PATCH, scene.path, ["name": "mine"]), (.DELETE, scene.path, nil),
            (.GET, scene.members, nil), (.DELETE, "\(scene.members)/@me", nil),
            (.PUT, "\(scene.members)/\(scene.dave.id)", nil), (.DELETE, "\(scene.members)/\(scene.bob.id)", nil),
            (.GET, channel, nil), (.GET, "\(channel)/messages", nil), (.POST, "\(channel)/messages", ["content": "a"]),
            (.GET, "\(channel)/messages/\(message)", nil), (.GET, "\(channel)/pins", nil),
            (.GET, "\(channel)/messages/unread", nil), (.POST, "\(channel)/typing", nil),
            (.PUT, "/users/@me/bookmarks/\(message)", nil),
            (.PUT, "/users/@me/last-chat", ["channel_id": .string(scene.thread)]),
            (.POST, "/reports/messages", ["message_id": .string(message), "reason": "spam"]),
        ]
        for (method, path, body) in doors {
            #expect(try await person.outcome(method, path, body) == "403 Access denied", "\(method) \(path)")
        }
        #expect(try await person.does(.GET, scene.threads) == [])
        #expect(try await person.does(.GET, "\(scene.threads)?archived=true&type=private") == [])
        #expect(
            try await person.does(.GET, "/servers/\(scene.nest.id)/threads/active") == ["threads": [], "members": []])
        for path in ["/search/messages?q=secret", "/search/messages?q=secret&server_id=\(scene.nest.id)"] {
            #expect(try await person.does(.GET, path) == [])
        }
        #expect(try await person.does(.GET, "/users/@me/unread")["unread_counts"]?[scene.thread] == nil)
        let listener = Listener(socket: try await GatewaySocket.open(port: scene.server.port))
        let ready = String(decoding: try await listener.identify(token: person.token).jsonBytes, as: UTF8.self)
        #expect(!ready.contains(scene.thread) && !ready.contains("secret words"))
        await listener.socket.disconnect()
    }

    @Test("who comes to manage threads is shown them, and who ceases to is not", arguments: DatabaseKind.allCases)
    func managers(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let (alice, bob, carol) = (scene.alice, scene.bob, scene.carol)
            let manager = try await alice.makesRole("manager", in: scene.nest, ["threads.manage"])
            try await bob.does(.PUT, "\(scene.members)/\(scene.dave.id)")
            let (hears, daveHears) = (try await carol.listens(), try await scene.dave.listens())
            let absence = try await carol.goesAway()
            for person in [carol, scene.dave] { try await alice.gives(manager, to: person, in: scene.nest) }
            #expect(try await hears.awaits("THREAD_CREATE")["d"]?["id"]?.string == scene.thread)
            try await bob.says("overheard", in: scene.thread)
            #expect(try await hears.awaits("MESSAGE_CREATE")["d"]?["content"] == "overheard")
            #expect(try await carol.reads(scene.thread) == ["overheard"])
            #expect(try await carol.does(.GET, scene.path)["thread"]?["joined"] == false)
            #expect(try await carol.does(.GET, scene.threads).column("id") == [scene.thread])
            #expect(try await carol.does(.GET, "/search/messages?q=overheard").count == 1)
            #expect(try await carol.outcome(.PATCH, scene.path, ["locked": true]) == "200")
            #expect(
                try await bob.outcome(.POST, "/channels/\(scene.thread)/messages", ["content": "a"])
                    == "403 Permission denied")
            #expect(try await carol.outcome(.PATCH, scene.path, ["locked": false]) == "200")
            let back = try await carol.returns(from: absence)
            #expect(back.data(of: "THREAD_CREATE").column("id") == [scene.thread])
            #expect(back.data(of: "MESSAGE_CREATE").column("content") == ["overheard"])

            let later = try await carol.goesAway()
            let role = "/servers/\(scene.nest.id)/roles/\(manager)"
            try await alice.does(.PATCH, role, ["permissions": ["threads.manage": false]])
            #expect(try await hears.awaits("THREAD_DELETE")["d"]?["id"]?.string == scene.thread)
            #expect(try await carol.outcome(.GET, scene.path) == "403 Access denied")
            try await bob.says("unheard", in: scene.thread)
            try await alice.says("marker", in: scene.nest.general)
            #expect(try await hears.awaits("MESSAGE_CREATE")["d"]?["content"] == "marker")
            let after = try await carol.returns(from: later)
            #expect(after.data(of: "THREAD_DELETE").column("id") == [scene.thread])
            #expect(!after.text.contains("unheard"))

            // Dave is in it all the while, and is told of neither.
            var names: [String] = []
            while true {
                let event = try await daveHears.next(op: 0)
                names.append(event["t"]?.string ?? "")
                if event["d"]?["content"] == "marker" { break }
            }
            #expect(!names.contains("THREAD_CREATE") && !names.contains("THREAD_DELETE"))
            #expect(names.filter { $0 == "MESSAGE_CREATE" }.count == 3)
        }
    }

    @Test("it goes and comes with the sight of its channel, and not with the server", arguments: DatabaseKind.allCases)
    func parents(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let (alice, bob, carol) = (scene.alice, scene.bob, scene.carol)
            try await bob.does(.PUT, "\(scene.members)/\(carol.id)")
            let hears = try await carol.listens()
            let absence = try await carol.goesAway()
            let everyone = try await alice.everyoneRole(of: scene.nest)
            try await alice.closes(scene.nest.general, in: scene.nest)
            try await hears.awaits("CHANNEL_DELETE")
            #expect(try await carol.outcome(.GET, scene.path) == "403 Access denied")
            try await alice.says("in the dark", in: scene.thread)
            try await alice.does(.DELETE, "/channels/\(scene.nest.general)/overwrites/\(everyone)")
            try await hears.awaits("CHANNEL_CREATE")
            try await alice.says("in the light", in: scene.thread)
            #expect(try await hears.awaits("MESSAGE_CREATE")["d"]?["content"] == "in the light")
            let back = try await carol.returns(from: absence)
            #expect(back.data(of: "MESSAGE_CREATE").column("content") == ["in the light"])

            try await carol.does(.POST, "/servers/\(scene.nest.id)/leave")
            #expect(try await scene.memberNames() == ["alice", "bob"])
            try await carol.joins(scene.nest)
            #expect(try await carol.outcome(.GET, scene.path) == "403 Access denied")
            try await alice.says("after her return", in: scene.thread)
            try await alice.says("marker", in: scene.nest.general)
            #expect(try await hears.awaits("MESSAGE_CREATE")["d"]?["content"] == "marker")
        }
    }

    @Test("any member brings others into an invitable one, its owner into any", arguments: DatabaseKind.allCases)
    func bringing(kind: DatabaseKind) async throws {
        try await Self.with(kind, ["invitable": false]) { scene in
            let (bob, carol, dave) = (scene.bob, scene.carol, scene.dave)
            try await bob.says("<@\(carol.id)> come", in: scene.thread)
            #expect(try await scene.memberNames() == ["bob", "carol"])
            #expect(try await carol.outcome(.PUT, "\(scene.members)/\(dave.id)") == "403 Permission denied")
            let said = try await carol.says("<@\(dave.id)> can't", in: scene.thread)
            #expect(said["mentions"] == [])
            #expect(try await dave.does(.GET, "/users/@me/notifications") == [])
            #expect(try await carol.outcome(.PATCH, scene.path, ["invitable": true]) == "403 Permission denied")
            #expect(try await bob.does(.PATCH, scene.path, ["invitable": true])["thread"]?["invitable"] == true)
            try await dave.does(.POST, "/relationships/block", ["user_id": .string(carol.id)])
            #expect(try await carol.outcome(.PUT, "\(scene.members)/\(dave.id)") == "403 Cannot message this user")
            try await carol.says("<@\(dave.id)> neither", in: scene.thread)
            #expect(try await scene.memberNames() == ["bob", "carol"])
            try await dave.does(.DELETE, "/relationships/\(carol.id)")
            try await carol.says("<@\(dave.id)> now", in: scene.thread)
            #expect(try await scene.memberNames() == ["bob", "carol", "dave"])
            #expect(try await dave.does(.GET, "/users/@me/notifications").count == 1)
            #expect(try await carol.outcome(.DELETE, "\(scene.members)/\(dave.id)") == "403 Permission denied")
            #expect(try await bob.outcome(.DELETE, "\(scene.members)/\(dave.id)") == "200")
            #expect(try await dave.does(.GET, "/users/@me/notifications") == [], "nobody is led where they can't go")
            let stranger = try await scene.server.person("erin")
            for id in [stranger.id, "1"] {
                #expect(try await bob.outcome(.PUT, "\(scene.members)/\(id)") == "400 Invalid input")
            }
            #expect(try await bob.outcome(.PUT, "\(scene.members)/x") == "400 Invalid user ID")
        }
    }

    @Test("it stands on no message, and not in forums or among announcements", arguments: DatabaseKind.allCases)
    func places(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let alice = scene.alice
            let draft: JSON = ["name": "aside", "thread_type": "private"]
            for type in ["forum", "announcement"] {
                let channel = try await alice.opensChannel(type, in: scene.nest, ["type": .string(type)])
                #expect(try await alice.outcome(.POST, "/channels/\(channel)/threads", draft) == "400 Invalid input")
            }
            let message = try await alice.says("topic", in: scene.nest.general).text("id")
            for field in ["message_id", "parent_message_id"] {
                let fields: [String: JSON] = ["name": "a", "thread_type": "private", field: .string(message)]
                #expect(try await alice.outcome(.POST, scene.threads, .object(fields)) == "400 Invalid input")
            }
            #expect(
                try await alice.outcome(.POST, scene.threads, ["name": "a", "thread_type": "x"]) == "400 Invalid input")
            let everyone = try await alice.everyoneRole(of: scene.nest)
            try await alice.sets(
                everyone, "role", in: scene.nest.general, deny: ["messages.create_private_threads"])
            #expect(try await scene.bob.outcome(.POST, scene.threads, draft) == "403 Permission denied")
            #expect(try await scene.bob.outcome(.POST, scene.threads, ["name": "open"]) == "201")
            let hook = try await alice.does(
                .POST, "/webhooks", ["channel_id": .string(scene.nest.general), "name": "H"])
            let execution = "/webhooks/\(try hook.text("id"))/\(try hook.text("token"))?thread_id="
            for thread in [scene.thread, "1"] {
                #expect(
                    try await scene.server.send(.POST, execution + thread, ["content": "a"]).outcome
                        == "404 Channel not found")
            }
        }
    }

    @Test("the audit log tells of one to those who see it", arguments: DatabaseKind.allCases)
    func audit(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let (alice, bob, carol, dave) = (scene.alice, scene.bob, scene.carol, scene.dave)
            let reader = try await alice.makesRole("reader", in: scene.nest, ["server.view_audit_log"])
            for person in [carol, dave] { try await alice.gives(reader, to: person, in: scene.nest) }
            try await bob.does(.PUT, "\(scene.members)/\(carol.id)")
            let (carolHears, daveHears) = (try await carol.listens(), try await dave.listens())
            let absence = try await carol.goesAway()
            try await bob.does(.PATCH, scene.path, ["name": "secret name"])
            let told = try await carolHears.awaits("GUILD_AUDIT_LOG_ENTRY_CREATE")["d"]
            #expect(told?["target_id"]?.string == scene.thread)
            let hidden = try await daveHears.awaits("GUILD_AUDIT_LOG_ENTRY_CREATE")["d"]
            #expect(hidden?["action"] == "thread.update" && hidden?["target_id"] == .null)
            let log = "/servers/\(scene.nest.id)/audit-logs"
            #expect(try await carol.does(.GET, log).text.contains("secret name"))
            #expect(try await !dave.does(.GET, log).text.contains("secret name"))
            let added = try await dave.does(.GET, log).array?.first { $0["action"] == "thread.member_add" }
            #expect(added != nil && added?["target_id"] == .null)
            #expect(try await carol.returns(from: absence).text.contains("secret name"))
            let again = try await carol.goesAway()
            try await bob.does(.PATCH, scene.path, ["name": "secret again"])
            try await bob.does(.DELETE, "\(scene.members)/\(carol.id)")
            #expect(try await !carol.returns(from: again).text.contains("secret again"))
            #expect(try await !carol.does(.GET, log).text.contains("secret again"))
            try await bob.does(.DELETE, scene.path)
            #expect(try await !dave.does(.GET, log).text.contains("secret again"))
            #expect(try await alice.does(.GET, log).text.contains("secret again"))
        }
    }

    @Test("it is archived by the clock, opened by what is said, unless it is locked", arguments: DatabaseKind.allCases)
    func archiving(kind: DatabaseKind) async throws {
        try await Self.with(kind, ["auto_archive_duration": 60]) { scene in
            let (alice, bob) = (scene.alice, scene.bob)
            let hears = try await bob.listens()
            scene.server.clock.advance(by: .seconds(3601))
            let archived = try await hears.awaits("THREAD_UPDATE")["d"]?["thread"]
            #expect(archived?["state"] == "archived" && archived?["archived_at"]?.integer != nil)
            #expect(try await bob.does(.GET, scene.threads) == [])
            #expect(try await bob.does(.GET, "\(scene.threads)?archived=1&type=private").column("id") == [scene.thread])
            let said = try await bob.says("up again", in: scene.thread)
            let opened = try await hears.awaits("THREAD_UPDATE")["d"]?["thread"]
            #expect(opened?["state"] == "active" && opened?["archived_at"] == .null)
            #expect(try await bob.does(.GET, scene.path)["thread"]?["last_message_at"] == said["created_at"])
            try await alice.does(.PATCH, scene.path, ["locked": true, "archived": true])
            #expect(try await hears.awaits("THREAD_UPDATE")["d"]?["thread"]?["state"] == "locked")
            try await alice.says("still shut", in: scene.thread)
            #expect(try await alice.does(.GET, scene.path)["thread"]?["archived"] == true)

            let channel = "/channels/\(scene.nest.general)"
            #expect(try await alice.does(.GET, channel)["default_auto_archive_minutes"] == .null)
            try await alice.does(.PATCH, channel, ["default_auto_archive_minutes": 4320])
            #expect(
                try await alice.outcome(.PATCH, channel, ["default_auto_archive_minutes": 61]) == "400 Invalid input")
            let next = try await scene.opens(bob)
            #expect(try await bob.does(.GET, "/threads/\(next)")["thread"]?["auto_archive_minutes"] == 4320)
        }
    }

    @Test("what is asked of members is said alike whatever is wrong with it", arguments: DatabaseKind.allCases)
    func requests(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let eve = try await scene.server.person("eve")
            let doors: [(HTTPMethod, String)] = [
                (.GET, "/members"), (.PUT, "/members/@me"), (.DELETE, "/members/@me"),
                (.PUT, "/members/\(scene.dave.id)"), (.DELETE, "/members/\(scene.dave.id)"),
            ]
            for (method, path) in doors {
                #expect(try await eve.outcome(method, scene.path + path) == "403 Access denied")
                #expect(try await eve.outcome(method, "/threads/1\(path)") == "404 Channel not found")
                #expect(try await eve.outcome(method, "/threads/x\(path)") == "400 Invalid channel ID")
                #expect(
                    try await scene.bob.outcome(method, "/threads/\(scene.nest.general)\(path)")
                        == "404 Channel not found")
            }
            #expect(try await scene.bob.outcome(.DELETE, "\(scene.members)/x") == "400 Invalid user ID")
            for (server, outcome) in [
                (scene.nest.id, "403 Access denied"), ("1", "404 Server not found"), ("x", "400 Invalid server ID"),
            ] {
                #expect(try await eve.outcome(.GET, "/servers/\(server)/threads/active") == outcome)
            }
            #expect(try await scene.bob.outcome(.GET, "\(scene.members)?limit=1001") == "400 Invalid input")
            let open = try await scene.bob.does(.POST, scene.threads, ["name": "open"]).text("id")
            try await scene.dave.does(.PUT, "/threads/\(open)/members/@me")
            #expect(try await scene.dave.does(.GET, "/threads/\(open)")["thread"]?["joined"] == true)
            try await scene.bob.does(.PUT, "\(scene.members)/\(scene.dave.id)")
            #expect(try await scene.bob.does(.GET, "\(scene.members)?limit=1").column("user_id") == [scene.bob.id])
            #expect(
                try await scene.bob.does(.GET, "\(scene.members)?after=\(scene.bob.id)").column("user_id")
                    == [scene.dave.id])
        }
    }

    @Test(
        "the moderators of messages have no say in it, and a manager comes in by what they say",
        arguments: DatabaseKind.allCases)
    func moderation(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let (alice, bob, carol, dave) = (scene.alice, scene.bob, scene.carol, scene.dave)
            let moderator = try await alice.makesRole("moderator", in: scene.nest, ["messages.manage"])
            let manager = try await alice.makesRole("manager", in: scene.nest, ["threads.manage"])
            try await alice.gives(moderator, to: carol, in: scene.nest)
            try await alice.gives(manager, to: dave, in: scene.nest)
            try await bob.does(.PUT, "\(scene.members)/\(carol.id)")
            #expect(try await carol.outcome(.PATCH, scene.path, ["locked": true]) == "403 Permission denied")
            #expect(try await carol.outcome(.DELETE, "\(scene.members)/\(bob.id)") == "403 Permission denied")
            let open = try await bob.does(.POST, scene.threads, ["name": "open"]).text("id")
            for person in [carol, dave] {
                #expect(try await person.outcome(.PATCH, "/threads/\(open)", ["locked": true]) == "200")
            }
            let hears = try await dave.listens()
            let absence = try await dave.goesAway()
            try await dave.says("here I am", in: scene.thread)
            #expect(try await hears.awaits("THREAD_MEMBER_UPDATE")["d"]?["thread_id"]?.string == scene.thread)
            #expect(try await scene.memberNames() == ["bob", "carol", "dave"])
            #expect(try await dave.returns(from: absence).data(of: "MESSAGE_CREATE").column("content") == ["here I am"])
            // A timeout takes the right to act, and not what one sees.
            try await dave.does(.DELETE, "\(scene.members)/@me")
            try await alice.does(
                .PATCH, "/servers/\(scene.nest.id)/members/\(dave.id)",
                ["timeout_until": .integer(scene.server.time.now().seconds + 600)])
            #expect(try await dave.outcome(.GET, scene.path) == "200")
            #expect(try await dave.outcome(.PATCH, scene.path, ["locked": true]) == "403 Permission denied")
            try await bob.says("he listens", in: scene.thread)
            #expect(try await hears.awaits("MESSAGE_CREATE")["d"]?["content"] == "here I am")
            #expect(try await hears.awaits("MESSAGE_CREATE")["d"]?["content"] == "he listens")
        }
    }
}
