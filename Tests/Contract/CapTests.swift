import Client
import Database
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@testable import Chat

@Suite("Caps")
struct CapTests {
    /// Rows that are put in by hand: making so many takes a client hours.
    private static func fill(_ server: TestServer, _ count: Int, _ sql: StaticSQL, _ values: [any SQLBindable])
        async throws
    {
        let values = values.map(\.sqlValue)
        try await server.onDatabase { tx in
            for number in 1...count { try tx.execute(sql, [.integer(Int64(number))] + values) }
        }
    }

    /// Copies a row, each copy with its number as `$1` in some columns.
    private static func copy(
        _ count: Int, of table: StaticSQL, where key: StaticSQL, is id: any SQLBindable,
        with changes: KeyValuePairs<String, StaticSQL>, on server: TestServer
    ) async throws {
        let (changed, id) = (changes.map { (column: $0.key, value: $0.value) }, id.sqlValue)
        try await server.onDatabase { tx in
            let columns = try tx.all(
                tx.dialect == .sqlite
                    ? "SELECT name FROM pragma_table_info('\(table)')"
                    : "SELECT CAST(column_name AS TEXT) FROM information_schema.columns WHERE table_name = '\(table)' AND table_schema = current_schema()"
            ) { $0.text(0) }
            let kept = columns.filter { column in !changed.contains { $0.column == column } }
            let names = (changed.map(\.column) + kept).joined(separator: ", ")
            let values = (changed.map(\.value.text) + kept).joined(separator: ", ")
            for number in 1...count {
                try tx.execute(
                    "INSERT INTO \(table) (\(sql: names)) SELECT \(sql: values) FROM \(table) WHERE \(key) = $2",
                    [Int64(number), id])
            }
        }
    }

    /// Names of nobody in particular, with ids below every real one.
    private static func accounts(_ count: Int, like person: Person) async throws {
        let name: StaticSQL = "'filler' || CAST(CAST($1 AS BIGINT) AS TEXT)"
        try await copy(
            count, of: "users", where: "id", is: try UserID(parsing: person.id),
            with: [
                "id": "CAST($1 AS BIGINT)", "username": name, "username_key": name,
                "email": "\(name) || '@example.org'", "email_key": "\(name) || '@example.org'",
            ], on: person.server)
    }

    /// What a client asks for first, and what people do all day.
    private static func works(_ person: Person, in nest: Community) async throws {
        _ = try await person.listens()
        #expect(try await person.outcome(.GET, "/users/@me/unread") == "200")
        #expect(try await person.outcome(.GET, "/search/messages?q=hello") == "200")
        #expect(try await person.says("hello", in: nest.general)["content"] == "hello")
        #expect(try await person.reads(nest.general, "?limit=1") == ["hello"])
    }

    @Test(
        "notes, bookmarks and reports end at their cap, and everything else goes on", arguments: DatabaseKind.allCases)
    func people(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let nest = try await alice.foundsServer()
            let message = try await alice.says("first", in: nest.general).text("id")
            let alices = UserID(rawValue: try #require(Int64(alice.id)))
            try await Self.fill(
                server, UserNotes.cap.maximum, "INSERT INTO user_notes (about_id, user_id, note) VALUES ($1, $2, 'x')",
                [alices])
            let refused = try await alice.send(.PUT, "/users/\(bob.id)/note", ["note": "one more"])
            #expect(refused.outcome == "400 Invalid input" && refused.issues == ["note"])
            #expect(refused.text.contains("1000"))
            #expect(
                try await alice.outcome(.PUT, "/users/\(bob.id)/note", ["note": ""]) == "200", "none is none too many")
            try await server.onDatabase { tx in
                try tx.execute("DELETE FROM user_notes WHERE user_id = $1 AND about_id = 1", [alices])
            }
            #expect(try await alice.outcome(.PUT, "/users/\(bob.id)/note", ["note": "room again"]) == "200")
            #expect(try await alice.outcome(.PUT, "/users/\(bob.id)/note", ["note": "changed"]) == "200")

            try await Self.fill(
                server, Bookmarks.maximum,
                "INSERT INTO bookmarks (message_id, user_id, channel_id, created_at) VALUES ($1, $2, $1, 1)",
                [alices])
            #expect(try await alice.outcome(.PUT, "/users/@me/bookmarks/\(message)") == "400 Invalid input")

            for _ in 0..<Reports.cap.maximum {
                try await alice.does(.POST, "/reports/users", ["user_id": .string(bob.id), "reason": "again"])
            }
            let report: JSON = ["user_id": .string(bob.id), "reason": "again"]
            #expect(try await alice.outcome(.POST, "/reports/users", report) == "400 Invalid input")
            try await Self.works(alice, in: nest)
        }
    }

    @Test("a message keeps its newest earlier texts", arguments: DatabaseKind.allCases)
    func edits(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let path = "/channels/\(nest.general)/messages/\(try await alice.says("0", in: nest.general).text("id"))"
            let count = Messages.editCap.maximum + 5
            for number in 1...count { try await alice.does(.PATCH, path, ["content": .string("\(number)")]) }
            let history = try await alice.does(.GET, "\(path)/history").column("content")
            #expect(Set(history) == Set((5..<count).map(String.init)) && history.count == Messages.editCap.maximum)
            try await Self.works(alice, in: nest)
        }
    }

    @Test("threads, their members and bans end at their caps", arguments: DatabaseKind.allCases)
    func servers(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob, carol) = (
                try await server.person("alice"), try await server.person("bob"), try await server.person("carol")
            )
            let nest = try await alice.foundsServer()
            for person in [bob, carol] { try await person.joins(nest) }
            let thread = try await alice.does(.POST, "/channels/\(nest.general)/threads", ["name": "full"]).text("id")
            let id = ChannelID(rawValue: try #require(Int64(thread)))
            try await server.onDatabase { tx in
                try tx.execute(
                    "UPDATE threads SET member_count = $2 WHERE channel_id = $1", [id, Threads.memberCap.maximum])
            }
            let joining: JSON = ["add_members": [.string(bob.id)]]
            #expect(try await bob.outcome(.PATCH, "/threads/\(thread)", joining) == "400 Invalid input")
            #expect(try await bob.says("said all the same", in: thread)["content"] == "said all the same")
            #expect(
                try await alice.outcome(.PATCH, "/threads/\(thread)", ["add_members": [.string(alice.id)]]) == "200",
                "is in it")

            try await Self.copy(
                Threads.cap.maximum - 1, of: "threads", where: "channel_id", is: id,
                with: ["channel_id": "CAST($1 AS BIGINT)", "archived": "TRUE", "message_id": "NULL"], on: server)
            let full = try await alice.send(.POST, "/channels/\(nest.general)/threads", ["name": "one more"])
            #expect(full.outcome == "400 Invalid input" && full.issues == ["channel_id"])

            try await Self.accounts(Bans.cap.maximum, like: carol)
            let (home, owner) = (
                ServerID(rawValue: try #require(Int64(nest.id))), UserID(rawValue: try #require(Int64(alice.id)))
            )
            try await Self.fill(
                server, Bans.cap.maximum,
                "INSERT INTO bans (user_id, server_id, banned_by, created_at) VALUES ($1, $2, $3, 1)",
                [home, owner])
            #expect(try await alice.outcome(.PUT, "/servers/\(nest.id)/bans/\(carol.id)") == "400 Invalid input")
            #expect(
                try await alice.outcome(.PUT, "/servers/\(nest.id)/bans/1", ["reason": "again"]) == "200",
                "one that is there")
            #expect(try await alice.does(.GET, "/servers/\(nest.id)/bans?limit=1000").count == 1000)
            try await Self.works(alice, in: nest)
            try await Self.works(bob, in: nest)
        }
    }

    @Test(
        "of open conversations the quietest is put away, and comes back when something is said in it",
        arguments: DatabaseKind.allCases)
    func conversations(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob, carol) = (
                try await server.person("alice"), try await server.person("bob"), try await server.person("carol")
            )
            let nest = try await alice.foundsServer()
            let open = { @Sendable (other: Person) async throws -> String in
                try await alice.does(.POST, "/users/@me/channels", ["recipient_id": .string(other.id)]).text("id")
            }
            let first = try await open(bob)
            let (channel, user) = (try ChannelID(parsing: first), try UserID(parsing: alice.id))
            let most = PrivateChannels.openCap.maximum
            try await Self.copy(
                most - 1, of: "channels", where: "id", is: channel, with: ["id": "CAST($1 AS BIGINT)"], on: server)
            try await Self.fill(
                server, most - 1,
                "INSERT INTO participants (channel_id, user_id, is_open, joined_at) VALUES ($1, $2, TRUE, 1)", [user])
            let listener = try await alice.listens()
            #expect(try await alice.does(.GET, "/users/@me/channels").count == most)
            let newest = try await open(carol)
            #expect(try await listener.awaits("CHANNEL_DELETE")["d"]?["id"] == "1")
            #expect(try await alice.does(.GET, "/users/@me/channels").count == most)
            #expect(try await open(bob) == first, "what is open stays")
            try await alice.does(.DELETE, "/channels/\(first)")
            try await bob.does(.POST, "/users/@me/channels", ["recipient_id": .string(alice.id)])
            try await bob.says("hello", in: first)
            while try await listener.awaits("CHANNEL_CREATE")["d"]?["id"] != .string(first) {}
            let listed = try await alice.does(.GET, "/users/@me/channels").column("id")
            #expect(listed.count == most && listed.contains(first) && listed.contains(newest))
            try await Self.works(alice, in: nest)
        }
    }

    @Test("a server full of channels, overwrites, invites, threads and pins works", arguments: DatabaseKind.allCases)
    func fullServer(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let nest = try await alice.foundsServer()
            try await bob.joins(nest)
            let role = try await alice.makesRole("r", in: nest)
            let channel = try await alice.opensChannel("more", in: nest)
            let thread = try await alice.does(.POST, "/channels/\(nest.general)/threads", ["name": "t"]).text("id")
            let code = try await alice.does(.POST, "/channels/\(nest.general)/invites").text("code")
            let number: StaticSQL = "CAST($1 AS BIGINT)"
            let there = try await alice.does(.GET, "/servers/\(nest.id)/channels").count
            try await Self.copy(
                500 - there, of: "channels", where: "id", is: try ChannelID(parsing: channel), with: ["id": number],
                on: server)
            let (home, subject) = (try ServerID(parsing: nest.id), try RoleID(parsing: role).rawValue)
            try await server.onDatabase { tx in
                let channels = try ChannelStore.channels(of: home, tx)
                for index in 0..<OverwriteChange.maximumPerServer {
                    try tx.execute(
                        "INSERT INTO overwrites (channel_id, subject_id, is_role, allow, deny) VALUES ($1, $2, TRUE, 1, 2)",
                        [channels[index % channels.count].id, subject + Int64(index / channels.count)])
                }
            }
            try await Self.copy(
                Invites.maximumPerServer - 1, of: "invites", where: "code", is: code,
                with: ["code": "'x' || CAST(CAST($1 AS BIGINT) AS TEXT)"], on: server)
            let opened = try ChannelID(parsing: thread)
            for table: StaticSQL in ["threads", "channels"] {
                let key: StaticSQL = table.text == "threads" ? "channel_id" : "id"
                try await Self.copy(
                    Threads.maximumActive - 1, of: table, where: key, is: opened,
                    with: [key.text: "CAST($1 AS BIGINT) + 1000"], on: server)
            }
            for _ in 0..<50 {
                let message = try await alice.says("pinned", in: nest.general).text("id")
                try await alice.does(.PUT, "/channels/\(nest.general)/pins/\(message)")
            }
            let last = try await alice.says("hello", in: nest.general).text("id")
            let refusals: [(HTTPMethod, String, JSON?)] = [
                (.POST, "/servers/\(nest.id)/channels", ["name": "x"]),
                (.PUT, "/channels/\(channel)/overwrites/\(bob.id)", ["type": "member", "allow": ["channels.view"]]),
                (.POST, "/channels/\(nest.general)/invites", nil),
                (.POST, "/channels/\(nest.general)/threads", ["name": "x"]),
                (.PUT, "/channels/\(nest.general)/pins/\(last)", nil),
            ]
            for (method, path, body) in refusals {
                #expect(try await alice.outcome(method, path, body) == "400 Invalid input", "\(method) \(path)")
            }
            try await Self.works(alice, in: nest)
            try await Self.works(bob, in: nest)
        }
    }

    @Test("an account with all that one can have works", arguments: DatabaseKind.allCases)
    func fullAccount(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let carol = try await server.person("carol")
            let nest = try await alice.foundsServer()
            for person in [bob, carol] {
                try await person.joins(nest)
                try await alice.befriends(person)
            }
            for number in 2...100 { _ = try await alice.foundsServer("Nest \(number)") }
            for number in 0..<Applications.maximumPerUser {
                try await alice.does(.POST, "/applications", ["name": .string("app \(number)")])
            }
            let pair: JSON = ["recipient_ids": [.string(bob.id), .string(carol.id)]]
            for _ in 0..<PrivateChannels.maximumGroups { try await alice.does(.POST, "/users/@me/channels", pair) }
            let later: JSON = ["content": "later", "send_at": .integer(server.clock.now().seconds + 3600)]
            var places = [nest.general]
            for number in 1...3 { places.append(try await alice.opensChannel("c\(number)", in: nest)) }
            for place in places {
                for _ in 0..<ScheduledMessages.maximumPerChannel {
                    try await alice.does(.POST, "/channels/\(place)/scheduled-messages", later)
                }
            }
            try await Self.accounts(Relationships.maximum, like: carol)
            let user = try UserID(parsing: alice.id)
            try await Self.fill(
                server, Relationships.maximum - 2,
                "INSERT INTO relationships (other_id, user_id, status, created_at) VALUES ($1, $2, 'friend', 1)", [user]
            )
            try await Self.fill(
                server, Notifications.maximumPerUser,
                "INSERT INTO notifications (id, owner_id, kind, user_id, is_read, created_at) VALUES ($1, $2, 'mention', $1, FALSE, 1)",
                [user])
            let dave = try await server.person("dave")
            let fifth = try await alice.opensChannel("c4", in: nest)
            try await dave.does(.POST, "/relationships", ["user_id": .string(alice.id)])
            let refusals: [(HTTPMethod, String, JSON?)] = [
                (.POST, "/servers", ["name": "one more"]), (.POST, "/applications", ["name": "one more"]),
                (.POST, "/users/@me/channels", pair), (.POST, "/channels/\(fifth)/scheduled-messages", later),
                (.PUT, "/relationships/\(dave.id)/accept", nil),
            ]
            for (method, path, body) in refusals {
                #expect(try await alice.outcome(method, path, body) == "400 Invalid input", "\(method) \(path)")
            }
            try await bob.says("hi <@\(alice.id)>", in: nest.general)
            #expect(try await alice.does(.GET, "/users/@me/notifications?limit=1").column("type") == ["mention"])
            try await Self.works(alice, in: nest)
            try await Self.works(bob, in: nest)
        }
    }

    @Test("a server with all its roles, invites and webhooks works", arguments: DatabaseKind.allCases)
    func furnished(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let nest = try await alice.foundsServer()
            try await bob.joins(nest)
            var outcome = "201"
            for number in 0...Roles.maximumPerServer where outcome.hasPrefix("20") {
                outcome = try await alice.outcome(
                    .POST, "/servers/\(nest.id)/roles", ["name": .string("role \(number)")])
            }
            #expect(outcome == "400 Invalid input")
            for _ in 0..<Webhooks.maximumPerChannel {
                try await alice.does(.POST, "/webhooks", ["channel_id": .string(nest.general), "name": "w"])
            }
            let hook: JSON = ["channel_id": .string(nest.general), "name": "w"]
            #expect(try await alice.outcome(.POST, "/webhooks", hook) == "400 Invalid input")
            for number in 0..<UserSettings.maximumCount {
                try await alice.does(
                    .PUT, "/settings/key\(number)", ["value": .string(String(repeating: "x", count: 10_000))])
            }
            #expect(try await alice.outcome(.PUT, "/settings/more", ["value": "x"]) == "400 Invalid input")
            try await Self.works(alice, in: nest)
            try await Self.works(bob, in: nest)
        }
    }
}
