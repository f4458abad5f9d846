import Client
import Database
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@testable import Chat

/// Every route, and every form of a list, with ids of what the caller can't see: what exists is denied, what does not is not found, and
/// nothing else tells the one from the other, the number of statements included where the answers are the same. The requests are made from the OpenAPI document, so a new route is tried, and one with a new
/// kind of id fails until it has its place here.
@Suite("Existence")
struct ExistenceTests {
    /// What becomes of an id of something that the caller can't see.
    enum Rule: Sendable, Equatable {
        /// 403 `Access denied`, where 404 says that there is none.
        case denied
        /// 403 `Access denied`, where one that is not in the server is no fitting value: 400 or 404.
        case deniedInside
        /// The same answer for both, byte for byte: whether there is one is nobody's business, or it is sought in a place that is the caller's.
        case same(String)
        /// Not tried: anybody may know of it, or it is no thing of the server's.
        case known(String)
    }

    private static let people = Rule.known("accounts and their names are public")
    private static let elsewhere = Rule.same("it is sought in a place that the caller sees, and is not there")
    private static let filter = Rule.known(
        "it is a number to compare with, and says where a list begins or what it holds")
    private static let own = Rule.same("it is its owner's alone")

    /// By the field's name, with `message_id` after `channel_id` in a path and the like for what is sought in a place.
    private static func rule(_ operation: Operation, _ field: RequestField, isMember: Bool = false) -> Rule? {
        if isMember, let rule = memberRules["\(operation.name) \(field)"] ?? memberRules[field.name] {
            if case .body = field { return rule }
            if field == .path("code") { return rule }
        }
        if let exception = exceptions["\(operation.name) \(field)"] { return exception }
        if field.description.contains("allowed_mentions") { return filter }
        if operation.path.contains("{token}") {
            return .known("who has not the webhook's token is told so, and who has it may")
        }
        if operation.path.hasPrefix("/admin/") || operation.path.hasPrefix("/features/admin/") {
            return .same("403 `Admin access required` comes before everything")
        }
        switch field {
        case .path(let name):
            switch name {
            case "server_id", "channel_id", "thread_id", "webhook_id", "poll_id": return .denied
            case "sticker_id": return operation.path.hasPrefix("/servers/") ? elsewhere : .denied
            case "event_id": return isMember ? .denied : elsewhere
            case "message_id", "role_id", "emoji_id", "sound_id", "subject_id": return elsewhere
            case "user_id": return people
            case "application_id", "job_id", "export_id", "scheduled_id", "notification_id", "session_id", "passkey_id",
                "upload_id", "report_id",
                "ticket_id", "reminder_id", "token_id":
                return own
            case "emoji", "badge", "key", "provider", "chunk", "filename", "token", "picture_key", "option_id",
                "starts_at":
                return .known("it is a word, or a key that nobody can guess")
            default: return nil
            }
        case .query(let name):
            switch name {
            case "before", "after", "around", "from", "mentions", "user_id": return filter
            case "channel_id", "server_id": return .denied
            case "message_id", "thread_id": return elsewhere
            default: return nil
            }
        case .body:
            switch field.name {
            case "channel_id", "conversation_id", "target_conversation_id": return .denied
            case "server_id": return .denied
            case "message_id", "message_ids", "reply_to_id", "category_id", "default_channel_id", "afk_channel_id",
                "id", "roles",
                "role_ids", "channel_ids", "default_channel_ids", "attachments", "thread_id", "value":
                return elsewhere
            case "user_id", "recipient_id", "recipient_ids", "users", "add_members", "remove_members": return people
            case "{}": return .denied
            case "sticker_ids": return .denied
            default: return nil
            }
        }
    }

    /// What is of the server in which the caller is, but hidden.
    private static let memberRules: [String: Rule] = [
        "category_id": .deniedInside, "default_channel_id": .deniedInside, "afk_channel_id": .deniedInside,
        "channel_ids": .deniedInside,
        "default_channel_ids": .deniedInside,
        "PUT /servers/{server_id}/welcome-screen body channels.[].channel_id": .deniedInside,
        "PATCH /servers/{server_id}/widget body channel_id": .deniedInside,
        "PATCH /servers/{server_id}/channels body [].id": .deniedInside,
        "DELETE /channels/invites/{code} path code": .known(
            "invites are the server's, and who manages them withdraws any"),
    ]

    private static let mark = Rule.known("it is a mark in one's own reading, and only its number counts")

    private static let exceptions: [String: Rule] = [
        "POST /channels/ack/bulk body value": mark,
        "POST /channels/ack/bulk body channels.[].message_id": mark,
        "POST /channels/{channel_id}/messages/ack query message_id": mark,
        "PUT /users/@me/settings/bulk body {}": .known("it is a word"),
        "PUT /settings/bulk body {}": .known("it is a word"),
        "GET /channels/{channel_id}/messages/export/{job_id} path channel_id": own,
        "GET /channels/{channel_id}/messages/export/{job_id}/download path channel_id": own,
        "DELETE /channels/{channel_id}/scheduled-messages/{scheduled_id} path channel_id": own,
        "GET /channels/invites/{code} path code": .known("who has the code may read where it leads"),
        "POST /channels/invites/{code} path code": .known("who has the code may join"),
        "DELETE /channels/invites/{code} path code": .denied,
        "GET /templates/{code} path code": .known("who has the code may read the template"),
        "POST /templates/{code} path code": .known("who has the code may use the template"),
        "PUT /servers/{server_id}/templates/{code} path code": elsewhere,
        "PATCH /servers/{server_id}/templates/{code} path code": elsewhere,
        "DELETE /servers/{server_id}/templates/{code} path code": elsewhere,
        "PUT /servers/{server_id}/welcome-screen body channels.[].channel_id": elsewhere,
        "PATCH /servers/{server_id}/widget body channel_id": elsewhere,
        "POST /servers/{server_id}/onboarding/answers body answers.{}": .same("one answers what one is asked"),
        "GET /avatars/servers/{server_id} path server_id": .known("the picture is public, and says no name"),
        "GET /media/emojis/{emoji_id} path emoji_id": .known("the picture is public"),
        "GET /media/events/{event_id} path event_id": .same("who has not the whole address is told nothing"),
        "GET /media/attachments/{attachment_id}/{filename} path attachment_id": .same(
            "without a signature nothing is said"),
        "GET /media/stickers/{sticker_id} path sticker_id": .known("the picture is public"),
        "POST /servers/{server_id}/events path server_id": .same(
            "a plan without a place is none"),
        "POST /polls body message_id": .denied,
        "POST /stickers/{sticker_id}/send body message_id": .denied,
        "POST /stickers/{sticker_id}/send path sticker_id": .known("it is looked for once one may write there"),
        "POST /features/forward body message_id": .denied,
        "POST /channels/{channel_id}/messages body forward.channel_id": .denied,
        "POST /channels/{channel_id}/scheduled-messages body forward.channel_id": .same(
            "it is asked for when the message is sent"),
        "POST /channels/{channel_id}/scheduled-messages body sticker_ids.[]": .same(
            "they are asked for when the message is sent"),
        "POST /reports/messages body message_id": .denied,
        "PUT /users/@me/bookmarks/{message_id} path message_id": .denied,
        "DELETE /users/@me/bookmarks/{message_id} path message_id": .same("it is one's own list"),
        "PATCH /users/@me/messaging-settings body server_dms.{}": .same("one names servers that one is in"),
        "POST /features/bookmarks body message_id": .denied,
        "POST /users/@me/reminders body message_id": .denied,
        "POST /users/@me/reminders body channel_id": .same("it is asked for with its message"),
        "DELETE /features/bookmarks/{message_id} path message_id": .same("it is one's own list"),
        "POST /channels/{channel_id}/threads body parent_message_id": elsewhere,
        "PUT /users/@me/keyword-alerts body server_ids.[]": .same("one names what one wants, be it there or not"),
        "PUT /users/@me/keyword-alerts body exclude_channel_ids.[]": .same(
            "one names what one wants, be it there or not"),
        "PUT /users/@me/last-chat body last_message_id": mark,
        "PUT /features/users/@me/last-chat body last_message_id": mark,
        "PUT /servers/{server_id}/bots/{application_id} path application_id": .same("it is its owner's alone"),
    ]

    private static let needed: [String: [RequestField: JSON]] = [
        "POST /polls/{poll_id}/vote": [.body(["options"]): [0]],
        "POST /users/@me/reminders": [.body(["remind_at"]): .integer(SystemClock().now().seconds + 86_400)],
        "POST /servers/{server_id}/events": [.body(["starts_at"]): .integer(SystemClock().now().seconds + 86_400)],
        "POST /channels/{channel_id}/messages": [.body(["content"]): "words"],
        "PATCH /channels/{channel_id}/messages/{message_id}": [.body(["content"]): "words"],
        "POST /channels/{channel_id}/scheduled-messages": [.body(["content"]): "words"],
        "GET /channels/{channel_id}/messages/search": [.query("content"): "words"],
        "GET /search/messages": [.query("q"): "words"],
        "PUT /channels/{channel_id}/overwrites/{subject_id}": [.body(["type"]): "role"],
    ]

    /// Ids by the name of the field in which they stand.
    struct Things: Sendable {
        var ids: [String: String] = [:]

        subscript(name: String) -> String? { ids[name] }
    }

    // MARK: The worlds

    struct World: Sendable {
        let server: TestServer
        let alice: Person
        /// Who must not know.
        let caller: Person
        let hidden: Things
        let visible: [String: JSON]
        /// Whether the hidden things are in a server in which the caller is.
        let isMember: Bool
        /// Whether what is hidden is a thread: who names it where only channels fit is told what they would be told of none.
        var isThread = false
    }

    /// What there may be in a channel of a server.
    private static func furnished(_ channel: String, in nest: Community) async throws -> Things {
        let alice = nest.owner
        let message = try await alice.says("secret", in: channel).text("id")
        let hook = try await alice.does(.POST, "/webhooks", ["channel_id": .string(channel), "name": "secret"])
        let poll = try await alice.does(
            .POST, "/polls",
            ["channel_id": .string(channel), "question": "secret?", "options": ["a", "b"], "duration_hours": 1])
        let thread = try await alice.does(.POST, "/channels/\(channel)/threads", ["name": "secret"]).text("id")
        let invite = try await alice.does(.POST, "/channels/\(channel)/invites").text("code")
        let scheduled = try await alice.does(
            .POST, "/channels/\(channel)/scheduled-messages",
            ["content": "secret", "send_at": .integer(alice.server.clock.now().seconds + 3600)])
        let job = try await alice.does(.POST, "/channels/\(channel)/messages/export", ["format": "json"])
        let event = try await alice.plans("secret", in: nest, ["channel_id": .string(channel)])
        return Things(ids: [
            "channel_id": channel, "message_id": message, "webhook_id": try hook.text("id"),
            "poll_id": try poll.text("id"),
            "thread_id": thread, "code": invite, "scheduled_id": try scheduled.text("id"), "job_id": try job.text("id"),
            "event_id": event.id,
        ])
    }

    private static func stranger(_ kind: DatabaseKind, _ body: @escaping @Sendable (World) async throws -> Void)
        async throws
    {
        try await TestServer.with(kind) { server in
            let (alice, eve) = (try await server.person("alice"), try await server.person("eve"))
            let (nest, den) = (try await alice.foundsServer("Secret"), try await eve.foundsServer("Den"))
            var hidden = try await furnished(nest.general, in: nest)
            hidden.ids["server_id"] = nest.id
            hidden.ids["role_id"] = try await alice.makesRole("secret", in: nest)
            hidden.ids["application_id"] = try await alice.does(.POST, "/applications", ["name": "secret"]).text("id")
            hidden.ids["category_id"] = try await alice.opensChannel("secret", in: nest, ["type": "category"])
            hidden.ids["sticker_id"] = try await StickerTests.add("secret", to: nest.id, server)
            hidden.ids["sound_id"] = try await SoundboardTests.add("secret", to: nest.id, server)
            try await body(
                World(
                    server: server, alice: alice, caller: eve, hidden: hidden, visible: try await visible(eve, den),
                    isMember: false))
        }
    }

    /// Somebody with every right in a server but to see one of its channels.
    private static func member(_ kind: DatabaseKind, _ body: @escaping @Sendable (World) async throws -> Void)
        async throws
    {
        try await TestServer.with(kind) { server in
            let (alice, mod) = (try await server.person("alice"), try await server.person("mod"))
            let nest = try await alice.foundsServer("Nest")
            try await mod.joins(nest)
            let rights = Permission.allCases.filter { $0 != .administrator }.map(\.rawValue)
            try await alice.gives(try await alice.makesRole("mod", in: nest, rights), to: mod, in: nest)
            let category = try await alice.opensChannel("secret", in: nest, ["type": "category"])
            try await alice.closes(category, in: nest)
            let channel = try await alice.opensChannel("secret", in: nest, ["category_id": .string(category)])
            var hidden = try await furnished(channel, in: nest)
            hidden.ids["category_id"] = category
            try await body(
                World(
                    server: server, alice: alice, caller: mod, hidden: hidden, visible: try await visible(mod, nest),
                    isMember: true))
        }
    }

    /// Somebody with every right but over threads, in the channel of a private thread.
    private static func outsider(_ kind: DatabaseKind, _ body: @escaping @Sendable (World) async throws -> Void)
        async throws
    {
        try await TestServer.with(kind) { server in
            let (alice, mod) = (try await server.person("alice"), try await server.person("mod"))
            let nest = try await alice.foundsServer("Nest")
            try await mod.joins(nest)
            let rights = Permission.allCases.filter { ![.administrator, .threadsManage].contains($0) }.map(\.rawValue)
            try await alice.gives(try await alice.makesRole("mod", in: nest, rights), to: mod, in: nest)
            let thread = try await alice.does(
                .POST, "/channels/\(nest.general)/threads", ["name": "secret", "thread_type": "private"]
            ).text("id")
            let poll = try await alice.does(
                .POST, "/polls",
                ["channel_id": .string(thread), "question": "secret?", "options": ["a", "b"], "duration_hours": 1])
            let scheduled = try await alice.does(
                .POST, "/channels/\(thread)/scheduled-messages",
                ["content": "secret", "send_at": .integer(server.clock.now().seconds + 3600)])
            let job = try await alice.does(.POST, "/channels/\(thread)/messages/export", ["format": "json"])
            let hidden = Things(ids: [
                "channel_id": thread, "thread_id": thread,
                "message_id": try await alice.says("secret", in: thread).text("id"), "poll_id": try poll.text("id"),
                "scheduled_id": try scheduled.text("id"), "job_id": try job.text("id"),
            ])
            try await body(
                World(
                    server: server, alice: alice, caller: mod, hidden: hidden, visible: try await visible(mod, nest),
                    isMember: true, isThread: true))
        }
    }

    /// What the caller sees, for the other fields of a request.
    private static func visible(_ caller: Person, _ place: Community) async throws -> [String: JSON] {
        let message = try await caller.says("mine", in: place.general).text("id")
        let carol = try await caller.server.person("carol")
        let hook = try await caller.does(.POST, "/webhooks", ["channel_id": .string(place.general), "name": "mine"])
        let event = try await caller.plans("mine", in: place, ["channel_id": .string(place.general)])
        return [
            "event_id": .string(event.id), "status": "going",
            "server_id": .string(place.id), "channel_id": .string(place.general), "message_id": .string(message),
            "user_id": .string(carol.id), "webhook_id": .string(try hook.text("id")), "recipient_id": .string(carol.id),
            "id": .string(place.general), "target_conversation_id": .string(place.general),
            "{}": .string(place.general),
            "emoji": "👍", "badge": "verified", "key": "theme", "password": .string(Person.password), "nonce": "n",
            "audio": .null, "reason": "because", "username": "somebody", "email": "somebody@example.org",
            "type": "text", "description": "words",
        ]
    }

    // MARK: The tests

    @Test("a stranger learns nothing of what exists in a server", arguments: DatabaseKind.allCases)
    func strangers(kind: DatabaseKind) async throws {
        try await Self.stranger(kind) { try await Self.tryEverything(in: $0) }
    }

    @Test("a member learns nothing of what exists in a hidden channel", arguments: DatabaseKind.allCases)
    func members(kind: DatabaseKind) async throws {
        try await Self.member(kind) { try await Self.tryEverything(in: $0) }
    }

    @Test("who sees a channel learns nothing of what exists in its private threads", arguments: DatabaseKind.allCases)
    func outsiders(kind: DatabaseKind) async throws {
        try await Self.outsider(kind) { try await Self.tryEverything(in: $0) }
    }

    @Test("every id in every request has its place here, and every exception is needed")
    func complete() async throws {
        try await TestServer.with(.sqlite) { server in
            let maker = RequestMaker(document: server.document, values: [:])
            var met: Set<String> = []
            for (operation, _, field) in Self.places(maker) {
                met.insert("\(operation.name) \(field)")
                #expect(
                    Self.rule(operation, field) != nil,
                    "\(operation.name) \(field) has no place in the test of existence")
            }
            #expect(Set(Self.exceptions.keys).subtracting(met).isEmpty)
        }
    }

    /// Everything that may name a thing of the server.
    private static func places(_ maker: RequestMaker) -> [(operation: Operation, body: JSON?, field: RequestField)] {
        maker.document.operations.flatMap { operation in
            operation.bodies.flatMap { body in
                let fields =
                    operation.pathNames.map(RequestField.path)
                    + maker.fields(operation, body) { maker.document.isIdentifier($0) }
                return fields.map { (operation, body, $0) }
            }
        }
    }

    private static func tryEverything(in world: World) async throws {
        let maker = RequestMaker(document: world.server.document, values: world.visible, needed: needed)
        let listener = try await world.alice.listens()
        let before = try await world.rowCounts()
        // Whatever else it does of its own it does once a second, too.
        let idle = Set(
            try await world.server.statements.statements {
                for _ in 0..<2 { try await world.server.doesDueWork() }
            }.keys
            // What the leader writes of its own is not asked in each second.
        ).union(["SELECT 1 FROM leadership WHERE id = 1 AND term = $1 FOR SHARE"])
        var (tried, statements) = (0, 0)
        for (operation, body, field) in places(maker) {
            guard let rule = rule(operation, field, isMember: world.isMember), let id = world.hidden[thing(field)]
            else { continue }
            if case .known = rule { continue }
            tried += 1
            let real = try await world.send(maker.request(operation, body, [field: .string(id)]), operation)
            let unknown = try await world.send(maker.request(operation, body, [field: .string(missing(id))]), operation)
            let name: Comment = "\(operation.name) \(field): \(real.outcome) | \(unknown.outcome)"
            let isNoChannel = world.isThread && real.status == 404 && real.body == unknown.body
            if rule == .denied || rule == .deniedInside, !isNoChannel {
                let missing = rule == .denied ? [404] : [404, 400]
                #expect(real.outcome == "403 Access denied" && missing.contains(unknown.status), name)
                #expect(real.json == ["error": ["code": 403, "message": "Access denied"]], name)
            } else {
                #expect(real.body == unknown.body && real.status == unknown.status, name)
                let cost = { id in
                    try await world.cost(maker.request(operation, body, [field: .string(id)]), operation, besides: idle)
                }
                let (seen, unseen) = (try await cost(id), try await cost(missing(id)))
                #expect(seen == unseen, name)
                statements += seen.values.reduce(0, +)
            }
            #expect(real.headers.map(\.name).sorted() == unknown.headers.map(\.name).sorted(), name)
            try await expectNoDifference(behind: field, operation, body, maker, world, denied: real, name)
        }
        #expect(tried > 60 && statements > 0)
        let after = try await world.rowCounts()
        let changed = after.filter { before[$0.key] != $0.value }.keys.sorted()
        #expect(changed.isEmpty, "what was refused wrote something")
        try await world.alice.says("marker", in: try #require(world.hidden["channel_id"]))
        let heard = try await listener.hears("MESSAGE_CREATE")
        #expect(heard["d"]?["content"] == "marker", "nobody heard of what was refused")
    }

    /// Behind a channel that is denied, whether a message is there makes no difference.
    private static func expectNoDifference(
        behind field: RequestField, _ operation: Operation, _ body: JSON?, _ maker: RequestMaker, _ world: World,
        denied: HTTPReply,
        _ name: Comment
    ) async throws {
        guard denied.status == 403, case .path = field, let id = world.hidden[thing(field)] else { return }
        for other in operation.pathNames where .path(other) != field {
            guard let inner = world.hidden[other] else { continue }
            let replaced: [RequestField: JSON] = [field: .string(id), .path(other): .string(inner)]
            let deeper = try await world.send(maker.request(operation, body, replaced), operation)
            #expect(deeper.body == denied.body, "\(name), with \(other)")
        }
    }

    /// Which of the hidden things a field asks for.
    private static func thing(_ field: RequestField) -> String {
        switch field.name {
        case "default_channel_id", "afk_channel_id", "id", "{}", "target_conversation_id": "channel_id"
        case "message_ids", "reply_to_id", "before", "after", "around", "value": "message_id"
        case "sticker_ids": "sticker_id"
        case "roles", "subject_id", "role_ids": "role_id"
        case "channel_ids", "default_channel_ids": "channel_id"
        default: field.name
        }
    }

    /// An id of the same moment that nothing has: another worker would have made it.
    private static func missing(_ id: String) -> String {
        guard let number = Int64(id) else { return "abcdefgh" }
        return String(number ^ (0x2AA << 12))
    }
}

extension ExistenceTests.World {
    func send(_ request: RequestMaker.Request, _ operation: Operation) async throws -> HTTPReply {
        try await caller.send(operation.method, request.path, request.body)
    }

    /// The statements that a request takes, each as often as it was asked in every one of several tries, without those that the
    /// server asks by itself.
    func cost(
        _ request: RequestMaker.Request, _ operation: Operation, besides idle: Set<StaticSQL>
    ) async throws -> [StaticSQL: Int] {
        var tries: [[StaticSQL: Int]] = []
        for _ in 0..<3 {
            tries.append(try await server.statements.statements { _ = try await send(request, operation) })
        }
        var least: [StaticSQL: Int] = [:]
        for statement in tries[0].keys where !idle.contains(statement) {
            let count = tries.map { $0[statement] ?? 0 }.min() ?? 0
            if count > 0 { least[statement] = count }
        }
        return least
    }

    /// How many rows each table has.
    func rowCounts() async throws -> [String: Int] {
        try await server.onDatabase { tx in
            let names: StaticSQL =
                tx.dialect == .sqlite
                ? "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
                : "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = current_schema()"
            // What goes on by itself is not theirs.
            let aside = [
                "workers", "worker_leases", "jobs", "grdb_migrations", "schema_migrations", "blobs", "blob_checks",
                "name_queue", "name_state",
            ]
            var counts: [String: Int] = [:]
            for name in try tx.all(names, [], { $0.text(0) }) where !aside.contains(name) && !name.contains("search") {
                counts[name] = try tx.first("SELECT COUNT(*) AS row_count FROM \(sql: name)") { $0.int(0) }
            }
            return counts
        }
    }
}
