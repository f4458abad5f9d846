import Client
import Database
import Foundation
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@testable import Chat
@testable import Features
@testable import People

/// Export and erasure are complete: whatever is stored is declared, and what is declared is done.
@Suite("Personal data")
struct PersonalDataTests {
    /// They have pieces of texts as numbers, and no columns that can be asked for on both databases.
    private static let indexes: Set = ["message_search", "name_search"]

    // MARK: Declarations

    @Test("every column of every table is declared", arguments: DatabaseKind.allCases)
    func schema(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let schema = try await server.onDatabase { tx in try PersonalDataStore.schema(tx) }
            let declared = Dictionary(
                Instance.features.tables.map { ($0.name.text, Set($0.columns.map(\.name))) }
            ) { first, _ in
                Issue.record("a table is declared twice")
                return first
            }
            #expect(schema.count > 50)
            #expect(Set(schema.keys) == Set(declared.keys))
            for (table, columns) in schema {
                let known = declared[table] ?? []
                #expect(columns.subtracting(known) == [], "\(table) has columns that no export or erasure knows")
                // The two databases have different columns for the search.
                if !Self.indexes.contains(table) { #expect(known.subtracting(columns) == [], "\(table)") }
            }
        }
    }

    @Test("a declaration says what becomes of what is about people, and why")
    func declarations() {
        for table in Instance.features.tables {
            let name = table.name.text
            guard !table.isImpersonal else {
                let suspicious = table.columns.map(\.name).filter(Self.isOfPeople)
                #expect(suspicious == [], "\(name) is said to have nothing about people")
                continue
            }
            #expect(!table.exports.isEmpty && !table.erasure.isEmpty, "\(name)")
            for export in table.exports {
                guard case .rows(_, let columns, let hidden) = export else { continue }
                let known = Set(table.columns.map(\.name))
                #expect(Set(columns.map(\.text)).isSubset(of: known) && hidden.isSubset(of: known), "\(name)")
                #expect(!table.key.isEmpty && Set(table.key).isSubset(of: known), "\(name) can't be read in pages")
            }
        }
        let files = Instance.features.tables.flatMap(\.exports).compactMap(\.fileOfRows)
        #expect(Set(files).count == files.count, "two tables stand in one file")
    }

    @Test("a declaration says what becomes of rows when what they name ends")
    func endings() {
        let names: [(Table.Thing, String)] = [
            (.message, "message_id"), (.channel, "channel_id"), (.server, "server_id"),
        ]
        for table in Instance.features.tables {
            for (thing, column) in names where table.columns.contains(where: { $0.name == column }) {
                #expect(table.endings.contains { $0.thing == thing }, "\(table.name) has a \(column)")
            }
        }
    }

    @Test("a column that could name a file says whether it does")
    func files() {
        /// What has ids and shows nothing: places, other numbers, and what the blobs themselves keep.
        let others: Set = [
            "audience_id", "bot_id", "channel_id", "id", "last_message_id", "message_id", "place_id", "quoted_id",
            "server_id", "thing_id", "blob_checks.blob_id", "blob_variants.blob_id", "passkeys.credential_id",
            "name_search.user_id", "name_state.next_id", "search_state.next_id", "ticket_notes.admin_id",
            "event_notices.except_user_id",
            "event_notices.told_user_id", "newest_message_id",
        ]
        for table in Instance.features.tables {
            for column in table.columns where column.name.hasSuffix("_id") && column.value == .withheld {
                #expect(
                    others.contains(column.name) || others.contains("\(table.name).\(column.name)"),
                    "\(table.name).\(column.name)")
            }
        }
        #expect(Instance.features.fileColumns.count >= 7)
    }

    @Test("each feature stands in the list once")
    func list() {
        let names = Instance.features.types.map { "\($0)" }
        #expect(Set(names).count == names.count)
        #expect(names.count > 50)
    }

    /// Whether a column's name says that there is somebody in it.
    private static func isOfPeople(_ column: String) -> Bool {
        let names: Set = [
            "email", "username", "nickname", "bio", "ip_address", "user_agent", "note", "custom_status", "other_id",
            "about_id", "subject_id",
        ]
        let endings = [
            "user_id", "author_id", "owner_id", "creator_id", "inviter_id", "reporter_id", "admin_id", "_by",
        ]
        return names.contains(column) || endings.contains(where: column.hasSuffix)
    }

    // MARK: A life

    /// What a person leaves behind. Every text of theirs has the word; what others say of them has the other one.
    private static let own = "OWNWORD"
    private static let others = "OTHERSWORD"

    private struct Life: Sendable {
        let server: TestServer
        let root: Person
        let alice: Person
        let bob: Person
        let nest: Community
    }

    private static func live(_ server: TestServer) async throws -> Life {
        let root = try await server.administrator()
        let (alice, bob) = (try await server.person("alice"), try await server.person("\(own)bob"))
        let nest = try await alice.foundsServer()
        try await bob.joins(nest)
        let life = Life(server: server, root: root, alice: alice, bob: bob, nest: nest)
        try await writes(life)
        try await hasOwn(life)
        try await isTreated(life)
        return life
    }

    private static func writes(_ life: Life) async throws {
        let (alice, bob, general) = (life.alice, life.bob, life.nest.general)
        let sent = try await bob.does(
            .POST, "/channels/\(general)/messages", ["content": "\(own) first", "nonce": "\(own)nonce"])
        let id = try sent.text("id")
        try await bob.does(.PATCH, "/channels/\(general)/messages/\(id)", ["content": "\(own) second"])
        try await bob.does(
            .POST, "/channels/\(general)/messages", ["content": "look", "embeds": [["title": "\(own) embed"]]])
        try await bob.says("\(own) to myself", in: try await bob.does(.GET, "/users/@me/notes").text("id"))
        try await bob.says("\(own) to alice", in: try await bob.conversation(with: alice))
        let poll = try await bob.does(
            .POST, "/polls",
            [
                "channel_id": .string(general), "question": "\(own) question", "options": ["\(own) one", "\(own) two"],
                "duration_hours": 1,
            ])
        try await bob.does(.POST, "/polls/\(try poll.text("id"))/vote", ["options": [1]])
        let hers = try await alice.says("hello <@\(bob.id)>", in: general).text("id")
        try await bob.does(.PUT, "/channels/\(general)/messages/\(hers)/reactions/%F0%9F%91%8D")
        try await bob.does(.PUT, "/users/@me/bookmarks/\(hers)", ["label": "\(own) label"])
        try await bob.does(
            .POST, "/users/@me/reminders",
            ["note": "\(own) tea", "remind_at": .integer(life.server.clock.now().seconds + 86_400 * 300)])
        let planner = try await alice.makesRole("planner", in: life.nest, ["events.create"])
        try await alice.gives(planner, to: bob, in: life.nest)
        let weekly: [String: JSON] = ["recurrence": ["frequency": "weekly"], "description": "\(own) plan"]
        let plan = try await bob.plans("\(own) event", in: life.nest, weekly)
        try await bob.answers(plan)
        try await bob.does(.PUT, "\(plan.path)/occurrences/\(plan.start)", ["cancelled": true])
        try await bob.does(.PUT, "/users/@me/last-chat", ["channel_id": .string(general)])
        let due = JSON.integer(life.server.clock.now().seconds + 86_400 * 300)
        try await bob.does(
            .POST, "/channels/\(general)/scheduled-messages", ["content": "\(own) later", "send_at": due])
        let thread = try await bob.does(.POST, "/channels/\(general)/threads", ["name": "\(own) thread"]).text("id")
        try await bob.says("\(own) in a thread", in: thread)
        let upload = try await bob.uploads(Array("\(own) file".utf8), named: "\(own).txt", to: general)
        try await bob.shows([upload], in: general)
        _ = try await bob.uploads(Array("\(own) unused".utf8), named: "\(own)-unused.txt", to: general)
        try await bob.does(
            .POST, "/media/upload/session",
            [
                "filename": "\(own)-begun.txt", "total_size": 5, "channel_id": .string(general),
            ])
    }

    private static func hasOwn(_ life: Life) async throws {
        let (alice, bob, server) = (life.alice, life.bob, life.server)
        try await bob.does(.PATCH, "/users/@me", ["display_name": "\(own) display", "bio": "\(own) bio"])
        _ = try await bob.sends(try await SampleFiles.bytes("drawing.png"), named: "a", to: "/avatars/users/@me")
        try await bob.does(
            .PATCH, "/users/@me/profile",
            [
                "pronouns": "\(own) pronouns", "location": "\(own) place", "timezone": "UTC", "accent_color": "#123456",
                "social_links": [["name": "\(own) page", "url": "https://example.org/\(own)"]],
                "visibility": ["location": "nobody"],
            ])
        _ = try await bob.sends(try await SampleFiles.bytes("drawing.png"), named: "a", to: "/users/@me/banner")
        try await bob.does(.PUT, "/users/@me/presence", ["status": "online", "custom_status": "\(own) status"])
        try await bob.does(.PUT, "/settings/theme", ["value": "\(own) theme"])
        try await bob.does(.PUT, "/users/@me/notification-settings", ["email": "daily", "digest_hour": 9])
        let browser = try await PushTests.ask("/subscribe")
        try await bob.does(
            .POST, PushTests.tokens,
            [
                "token": "https://push.example.org/bob", "platform": "web", "keys": browser["keys"] ?? .null,
                "device_id": "\(own) phone",
            ])
        for place in ["servers/\(life.nest.id)", "channels/\(life.nest.general)"] {
            try await bob.does(.PUT, "/users/@me/notification-settings/\(place)", ["level": "all"])
        }
        try await bob.does(.PUT, "/users/\(alice.id)/note", ["note": "\(own) note"])
        try await bob.does(.POST, "/relationships", ["user_id": .string(alice.id), "message": "\(own) friends?"])
        let ticket = try await bob.does(.POST, "/feedback", ["content": "\(own) feedback"]).text("id")
        try await bob.does(.POST, "/feedback/\(ticket)/notes", ["content": "\(own) note on it"])
        try await life.root.does(.POST, "/admin/tickets/\(ticket)/notes", ["content": "\(others) a troll"])
        try await bob.does(
            .POST, "/reports/users",
            ["user_id": .string(alice.id), "reason": "\(own) reason", "details": "\(own) details"])
        try await bob.does(.POST, "/channels/\(life.nest.general)/invites")
        let application = try await bob.does(
            .POST, "/applications", ["name": "\(own) app", "description": "\(own) program"]
        ).text("id")
        try await bob.does(.POST, "/applications/\(application)/bot", ["username": "\(own)bot"])
        let aviary = try await bob.foundsServer("\(own) server")
        try await bob.does(.PATCH, "/servers/\(aviary.id)", ["description": "\(own) description"])
        try await bob.does(.POST, "/webhooks", ["channel_id": .string(aviary.general), "name": "\(own) hook"])
        try await bob.does(
            .PUT, "/servers/\(aviary.id)/bans/\(alice.id)", ["reason": "\(own) ban"])
        let asked = try await bob.does(
            .PUT, "/servers/\(aviary.id)/onboarding",
            ["enabled": true, "questions": [["title": "\(own) question", "options": [["title": "\(own) option"]]]]])
        let question = try #require(asked["questions"]?[0])
        try await bob.does(
            .POST, "/servers/\(aviary.id)/onboarding/answers",
            [
                "answers": .object([
                    try question.text("id"): .array([question["options"]?[0]?["id"] ?? .null])
                ])
            ])
        try await bob.does(.POST, "/servers/\(aviary.id)/templates", ["name": "\(own) pattern"])
        _ = try await bob.turnsOnTwoFactor()
        _ = try await server.send(.POST, "/auth/login", ["username": .string(bob.name), "password": "Wrong horse 1!"])
        let transcripts = "/channels/\(life.nest.general)/messages/export"
        let job = try await bob.does(.POST, transcripts, ["format": "txt"])
        _ = try await BackgroundTests.result(of: job, transcripts, for: bob)
    }

    /// What others do to the person and say of them.
    private static func isTreated(_ life: Life) async throws {
        let (alice, bob, root, nest) = (life.alice, life.bob, life.root, life.nest)
        try await alice.does(.PUT, "/users/\(bob.id)/note", ["note": "\(others) \(bob.name)"])
        try await alice.does(
            .PATCH, "/servers/\(nest.id)/members/\(bob.id)", ["nickname": "\(own) nickname"])
        try await alice.does(
            .PUT, "/channels/\(nest.general)/overwrites/\(bob.id)", ["type": "member", "allow": ["messages.send"]])
        let report = try await alice.does(
            .POST, "/reports/users", ["user_id": .string(bob.id), "reason": "\(others) \(bob.name)"])
        try await root.does(
            .PATCH, "/admin/reports/\(try report.text("id"))",
            ["status": "dismissed", "note": "\(others) \(bob.name) again"])
        let byBob = try await root.does(.GET, "/admin/reports").array?.first { $0["reporter_id"]?.string == bob.id }
        try await root.does(
            .PATCH, "/admin/reports/\(try #require(byBob).text("id"))",
            ["status": "dismissed", "note": "\(others) a troll"])
        try await root.does(.PUT, "/admin/users/\(bob.id)/tier", ["tier": "premium"])
    }

    // MARK: Export

    static func export(of person: Person) async throws -> (files: [String: JSON], text: String) {
        let path = "/users/@me/data-export"
        let job = try await person.does(.POST, path)
        let file = try await BackgroundTests.result(of: job, path, for: person)
        let place = FileManager.default.temporaryDirectory.appending(path: "export-\(UUID().uuidString).zip")
        try Data(file.body).write(to: place)
        defer { try? FileManager.default.removeItem(at: place) }
        let output = try await ScriptProgram.run("read_zip.py", [place.path])
        #expect(output.status == 0, "\(output.errors)")
        return (try JSONParser.parse(Array(output.text.utf8)).object ?? [:], output.text)
    }

    @Test("all that a person has written or is said of them is in their export", arguments: DatabaseKind.allCases)
    func export(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let life = try await Self.live(server)
            let (files, text) = try await Self.export(of: life.bob)
            let stored = try await server.onDatabase { tx in try Self.texts(with: Self.own, tx) }
            #expect(Set(stored.map(\.table)).count > 15, "\(Set(stored.map(\.table)))")
            for item in stored where !item.isInternal {
                for word in item.words where !word.contains(Self.others) {
                    #expect(text.contains(word), "\(item.table).\(item.column): \(word)")
                }
            }
            for export in Instance.features.tables.flatMap(\.exports) {
                switch export {
                case .rows(let name, _, _), .rowsBelonging(let name, _), .file(let name):
                    #expect(files[name] != nil, "\(name)")
                case .withheld: break
                }
            }
            #expect(
                files["messages/1.json"]?.array?.contains { $0["earlier"]?[0]?["content"] == "\(Self.own) first" }
                    == true)
            #expect(files["reactions.json"]?.column("emoji") == ["👍"])
            #expect(files["votes.json"]?[0]?["option_number"] == 1)
            #expect(files["scheduled_messages.json"]?[0]?["draft"]?["content"] == "\(Self.own) later")
            #expect(files["user.json"]?[0]?["tier"] == "premium")
            #expect(files["user.json"]?[0]?["email"]?.string == "\(life.bob.name)@example.org")
        }
    }

    @Test("an export tells nothing that is others'", arguments: DatabaseKind.allCases)
    func discretion(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let life = try await Self.live(server)
            let (files, text) = try await Self.export(of: life.bob)
            #expect(!text.contains(Self.others), "notes and reports of others, and what administrators noted")
            let keys: Set = ["id", "kind", "reporter_id", "user_id", "message_id", "channel_id", "server_id", "reason"]
            let report = try #require(files["reports.json"]?[0])
            #expect(report.keys == keys.union(["category", "details", "status", "created_at"]))
            let secrets = try await server.onDatabase { tx in
                try tx.all("SELECT password_hash FROM users WHERE password_hash <> ''") { $0.text(0) }
            }
            for secret in secrets { #expect(!text.contains(secret)) }
            #expect(!text.contains(life.root.id), "nobody is told which administrator did something")
            #expect(try await Self.export(of: life.alice).text.contains("\(Self.own) to myself") == false)
        }
    }

    @Test("a long list goes on in further files", arguments: DatabaseKind.allCases)
    func pages(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let id = try #require(Int64(alice.id))
            try await server.onDatabase { tx in
                for number in 1...1001 {
                    try tx.execute(
                        "INSERT INTO reactions (message_id, emoji, user_id, reacted_at) VALUES ($1, $2, $3, $4)",
                        [number / 2, number % 2 == 0 ? "👍" : "👎", id, 1])
                }
            }
            let files = try await Self.export(of: alice).files
            let counts = ["reactions.json", "reactions-2.json", "reactions-3.json"].map { files[$0]?.count }
            #expect(counts == [500, 500, 1])
            #expect(files["reactions-4.json"] == nil)
        }
    }

    // MARK: Erasure

    @Test("what two have said to each other is gone with the second of them", arguments: DatabaseKind.allCases)
    func conversation(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            try await alice.befriends(bob)
            let open: JSON = ["recipient_id": .string(bob.id)]
            let channel = try await alice.does(.POST, "/users/@me/channels", open).text("id")
            try await alice.says("between us", in: channel)
            // One of them has put it away.
            try await bob.does(.DELETE, "/channels/\(channel)")
            for (person, left) in [(alice, 1), (bob, 0)] {
                let id = UserID(rawValue: try #require(Int64(person.id)))
                let past = server.clock.now()
                try await server.onDatabase { tx in try AccountStore.setDeletion(past, of: id, tx) }
                server.clock.advance(by: .seconds(1))
                try await server.keepsUp()
                let count = try await server.onDatabase { tx in
                    try tx.first(
                        "SELECT COUNT(*) FROM messages WHERE channel_id = $1", [try ChannelID(parsing: channel)]
                    ) {
                        $0.int(0)
                    }
                }
                #expect(count == left, "after \(person.name)")
            }
        }
    }

    @Test("nothing of an erased account is left but what it said to others", arguments: DatabaseKind.allCases)
    func erasure(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let life = try await Self.live(server)
            let (alice, bob, nest) = (life.alice, life.bob, life.nest)
            try await alice.does(.PUT, "/servers/\(nest.id)/bans/\(bob.id)", ["reason": "\(Self.others) \(bob.name)"])
            let id = try #require(Int64(bob.id))
            let past = server.clock.now()
            try await server.onDatabase { tx in try AccountStore.setDeletion(past, of: UserID(rawValue: id), tx) }
            try await server.keepsUp()
            // What was said last is in the event log for a day, and so are names of before.
            server.clock.advance(by: .seconds(2 * 86_400))
            try await server.keepsUp()

            let left = try await server.onDatabase { tx in try Self.texts(with: Self.own, tx) }
            let places = Set(left.map { "\($0.table).\($0.column)" })
            #expect(
                places == [
                    "messages.content", "messages.embeds", "polls.question", "polls.options", "attachments.filename",
                    "channels.name", "reports.reason", "reports.details", "scheduled_events.name",
                    "scheduled_events.description", "audit_log.changes",
                ], "\(places)")
            for item in left where item.table == "messages" {
                #expect(item.words.allSatisfy { !$0.contains("myself") && !$0.contains("first") }, "\(item)")
            }
            for item in left where item.table == "channels" { #expect(item.words == ["\(Self.own) thread"]) }
            let said = try await server.onDatabase { tx in try Self.texts(with: Self.others, tx) }
            #expect(Set(said.map { "\($0.table).\($0.column)" }) == ["reports.note", "admin_log.changes"], "\(said)")
            #expect(said.allSatisfy { $0.words.allSatisfy { !$0.contains(bob.name) } }, "\(said)")
            try await Self.expectKept(id, server)
        }
    }

    /// The id stands only where the declaration says that it is kept.
    private static func expectKept(_ id: Int64, _ server: TestServer) async throws {
        let left = try await server.onDatabase { tx in
            try Instance.features.tables.flatMap { table in
                try table.columns.filter { $0.value == .id || $0.name == "assigned_to" || $0.name.hasSuffix("_by") }
                    .compactMap { column -> String? in
                        let isThere = try tx.exists(
                            "SELECT 1 FROM \(table.name) WHERE CAST(\(sql: column.name) AS TEXT) = '\(sql: String(id))'"
                        )
                        return isThere ? "\(table.name).\(column.name)" : nil
                    }
            }
        }
        let keeping = Set(
            Instance.features.tables.filter { table in
                table.name.text == "users"
                    || table.erasure.contains { if case .kept = $0 { true } else { false } }
            }.map(\.name.text))
        for place in left { #expect(keeping.contains(String(place.prefix { $0 != "." })), "\(place)") }
        #expect(left.contains("users.id"))
        for gone in ["sessions", "members", "jobs", "feedback", "scheduled_messages", "relationships", "uploads"] {
            #expect(!left.contains { $0.hasPrefix("\(gone).") }, "\(gone)")
        }
    }

    @Test("nobody can take the name that an erased account will have", arguments: DatabaseKind.allCases)
    func name(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let name = AccountStore.anonymousName(of: UserID(rawValue: try #require(Int64(alice.id))))
            let body: JSON = [
                "username": .string(name), "email": "x@example.org", "password": .string(Person.password),
            ]
            #expect(try await server.outcome(.POST, "/auth/register", body) == "400 Invalid input")
            let address: JSON = [
                "username": "squatter", "email": .string(name), "password": .string(Person.password),
            ]
            #expect(try await server.outcome(.POST, "/auth/register", address) == "400 Invalid input")
            #expect(
                try await alice.outcome(
                    .PATCH, "/users/@me", ["username": .string(name), "current_password": .string(Person.password)])
                    == "400 Invalid input")
        }
    }

    @Test("bots go with their owner, and their tokens", arguments: DatabaseKind.allCases)
    func bots(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let application = try await alice.does(.POST, "/applications", ["name": "x"]).text("id")
            let bot = try await alice.does(.POST, "/applications/\(application)/bot", ["username": "robin"])
            let id = UserID(rawValue: try #require(Int64(alice.id)))
            let past = server.clock.now()
            try await server.onDatabase { tx in try AccountStore.setDeletion(past, of: id, tx) }
            try await server.keepsUp()
            server.clock.advance(by: .seconds(60))
            let reply = try await server.send(
                .GET, "/users/@me", headers: ["authorization": "Bot \(try bot.text("token"))"])
            #expect(reply.outcome == "401 Invalid token")
            let seen = try await bob.does(.GET, "/users/\(try bot.text("bot_id"))")
            #expect(seen["username"]?.string?.hasPrefix("deleted:") == true)
            _ = try await server.person("robin")
        }
    }

    @Test("who comes back in time loses nothing", arguments: DatabaseKind.allCases)
    func comingBack(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (server, alice, nest) = (scene.server, scene.alice, scene.nest)
            let id = try await alice.says("first", in: nest.general).text("id")
            try await alice.does(.PATCH, "/channels/\(nest.general)/messages/\(id)", ["content": "second"])
            try await alice.does(.DELETE, "/users/@me", ["password": .string(Person.password)])
            server.clock.advance(by: .seconds(29 * 86_400))
            try await server.keepsUp()
            let back = try await alice.onAnotherDevice()
            server.clock.advance(by: .seconds(2 * 86_400))
            try await server.keepsUp()
            let history = try await back.does(.GET, "/channels/\(nest.general)/messages/\(id)/history")
            #expect(history.column("content") == ["first"])
            #expect(try await back.does(.GET, "/users/@me")["username"] == "alice")
        }
    }

    // MARK: Other ends

    /// The rows that name something which is gone, by table, with how many there are.
    private static func naming(
        _ thing: Table.Thing, _ column: String, _ ids: [String], _ server: TestServer
    ) async throws -> [String: Int] {
        let list = ids.joined(separator: ", ")
        return try await server.onDatabase { tx in
            var found: [String: Int] = [:]
            for table in Instance.features.tables where table.columns.contains(where: { $0.name == column }) {
                let isKept = table.endings.contains { if case .kept(thing, _) = $0 { true } else { false } }
                // Copies that are forgotten, and an index without columns that can be asked for.
                guard !isKept, table.name.text != "events", !Self.indexes.contains(table.name.text) else { continue }
                found[table.name.text] = try tx.first(
                    "SELECT COUNT(*) FROM \(table.name) WHERE \(sql: column) IN (\(sql: list))"
                ) { $0.int(0) }
            }
            return found.filter { $0.value > 0 }
        }
    }

    @Test("with a server goes everything that belongs to it", arguments: DatabaseKind.allCases)
    func ends(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let life = try await Self.live(server)
            let (alice, nest) = (life.alice, life.nest)
            let picture = try await SampleFiles.bytes("drawing.png")
            _ = try await alice.sends(
                picture, named: "a.png", to: "/servers/\(nest.id)/emojis", field: "image", ["name": "heron"])
            _ = try await StickerTests.make("heron", in: nest.id, by: alice)
            _ = try await SoundboardTests.make("heron", in: nest.id, by: alice)
            let numbers = try await server.onDatabase { tx in
                let place = "channel_id IN (SELECT id FROM channels WHERE server_id = \(nest.id))"
                return (
                    channels: try tx.all("SELECT id FROM channels WHERE server_id = \(sql: nest.id)") {
                        String($0.integer(0))
                    },
                    messages: try tx.all("SELECT id FROM messages WHERE \(sql: place)") { String($0.integer(0)) }
                )
            }
            let things: [(Table.Thing, String, [String])] = [
                (.message, "message_id", numbers.messages), (.channel, "channel_id", numbers.channels),
                (.server, "server_id", [nest.id]),
            ]
            var before: Set<String> = []
            for (thing, column, ids) in things {
                before.formUnion(try await Self.naming(thing, column, ids, server).keys)
            }
            #expect(before.count >= 15, "\(before.sorted())")
            try await alice.does(.DELETE, "/servers/\(nest.id)")
            // The messages of a channel go first, the channel afterwards, and the server when it has none.
            for _ in 0..<3 { try await server.keepsUp() }
            for (thing, column, ids) in things {
                let left = try await Self.naming(thing, column, ids, server)
                #expect(left == [:], "\(thing)")
            }
        }
    }

    // MARK: Looking through everything

    /// A text in the database, in the lines or JSON strings of which it has a word.
    private struct Text: CustomStringConvertible {
        let table: String
        let column: String
        let words: [String]

        /// Follows from another column, or is a form for comparing.
        var isInternal: Bool { column.hasSuffix("_key") }
        var description: String { "\(table).\(column): \(words)" }
    }

    private static func texts(with word: String, _ tx: Transaction) throws -> [Text] {
        try PersonalDataStore.schema(tx).flatMap { table, columns in
            // The event log has copies, which are forgotten; the search has tokens.
            guard !indexes.contains(table) else { return [Text]() }
            return try columns.sorted().flatMap { column in
                let value =
                    table == "events" && column == "payload" && tx.dialect == .postgresql
                    ? "convert_from(payload, 'UTF8')" : "CAST(\(column) AS TEXT)"
                return try tx.all(
                    "SELECT \(sql: value) FROM \(sql: table) WHERE \(sql: value) LIKE '%\(sql: word)%'"
                ) { Text(table: table, column: column, words: strings(in: $0.text(0)).filter { $0.contains(word) }) }
            }
        }.filter { ($0.table != "events" || word == others) && !$0.words.isEmpty }
    }

    /// The strings in JSON, or the text itself.
    private static func strings(in text: String) -> [String] {
        guard let json = JSON(text: text) else { return [text] }
        func collect(_ json: JSON) -> [String] {
            switch json {
            case .string(let value): [value]
            case .array(let values): values.flatMap(collect)
            case .object(let members): members.values.flatMap(collect)
            default: []
            }
        }
        let found = collect(json)
        return found.isEmpty ? [text] : found
    }
}
