import Client
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@Suite("Webhooks and the programs that use them")
struct WebhookTests {
    struct Scene: Sendable {
        let server: TestServer
        let alice: Person
        let bob: Person
        let nest: Community
        let id: String
        let token: String

        var path: String { "/webhooks/\(id)/\(token)" }

        func posts(_ query: String = "", _ body: JSON) async throws -> HTTPReply {
            try await server.send(.POST, path + query, body)
        }

        /// The newest message, as people see it.
        func newest(in channel: String? = nil) async throws -> JSON {
            try await alice.does(.GET, "/channels/\(channel ?? nest.general)/messages?limit=1")[0] ?? .null
        }
    }

    private static func with(
        _ kind: DatabaseKind, _ body: @escaping @Sendable (Scene) async throws -> Void
    ) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let nest = try await alice.foundsServer()
            try await bob.joins(nest)
            let made = try await alice.does(.POST, "/webhooks", ["channel_id": .string(nest.general), "name": "ci"])
            try await body(
                Scene(
                    server: server, alice: alice, bob: bob, nest: nest, id: try made.text("id"),
                    token: try made.text("token")))
        }
    }

    // MARK: Notations

    @Test("a query says yes and no as 1 and 0, and in any case", arguments: DatabaseKind.allCases)
    func flags(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            for (wait, status) in [
                ("true", 200), ("TRUE", 200), ("1", 200), ("True", 200), ("false", 204), ("0", 204), ("False", 204),
            ] {
                #expect(try await scene.posts("?wait=\(wait)", ["content": "hello"]).status == status, "\(wait)")
            }
            for wait in ["2", "yes", "", "on", "-1", "01"] {
                let reply = try await scene.posts("?wait=\(wait)", ["content": "hello"])
                #expect(reply.outcome == "400 Invalid input" && reply.issues == ["wait"], "\(wait)")
            }
            // Other routes' flags, too.
            for path in ["/users/@me/notifications?unread=1", "/channels/\(scene.nest.general)/threads?archived=0"] {
                #expect(try await scene.alice.outcome(.GET, path) == "200")
            }
        }
    }

    @Test("a colour may be a number and a moment a text", arguments: DatabaseKind.allCases)
    func notations(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let cases: [(JSON, JSON, String, JSON)] = [
                (.integer(0xE74C3C), "2026-01-31T12:00:00+00:00", "#e74c3c", 1_769_860_800),
                (0, "2026-01-31T13:00:00.5+01:00", "#000000", 1_769_860_800),
                ("#ABCDEF", 1_769_860_800, "#abcdef", 1_769_860_800),
                (.integer(0xFF_FFFF), "2026-01-31T12:00:00", "#ffffff", 1_769_860_800),
            ]
            for (color, moment, text, seconds) in cases {
                let embed: JSON = ["title": "t", "color": color, "timestamp": moment]
                _ = try await scene.posts("", ["embeds": [embed]])
                let shown = try await scene.newest()["embeds"]?[0]
                #expect(shown?["color"] == .string(text) && shown?["timestamp"] == seconds)
                // People's and bots' own messages take the same.
                let own = try await scene.alice.does(
                    .POST, "/channels/\(scene.nest.general)/messages", ["embeds": [embed]])
                #expect(own["embeds"]?[0]?["color"] == .string(text))
            }
            for (color, moment) in [
                (0x1000000, "2026-01-31T12:00:00Z"), (-1, "2026-01-31T12:00:00Z"), (1, "2026-02-30T12:00:00Z"),
                (1, "yesterday"),
            ] as [(Int64, String)] {
                let embed: JSON = ["title": "t", "color": .integer(color), "timestamp": .string(moment)]
                #expect(
                    try await scene.posts("", ["embeds": [embed]]).outcome == "400 Invalid input", "\(color) \(moment)")
            }
        }
    }

    // MARK: Where and to whom

    @Test("the thread may stand in the address, and nothing is written elsewhere", arguments: DatabaseKind.allCases)
    func threads(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let nest = scene.nest
            let thread = try await scene.alice.does(.POST, "/channels/\(nest.general)/threads", ["name": "a"]).text(
                "id")
            let other = try await scene.alice.opensChannel("other", in: nest)
            let foreign = try await scene.alice.does(.POST, "/channels/\(other)/threads", ["name": "b"]).text("id")
            #expect(try await scene.posts("?thread_id=\(thread)", ["content": "by address"]).status == 204)
            #expect(try await scene.newest(in: thread)["content"] == "by address")
            #expect(try await scene.posts("", ["content": "by body", "thread_id": .string(thread)]).status == 204)
            #expect(
                try await scene.posts("?thread_id=\(thread)", ["content": "both", "thread_id": .string(thread)]).status
                    == 204)
            #expect(try await scene.alice.reads(thread) == ["both", "by body", "by address"])
            let differing = try await scene.posts(
                "?thread_id=\(thread)", ["content": "x", "thread_id": .string(foreign)])
            #expect(differing.outcome == "400 Invalid input" && differing.issues == ["thread_id"])
            for place in [foreign, other, "1"] {
                #expect(
                    try await scene.posts("?thread_id=\(place)", ["content": "x"]).outcome == "404 Channel not found")
            }
            #expect(try await scene.alice.reads(nest.general).isEmpty)
            #expect(try await scene.alice.reads(other).isEmpty)
            #expect(try await scene.alice.reads(foreign).isEmpty)
        }
    }

    @Test("nothing is written, changed or deleted in a locked thread", arguments: DatabaseKind.allCases)
    func locked(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let thread = try await scene.alice.does(.POST, "/channels/\(scene.nest.general)/threads", ["name": "a"])
                .text("id")
            let query = "?wait=1&thread_id=\(thread)"
            let message = try await scene.posts(query, ["content": "before"]).json.text("id")
            try await scene.alice.does(.PATCH, "/threads/\(thread)", ["locked": true])
            let push: JSON = ["ref": "refs/heads/main", "commits": [["id": "0123456789", "message": "mend"]]]
            let one = "\(scene.path)/messages/\(message)?thread_id=\(thread)"
            let outcomes = [
                try await scene.posts(query, ["content": "x"]).outcome,
                try await scene.posts("/slack" + query, ["text": "x"]).outcome,
                try await scene.server.send(
                    .POST, scene.path + "/github" + query, push, headers: ["X-GitHub-Event": "push"]
                ).outcome,
                try await scene.server.outcome(.PATCH, one, ["content": "x"]),
                try await scene.server.outcome(.DELETE, one),
            ]
            #expect(outcomes == Array(repeating: "403 Permission denied", count: 5))
            #expect(try await scene.alice.reads(thread) == ["before"])
        }
    }

    @Test("who is spoken to is notified as by a person, under the webhook's name", arguments: DatabaseKind.allCases)
    func mentions(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let crew = try await scene.alice.makesRole("crew", in: scene.nest, [], ["mentionable": true])
            try await scene.alice.gives(crew, to: scene.bob, in: scene.nest)
            let device = try await scene.bob.listens()
            _ = try await scene.posts("", ["content": .string("failed <@\(scene.bob.id)>"), "username": "Builder"])
            #expect(try await device.awaits("NOTIFICATION_CREATE")["d"]?["username"] == "Builder")
            _ = try await scene.posts("/slack", ["text": .string("failed again <@\(scene.bob.id)>")])
            _ = try await scene.posts("", ["content": .string("all of you <@&\(crew)>")])
            _ = try await scene.posts(
                "",
                ["content": .string("hush <@\(scene.bob.id)> @everyone"), "allowed_mentions": ["parse": ["everyone"]]])
            let unread = try await scene.bob.does(.GET, "/channels/\(scene.nest.general)/messages/unread")
            let notifications = try await scene.bob.does(.GET, "/users/@me/notifications")
            #expect(unread["mention_count"] == 3 && notifications.count == 3)
            #expect(notifications.column("username") == ["ci", "ci", "ci"])
            // A message that is deleted takes its notification along.
            let message = try await scene.posts("?wait=1", ["content": .string("<@\(scene.bob.id)>")]).json.text("id")
            #expect(try await scene.server.outcome(.DELETE, "\(scene.path)/messages/\(message)") == "204")
            #expect(try await scene.bob.does(.GET, "/users/@me/notifications").count == 3)
        }
    }

    @Test("a webhook changes and deletes what it has written, and nothing else", arguments: DatabaseKind.allCases)
    func own(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let mine = try await scene.posts("?wait=1", ["content": "first"]).json.text("id")
            let theirs = try await scene.alice.says("mine", in: scene.nest.general).text("id")
            let second = try await scene.alice.does(
                .POST, "/webhooks", ["channel_id": .string(scene.nest.general), "name": "other"])
            let stranger = "/webhooks/\(try second.text("id"))/\(try second.text("token"))/messages/"
            for path in ["\(scene.path)/messages/\(theirs)", stranger + mine] {
                #expect(try await scene.server.outcome(.GET, path) == "404 Message not found")
                #expect(try await scene.server.outcome(.PATCH, path, ["content": "x"]) == "404 Message not found")
                #expect(try await scene.server.outcome(.DELETE, path) == "404 Message not found")
            }
            let path = "\(scene.path)/messages/\(mine)"
            try await scene.alice.does(
                .PUT, "/channels/\(scene.nest.general)/messages/\(mine)/reactions/%F0%9F%91%8D")
            let own = try await scene.server.send(.GET, path).json
            #expect(own["content"] == "first")
            #expect(own["reactions"] == [], "libraries give up on a webhook's message that has some")
            #expect(try await scene.server.send(.PATCH, path, ["content": "second"]).json["content"] == "second")
            #expect(try await scene.server.outcome(.PATCH, path, [:]) == "400 Invalid input")
            let history = try await scene.alice.does(
                .GET, "/channels/\(scene.nest.general)/messages/\(mine)/history")
            #expect(history.column("content") == ["first"])
            let wrong = "/webhooks/\(scene.id)/wrong"
            for (method, path) in [
                (HTTPMethod.GET, wrong), (.PATCH, wrong), (.DELETE, wrong), (.GET, "\(wrong)/messages/\(mine)"),
                (.DELETE, "\(wrong)/messages/\(mine)"), (.POST, "\(wrong)/slack"),
            ] {
                let body: JSON? = method == .GET || method == .DELETE ? nil : ["text": "x", "name": "x"]
                #expect(try await scene.server.outcome(method, path, body) == "401 Invalid token", "\(method) \(path)")
            }
            #expect(try await scene.server.send(.PATCH, scene.path, ["name": "Renamed"]).json["name"] == "Renamed")
            #expect(try await scene.server.send(.GET, scene.path).json["name"] == "Renamed")
            #expect(try await scene.alice.does(.GET, "/webhooks/\(scene.id)")["name"] == "Renamed")
            let log = try await scene.alice.does(.GET, "/servers/\(scene.nest.id)/audit-logs?action=webhook.update")
            #expect(log[0]?["user_id"] == .string(scene.id), "the webhook did it itself")
            let listed = try await scene.alice.does(.GET, "/channels/\(scene.nest.general)/webhooks")
            #expect(Set(listed.column("name")) == ["Renamed", "other"])
            #expect(
                try await scene.bob.outcome(.GET, "/channels/\(scene.nest.general)/webhooks") == "403 Permission denied"
            )
            #expect(try await scene.server.outcome(.DELETE, scene.path) == "204")
            #expect(try await scene.posts("", ["content": "x"]).outcome == "404 Webhook not found")
        }
    }

    @Test("404: a webhook that there is not, by whatever route", arguments: DatabaseKind.allCases)
    func missing(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let content: [RequestField: JSON] = [.body(["content"]): "hello"]
            let maker = RequestMaker(
                document: server.document, values: ["body": ["text": "hello"]],
                needed: [
                    "POST /webhooks/{webhook_id}/{token}": content,
                    "PATCH /webhooks/{webhook_id}/{token}/messages/{message_id}": content,
                ])
            let operations = server.document.operations.filter { $0.pathNames.contains("webhook_id") }
            #expect(operations.count > 10)
            for operation in operations {
                let request = maker.request(operation, operation.bodies[0], [:])
                let reply = try await alice.send(
                    operation.method, request.path, request.body, headers: ["X-GitHub-Event": "push"])
                #expect(reply.outcome == "404 Webhook not found", "\(operation.name)")
            }
        }
    }

    // MARK: Others' programs

    @Test("what was written for Slack is shown as it was meant", arguments: DatabaseKind.allCases)
    func slack(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let payload: JSON = [
                "text": "*Build* <https://example.org/1|#1> failed &amp; stopped `*raw*`", "username": "Jenkins",
                "icon_url": "https://example.org/i.png",
                "attachments": [
                    [
                        "color": "danger", "title": "main", "title_link": "https://example.org/2", "text": "~old~ new",
                        "fields": [["title": "Branch", "value": "main", "short": true]], "ts": 1_769_860_800,
                    ]
                ],
            ]
            let reply = try await scene.posts("/slack", payload)
            #expect(reply.status == 200 && reply.text == "ok")
            let message = try await scene.newest()
            #expect(message["content"] == "**Build** [#1](https://example.org/1) failed & stopped `*raw*`")
            #expect(message["author_username"] == "Jenkins")
            let embed = message["embeds"]?[0]
            #expect(embed?["color"] == "#e01e5a" && embed?["description"] == "~~old~~ new")
            #expect(embed?["fields"]?[0]?["inline"] == true && embed?["timestamp"] == 1_769_860_800)
            // Old programs send it as a form.
            let form = "payload=" + #"{"text":"by+form %26 more"}"#.replacing("\"", with: "%22")
            let sent = try await scene.server.send(
                .POST, scene.path + "/slack", bytes: Array(form.utf8),
                headers: ["content-type": "application/x-www-form-urlencoded"])
            #expect(sent.status == 200)
            #expect(try await scene.newest()["content"] == "by form & more")
            for nothing in [
                [:], ["text": " "], ["text": 1], ["attachments": [[:], 1]], ["blocks": [["type": "divider"]]],
            ] as [JSON] {
                #expect(
                    try await scene.posts("/slack", nothing).outcome
                        == "400 Message must have content, attachments, or embeds")
            }
        }
    }

    @Test("GitHub's events become a card each, and the rest is passed over", arguments: DatabaseKind.allCases)
    func gitHub(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let about: [String: JSON] = [
                "repository": ["full_name": "o/r", "name": "r", "html_url": "https://github.com/o/r"],
                "sender": ["login": "octocat", "html_url": "https://github.com/octocat"],
            ]
            func tells(_ event: String, _ more: [String: JSON]) async throws -> HTTPReply {
                try await scene.server.send(
                    .POST, scene.path + "/github", .object(about.merging(more) { $1 }),
                    headers: ["X-GitHub-Event": event])
            }
            let commit: JSON = [
                "id": "0123456789abcdef", "message": "Mend it\n\nat last", "url": "https://github.com/o/r/commit/0",
                "author": ["name": "Mona"],
            ]
            #expect(
                try await tells(
                    "push",
                    ["ref": "refs/heads/main", "commits": [commit], "compare": "https://github.com/o/r/compare/0"]
                ).status == 204)
            let push = try await scene.newest()
            #expect(push["author_username"] == "GitHub")
            #expect(push["embeds"]?[0]?["title"] == "[r:main] 1 new commit")
            #expect(push["embeds"]?[0]?["description"] == "[`0123456`](https://github.com/o/r/commit/0) Mend it – Mona")
            #expect(push["embeds"]?[0]?["author"]?["name"] == "octocat")
            let issue: JSON = [
                "number": 7, "title": "It rains", "body": "In here.", "html_url": "https://github.com/o/r/issues/7",
            ]
            _ = try await tells("issues", ["action": "opened", "issue": issue])
            #expect(try await scene.newest()["embeds"]?[0]?["title"] == "[o/r] Issue opened: #7 It rains")
            let merged: JSON = ["number": 8, "title": "A roof", "merged": true]
            _ = try await tells("pull_request", ["action": "closed", "pull_request": merged])
            #expect(try await scene.newest()["embeds"]?[0]?["title"] == "[o/r] Pull request merged: #8 A roof")
            let before = try await scene.newest()
            for (event, more) in [
                ("issues", ["action": "labeled", "issue": issue]), ("star", ["action": "deleted"]), ("unheard_of", [:]),
                ("push", ["commits": []]),
            ] as [(String, [String: JSON])] {
                #expect(try await tells(event, more).status == 204)
            }
            #expect(try await scene.newest() == before)
            #expect(
                try await scene.server.outcome(.POST, scene.path + "/github", .object(about)) == "400 Invalid input")
            let wrong = try await scene.server.send(
                .POST, "/webhooks/\(scene.id)/wrong/github", .object(about), headers: ["X-GitHub-Event": "unheard_of"])
            #expect(wrong.outcome == "401 Invalid token", "also when there is nothing to tell")
        }
    }

    @Test("discord.py's webhooks work with nothing changed but the address", arguments: DatabaseKind.allCases)
    func discord(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let thread = try await scene.alice.does(.POST, "/channels/\(scene.nest.general)/threads", ["name": "a"])
                .text("id")
            let output = try await ScriptProgram.run(
                "discord_webhook.py",
                ["http://127.0.0.1:\(scene.server.port)/api/v1", scene.id, scene.token, thread, scene.bob.id])
            #expect(output.status == 0, "\(output.errors)")
            var saw: [String: JSON] = [:]
            for line in output.text.split(separator: "\n") {
                saw.merge(JSON(text: String(line))?.object ?? [:]) { $1 }
            }
            let card: JSON = ["Build", 15_158_332, "2026-01-31T12:00:00+00:00", "ci", "main"]
            func message(
                _ content: String, _ author: String = "ci", in channel: String? = nil, mentions: JSON = [],
                edited: Bool = false, embed: JSON = .null
            ) -> JSON {
                [
                    "content": .string(content), "author": .string(author), "webhook": .string(scene.id),
                    "channel": .string(channel ?? scene.nest.general), "mentions": mentions, "edited": .bool(edited),
                    "embed": embed,
                ]
            }
            let hello = "hello <@\(scene.bob.id)>"
            #expect(saw["nothing"] == true && saw["gone"] == true && saw["deleted"] == true)
            #expect(saw["sent"] == message(hello, "Builder", mentions: ["bob"], embed: card))
            #expect(saw["fetched"] == saw["sent"])
            #expect(saw["changed"] == message("changed", "Builder", edited: true))
            #expect(saw["thread"] == message("in the thread", in: thread) && saw["thread fetched"] == saw["thread"])
            #expect(saw["quiet"] == message("hush <@\(scene.bob.id)>"))
            #expect(saw["wrong token"] == 401)
            #expect(saw["webhook"] == ["ci", .string(scene.nest.general), .string(scene.nest.id), "incoming"])
            #expect(saw["asynchronous"] == message("hello again", embed: card))
            #expect(saw["asynchronous edit"] == message("changed again", edited: true, embed: card))
            #expect(saw["renamed"] == "Renamed")
        }
    }
}
