import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

/// What a member who is timed out may do, on every route that can touch a server: read, take back their own, leave. Carol has
/// every right but that of an administrator, so that only the timeout stands in her way.
@Suite("Silenced members")
struct SilencedTests {
    /// What Carol had made before.
    struct Things: Sendable {
        let message: String
        let others: String
        let poll: String
        let thread: String
        let busyThread: String
        let othersThread: String
        let invite: String
        let webhook: JSON
        let scheduled: String
        let emoji: String
        let bot: Bot
        /// Which recurs, and to which Carol has said that she comes.
        let plan: Plan
    }

    enum Answer: Sendable {
        case refused
        case allowed
    }

    struct Attempt: Sendable {
        let route: String
        let answer: Answer
        let deed: @Sendable (StockedServer, Things) -> Deed

        init(_ route: String, _ answer: Answer, _ deed: @escaping @Sendable (StockedServer, Things) -> Deed) {
            self.route = route
            self.answer = answer
            self.deed = deed
        }
    }

    private static func messages(_ scene: StockedServer) -> String { "\(scene.general)/messages" }

    /// Routes that the question does not come up for.
    static let elsewhere: [String: String] = [
        "POST /servers": "is no act in a server",
        "POST /servers/{server_id}/join": "who joins is no member yet",
        "POST /servers/{server_id}/rules/accept": "one agrees to rules, and says nothing by it",
        "POST /servers/{server_id}/onboarding/answers": "one answers what is asked, and says nothing by it",
        "DELETE /admin/servers/{server_id}": "administrators of the instance are not asked",
        "POST /channels/invites/{code}": "who joins is no member yet",
        "POST /webhooks/{webhook_id}/{token}": "has no account behind it",
        "POST /webhooks/{webhook_id}/{token}/slack": "has no account behind it",
        "POST /webhooks/{webhook_id}/{token}/github": "has no account behind it",
        "PATCH /webhooks/{webhook_id}/{token}": "has no account behind it",
        "DELETE /webhooks/{webhook_id}/{token}": "has no account behind it",
        "PATCH /webhooks/{webhook_id}/{token}/messages/{message_id}": "has no account behind it",
        "DELETE /webhooks/{webhook_id}/{token}/messages/{message_id}": "has no account behind it",
        "DELETE /media/upload/{upload_id}": "concerns one's own file, which can't be sent",
        "PUT /media/upload/{upload_id}/{chunk}": "concerns one's own file, which can't be sent",
        "POST /media/upload/complete/{upload_id}": "concerns one's own file, which can't be sent",
        "PUT /channels/{channel_id}/recipients/{user_id}": "groups are in no server",
        "DELETE /channels/{channel_id}/recipients/{user_id}": "groups are in no server",
    ]

    static let refusals: [Attempt] = [
        Attempt("PATCH /servers/{server_id}", .refused) { scene, _ in Deed(scene.path, ["name": "Den"]) },
        Attempt("DELETE /servers/{server_id}", .refused) { scene, _ in Deed(scene.path) },
        Attempt("POST /servers/{server_id}/transfer", .refused) { scene, _ in
            Deed("\(scene.path)/transfer", ["user_id": .string(scene.carol.id), "password": .string(Person.password)])
        },
        Attempt("PATCH /servers/{server_id}/members/{user_id}", .refused) { scene, _ in
            Deed(scene.member(scene.carol), ["nickname": "Caz"])
        },
        Attempt("PATCH /servers/{server_id}/members/{user_id}", .refused) { scene, _ in
            Deed(scene.member(scene.dave), ["nickname": "D"])
        },
        Attempt("PATCH /servers/{server_id}/members/{user_id}", .refused) { scene, _ in
            Deed(scene.member(scene.carol), ["timeout_until": .null])
        },
        Attempt("PATCH /servers/{server_id}/voice-states/{user_id}", .refused) { scene, _ in
            Deed("\(scene.path)/voice-states/\(scene.dave.id)", ["mute": true])
        },
        Attempt("DELETE /servers/{server_id}/members/{user_id}", .refused) { scene, _ in Deed(scene.member(scene.dave))
        },
        Attempt("PUT /servers/{server_id}/members/{user_id}/roles/{role_id}", .refused) { scene, _ in
            Deed("\(scene.member(scene.dave))/roles/\(scene.role)")
        },
        Attempt("DELETE /servers/{server_id}/members/{user_id}/roles/{role_id}", .refused) { scene, _ in
            Deed("\(scene.member(scene.dave))/roles/\(scene.role)")
        },
        Attempt("POST /servers/{server_id}/roles", .refused) { scene, _ in Deed("\(scene.path)/roles", ["name": "new"])
        },
        Attempt("PATCH /servers/{server_id}/roles", .refused) { scene, _ in
            Deed("\(scene.path)/roles", [["id": .string(scene.role), "position": 1]])
        },
        Attempt("PATCH /servers/{server_id}/roles/{role_id}", .refused) { scene, _ in
            Deed("\(scene.path)/roles/\(scene.role)", ["name": "fish"])
        },
        Attempt("DELETE /servers/{server_id}/roles/{role_id}", .refused) { scene, _ in
            Deed("\(scene.path)/roles/\(scene.role)")
        },
        Attempt("PUT /channels/{channel_id}/overwrites/{subject_id}", .refused) { scene, _ in
            Deed("\(scene.general)/overwrites/\(scene.role)", ["type": "role", "deny": ["messages.send"]])
        },
        Attempt("DELETE /channels/{channel_id}/overwrites/{subject_id}", .refused) { scene, _ in
            Deed("\(scene.general)/overwrites/\(scene.role)")
        },
        Attempt("PUT /servers/{server_id}/bans/{user_id}", .refused) { scene, _ in
            Deed("\(scene.path)/bans/\(scene.dave.id)", [:])
        },
        Attempt("DELETE /servers/{server_id}/bans/{user_id}", .refused) { scene, _ in
            Deed("\(scene.path)/bans/\(scene.dave.id)")
        },
        Attempt("POST /servers/{server_id}/channels", .refused) { scene, _ in
            Deed("\(scene.path)/channels", ["name": "new"])
        },
        Attempt("PATCH /servers/{server_id}/channels", .refused) { scene, _ in
            Deed("\(scene.path)/channels", [["id": .string(scene.nest.general), "position": 0]])
        },
        Attempt("PATCH /channels/{channel_id}", .refused) { scene, _ in Deed(scene.general, ["topic": "mine"]) },
        Attempt("DELETE /channels/{channel_id}", .refused) { scene, _ in Deed(scene.general) },
        Attempt("POST /channels/{channel_id}/invites", .refused) { scene, _ in Deed("\(scene.general)/invites", [:]) },
        Attempt("POST /channels/{channel_id}/messages", .refused) { scene, _ in
            Deed(messages(scene), ["content": "words"])
        },
        Attempt("PATCH /channels/{channel_id}/messages/{message_id}", .refused) { _, things in
            Deed(things.message, ["content": "other words"])
        },
        Attempt("DELETE /channels/{channel_id}/messages/{message_id}", .refused) { _, things in Deed(things.others) },
        Attempt("POST /channels/{channel_id}/messages/bulk-delete", .refused) { scene, things in
            Deed("\(messages(scene))/bulk-delete", ["message_ids": ["1", "2"]])
        },
        Attempt("PUT /channels/{channel_id}/messages/{message_id}/reactions/{emoji}", .refused) { _, things in
            Deed("\(things.others)/reactions/\(StockedServer.thumb)")
        },
        Attempt("DELETE /channels/{channel_id}/messages/{message_id}/reactions", .refused) { _, things in
            Deed("\(things.others)/reactions")
        },
        Attempt("DELETE /channels/{channel_id}/messages/{message_id}/reactions/{emoji}/{user_id}", .refused) {
            scene, things in Deed("\(things.others)/reactions/\(StockedServer.thumb)/\(scene.dave.id)")
        },
        Attempt("PUT /channels/{channel_id}/pins/{message_id}", .refused) { _, things in
            Deed(things.message.replacing("/messages/", with: "/pins/"))
        },
        Attempt("DELETE /channels/{channel_id}/pins/{message_id}", .refused) { _, things in
            Deed(things.message.replacing("/messages/", with: "/pins/"))
        },
        Attempt("POST /channels/{channel_id}/typing", .refused) { scene, _ in Deed("\(scene.general)/typing") },
        Attempt("POST /channels/{channel_id}/attachments", .refused) { scene, _ in
            .picture("\(scene.general)/attachments", field: "file")
        },
        Attempt("POST /channels/{channel_id}/voice-messages", .refused) { scene, _ in
            .picture("\(scene.general)/voice-messages", field: "audio")
        },
        Attempt("POST /media/upload/session", .refused) { scene, _ in
            Deed(
                "/media/upload/session",
                ["filename": "a.png", "total_size": 3, "channel_id": .string(scene.nest.general)])
        },
        Attempt("POST /channels/{channel_id}/scheduled-messages", .refused) { scene, _ in
            Deed(
                "\(scene.general)/scheduled-messages",
                ["content": "later", "send_at": .integer(scene.server.clock.now().seconds + 60)])
        },
        Attempt("POST /channels/{channel_id}/threads", .refused) { scene, _ in
            Deed("\(scene.general)/threads", ["name": "new"])
        },
        Attempt("PATCH /threads/{channel_id}", .refused) { _, things in
            Deed("/threads/\(things.thread)", ["archived": true])
        },
        Attempt("PATCH /threads/{channel_id}", .refused) { scene, things in
            Deed("/threads/\(things.thread)", ["add_members": [.string(scene.dave.id)]])
        },
        Attempt("PATCH /threads/{channel_id}", .refused) { scene, things in
            Deed("/threads/\(things.thread)", ["remove_members": [.string(scene.bob.id)]])
        },
        Attempt("PATCH /threads/{channel_id}", .refused) { scene, things in
            Deed("/threads/\(things.thread)", ["add_members": [.string(scene.carol.id)]])
        },
        Attempt("PUT /threads/{channel_id}/members/@me", .refused) { _, things in
            Deed("/threads/\(things.othersThread)/members/@me")
        },
        Attempt("PUT /threads/{channel_id}/members/{user_id}", .refused) { scene, things in
            Deed("/threads/\(things.thread)/members/\(scene.dave.id)")
        },
        Attempt("DELETE /threads/{channel_id}/members/{user_id}", .refused) { scene, things in
            Deed("/threads/\(things.thread)/members/\(scene.bob.id)")
        },
        Attempt("DELETE /threads/{channel_id}", .refused) { _, things in Deed("/threads/\(things.thread)") },
        Attempt("DELETE /threads/{channel_id}", .refused) { _, things in Deed("/threads/\(things.busyThread)") },
        Attempt("POST /polls", .refused) { scene, _ in
            Deed(
                "/polls",
                [
                    "channel_id": .string(scene.nest.general), "question": "Why?", "options": ["a", "b"],
                    "duration_hours": 1,
                ])
        },
        Attempt("POST /polls/{poll_id}/vote", .refused) { _, things in Deed("\(things.poll)/vote", ["options": [0]]) },
        Attempt("POST /polls/{poll_id}/close", .refused) { _, things in Deed("\(things.poll)/close") },
        Attempt("DELETE /polls/{poll_id}", .refused) { _, things in Deed(things.poll) },
        Attempt("POST /servers/{server_id}/emojis", .refused) { scene, _ in
            .picture("\(scene.path)/emojis", field: "image", ["name": "party"])
        },
        Attempt("POST /servers/{server_id}/stickers", .refused) { scene, _ in
            .picture("\(scene.path)/stickers", field: "image", ["name": "wave"])
        },
        Attempt("PATCH /servers/{server_id}/stickers/{sticker_id}", .refused) { scene, _ in
            Deed("\(scene.path)/stickers/1", ["name": "jig"])
        },
        Attempt("DELETE /servers/{server_id}/stickers/{sticker_id}", .refused) { scene, _ in
            Deed("\(scene.path)/stickers/1")
        },
        Attempt("POST /servers/{server_id}/sounds", .refused) { scene, _ in
            .picture("\(scene.path)/sounds", field: "sound", ["name": "quack"])
        },
        Attempt("PATCH /servers/{server_id}/sounds/{sound_id}", .refused) { scene, _ in
            Deed("\(scene.path)/sounds/1", ["name": "honk"])
        },
        Attempt("DELETE /servers/{server_id}/sounds/{sound_id}", .refused) { scene, _ in
            Deed("\(scene.path)/sounds/1")
        },
        Attempt("POST /channels/{channel_id}/sounds/{sound_id}/play", .refused) { scene, _ in
            Deed("\(scene.general)/sounds/1/play")
        },
        Attempt("PUT /servers/{server_id}/welcome-screen", .refused) { scene, _ in
            Deed("\(scene.path)/welcome-screen", ["enabled": true])
        },
        Attempt("DELETE /servers/{server_id}/welcome-screen", .refused) { scene, _ in
            Deed("\(scene.path)/welcome-screen")
        },
        Attempt("PUT /servers/{server_id}/rules", .refused) { scene, _ in
            Deed("\(scene.path)/rules", ["enabled": false])
        },
        Attempt("PUT /servers/{server_id}/onboarding", .refused) { scene, _ in
            Deed("\(scene.path)/onboarding", ["enabled": false])
        },
        Attempt("PUT /servers/{server_id}/discovery", .refused) { scene, _ in
            Deed(
                "\(scene.path)/discovery",
                ["enabled": true, "summary": "A place for everybody", "category": "community"])
        },
        Attempt("POST /servers/{server_id}/bump", .refused) { scene, _ in Deed("\(scene.path)/bump") },
        Attempt("POST /servers/{server_id}/templates", .refused) { scene, _ in
            Deed("\(scene.path)/templates", ["name": "mine"])
        },
        Attempt("PUT /servers/{server_id}/templates/{code}", .refused) { scene, _ in
            Deed("\(scene.path)/templates/aaaaaaaaaaaa")
        },
        Attempt("PATCH /servers/{server_id}/templates/{code}", .refused) { scene, _ in
            Deed("\(scene.path)/templates/aaaaaaaaaaaa", ["name": "mine"])
        },
        Attempt("DELETE /servers/{server_id}/templates/{code}", .refused) { scene, _ in
            Deed("\(scene.path)/templates/aaaaaaaaaaaa")
        },
        Attempt("PATCH /servers/{server_id}/widget", .refused) { scene, _ in
            Deed("\(scene.path)/widget", ["enabled": true])
        },
        Attempt("PATCH /servers/{server_id}/emojis/{emoji_id}", .refused) { scene, things in
            Deed("\(scene.path)/emojis/\(things.emoji)", ["name": "jig"])
        },
        Attempt("DELETE /servers/{server_id}/emojis/{emoji_id}", .refused) { scene, things in
            Deed("\(scene.path)/emojis/\(things.emoji)")
        },
        Attempt("POST /servers/{server_id}/events", .refused) { scene, things in
            Deed(
                "\(scene.path)/events",
                [
                    "name": "x", "location": "y", "starts_at": .integer(things.plan.start),
                    "ends_at": .integer(things.plan.start + 60),
                ])
        },
        Attempt("PATCH /servers/{server_id}/events/{event_id}", .refused) { _, things in
            Deed(things.plan.path, ["name": "mine"])
        },
        Attempt("DELETE /servers/{server_id}/events/{event_id}", .refused) { _, things in Deed(things.plan.path) },
        Attempt("PUT /servers/{server_id}/events/{event_id}/occurrences/{starts_at}", .refused) { _, things in
            Deed("\(things.plan.path)/occurrences/\(things.plan.start)", ["cancelled": true])
        },
        Attempt("POST /servers/{server_id}/events/{event_id}/image", .refused) { _, things in
            .picture("\(things.plan.path)/image", field: "image")
        },
        Attempt("DELETE /servers/{server_id}/events/{event_id}/image", .refused) { _, things in
            Deed("\(things.plan.path)/image")
        },
        Attempt("PUT /servers/{server_id}/events/{event_id}/rsvp", .refused) { _, things in
            Deed("\(things.plan.path)/rsvp", ["status": "going"])
        },
        Attempt("POST /webhooks", .refused) { scene, _ in
            Deed("/webhooks", ["channel_id": .string(scene.nest.general), "name": "new"])
        },
        Attempt("PATCH /webhooks/{webhook_id}", .refused) { _, things in
            Deed("/webhooks/\(things.webhook["id"]?.string ?? "")", ["name": "line"])
        },
        Attempt("DELETE /webhooks/{webhook_id}", .refused) { _, things in
            Deed("/webhooks/\(things.webhook["id"]?.string ?? "")")
        },
        Attempt("POST /webhooks/{webhook_id}/regenerate-token", .refused) { _, things in
            Deed("/webhooks/\(things.webhook["id"]?.string ?? "")/regenerate-token")
        },
        Attempt("PUT /servers/{server_id}/bots/{application_id}", .refused) { scene, things in
            Deed("\(scene.path)/bots/\(things.bot.application)")
        },
        Attempt("POST /avatars/servers/{server_id}", .refused) { scene, _ in
            .picture("/avatars\(scene.path)", field: "file")
        },
        Attempt("DELETE /avatars/servers/{server_id}", .refused) { scene, _ in Deed("/avatars\(scene.path)") },
        Attempt("POST /servers/{server_id}/icon", .refused) { scene, _ in .picture("\(scene.path)/icon", field: "file")
        },
    ]

    /// In this order, since the last of them is the end of it.
    static let allowances: [Attempt] = [
        Attempt("POST /channels/{channel_id}/messages/ack", .allowed) { scene, _ in Deed("\(messages(scene))/ack") },
        Attempt("POST /channels/{channel_id}/messages/mark-unread", .allowed) { scene, things in
            Deed(
                "\(messages(scene))/mark-unread",
                ["message_id": .string(String(things.message.split(separator: "/").last ?? ""))])
        },
        Attempt("POST /channels/ack/bulk", .allowed) { scene, _ in
            Deed("/channels/ack/bulk", ["channels": [["channel_id": .string(scene.nest.general)]]])
        },
        Attempt("POST /servers/{server_id}/messages/read-all", .allowed) { scene, _ in
            Deed("\(scene.path)/messages/read-all")
        },
        Attempt("POST /channels/{channel_id}/messages/export", .allowed) { scene, _ in
            Deed("\(messages(scene))/export", ["format": "json"])
        },
        Attempt("DELETE /channels/{channel_id}/messages/{message_id}/reactions/{emoji}", .allowed) { _, things in
            Deed("\(things.message)/reactions/\(StockedServer.thumb)")
        },
        Attempt("DELETE /servers/{server_id}/events/{event_id}/rsvp", .allowed) { _, things in
            Deed("\(things.plan.path)/rsvp")
        },
        Attempt("DELETE /channels/{channel_id}/messages/{message_id}", .allowed) { _, things in Deed(things.message) },
        Attempt("DELETE /channels/{channel_id}/scheduled-messages/{scheduled_id}", .allowed) { scene, things in
            Deed("\(scene.general)/scheduled-messages/\(things.scheduled)")
        },
        Attempt("DELETE /channels/invites/{code}", .allowed) { _, things in Deed("/channels/invites/\(things.invite)")
        },
        Attempt("PATCH /threads/{channel_id}", .allowed) { scene, things in
            Deed("/threads/\(things.busyThread)", ["remove_members": [.string(scene.carol.id)]])
        },
        Attempt("DELETE /threads/{channel_id}/members/@me", .allowed) { _, things in
            Deed("/threads/\(things.thread)/members/@me")
        },
        Attempt("POST /servers/{server_id}/leave", .allowed) { scene, _ in Deed("\(scene.path)/leave") },
    ]

    @Test("for each route that can touch a server it is decided what a silenced member may do")
    func completeness() {
        let known = Set((Self.refusals + Self.allowances).map(\.route)).union(Self.elsewhere.keys)
        #expect(DeclaredRoutes.changingServers.subtracting(known).sorted() == [], "decide")
        #expect(known.subtracting(DeclaredRoutes.changingServers).sorted() == [], "they are gone")
    }

    @Test(
        "a silenced member speaks to nobody and acts on nobody, but takes back and leaves",
        arguments: DatabaseKind.allCases)
    func routes(kind: DatabaseKind) async throws {
        try await StockedServer.with(kind) { scene in
            try await scene.alice.gives(scene.powers, to: scene.carol, in: scene.nest)
            let things = try await Self.things(scene)
            _ = try await ModerationStateTests.silences(scene, scene.carol)
            for attempt in Self.refusals + Self.allowances {
                let deed = attempt.deed(scene, things)
                #expect(deed.belongs(to: attempt.route), "\(attempt.route)")
                let reply = try await scene.carol.does(deed, at: attempt.route)
                switch attempt.answer {
                case .refused: #expect(reply.outcome == "403 Permission denied", "\(attempt.route) \(deed)")
                case .allowed: #expect((200..<300).contains(reply.status), "\(attempt.route): \(reply.text)")
                }
            }
            #expect(try await scene.alice.does(.GET, "/threads/\(things.thread)")["name"] == "beside")
        }
    }

    @Test(
        "a member who has not agreed to the rules may do no more than a silenced one", arguments: DatabaseKind.allCases)
    func pending(kind: DatabaseKind) async throws {
        try await StockedServer.with(kind) { scene in
            try await scene.alice.gives(scene.powers, to: scene.carol, in: scene.nest)
            let things = try await Self.things(scene)
            try await scene.alice.does(
                .PUT, "\(scene.path)/rules", ["enabled": true, "rules": ["Be kind"], "reaccept": true])
            for attempt in Self.refusals + Self.allowances {
                let reply = try await scene.carol.does(attempt.deed(scene, things), at: attempt.route)
                switch attempt.answer {
                case .refused: #expect(reply.outcome == "403 Permission denied", "\(attempt.route)")
                case .allowed: #expect((200..<300).contains(reply.status), "\(attempt.route): \(reply.text)")
                }
            }
        }
    }

    @Test("a silenced member reads, and reports what others do", arguments: DatabaseKind.allCases)
    func reading(kind: DatabaseKind) async throws {
        try await StockedServer.with(kind) { scene in
            let carol = scene.carol
            let message = try await scene.alice.says("listen", in: scene.nest.general).text("id")
            _ = try await ModerationStateTests.silences(scene, carol)
            #expect(try await carol.reads(scene.nest.general) == ["listen"])
            #expect(try await carol.outcome(.GET, "\(scene.path)/members") == "200")
            let report: JSON = [
                "channel_id": .string(scene.nest.general), "message_id": .string(message), "reason": "rude",
                "category": "harassment",
            ]
            let reply = try await carol.send(.POST, "/reports/messages", report)
            #expect((200..<300).contains(reply.status), "\(reply.text)")
        }
    }

    @Test("without a timeout all of that is open to the same person", arguments: DatabaseKind.allCases)
    func contrast(kind: DatabaseKind) async throws {
        try await StockedServer.with(kind) { scene in
            try await scene.alice.gives(scene.powers, to: scene.carol, in: scene.nest)
            let poll = try await scene.poll(of: scene.carol)
            #expect(try await scene.carol.outcome(.POST, "\(poll)/vote", ["options": [0]]) == "200")
            #expect(try await scene.carol.outcome(.POST, "\(poll)/close") == "200")
            #expect(try await scene.carol.outcome(.DELETE, poll) == "200")
            let thread = try await scene.thread(of: scene.carol)
            #expect(try await scene.carol.outcome(.DELETE, "/threads/\(thread)") == "200")
        }
    }

    @Test("who opened a thread deletes it while nobody else has written there", arguments: DatabaseKind.allCases)
    func threads(kind: DatabaseKind) async throws {
        try await StockedServer.with(kind) { scene in
            let carol = scene.carol
            let own = try await scene.thread(of: carol)
            try await carol.says("mine", in: own)
            #expect(try await carol.outcome(.DELETE, "/threads/\(own)") == "200")
            let shared = try await scene.thread(of: carol)
            let words = try await scene.dave.says("theirs", in: shared).text("id")
            #expect(try await carol.outcome(.DELETE, "/threads/\(shared)") == "403 Permission denied")
            #expect(try await carol.reads(shared) == ["theirs"])
            try await scene.dave.does(.DELETE, "/channels/\(shared)/messages/\(words)")
            #expect(try await carol.outcome(.DELETE, "/threads/\(shared)") == "200")
            let moderated = try await scene.thread(of: carol)
            try await scene.dave.says("theirs", in: moderated)
            #expect(try await scene.bob.outcome(.DELETE, "/threads/\(moderated)") == "200")
        }
    }

    private static func things(_ scene: StockedServer) async throws -> Things {
        let carol = scene.carol
        let (message, others) = (try await scene.message(of: carol), try await scene.message(of: scene.dave))
        for path in [message, others] {
            try await scene.dave.does(.PUT, "\(path)/reactions/\(StockedServer.thumb)")
            try await carol.does(.PUT, "\(path)/reactions/\(StockedServer.thumb)")
        }
        let busyThread = try await scene.thread(of: carol)
        try await scene.dave.says("here, too", in: busyThread)
        let scheduled = try await carol.does(
            .POST, "\(scene.general)/scheduled-messages",
            ["content": "later", "send_at": .integer(scene.server.clock.now().seconds + 3000)])
        let plan = try await carol.plans(in: scene.nest, ["recurrence": ["frequency": "daily"]])
        try await carol.answers(plan)
        return Things(
            message: message, others: others, poll: try await scene.poll(of: carol),
            thread: try await scene.thread(of: carol), busyThread: busyThread,
            othersThread: try await scene.thread(of: scene.dave),
            invite: try await carol.invites(to: scene.nest), webhook: try await scene.webhook(of: carol),
            scheduled: try scheduled.text("id"), emoji: try await EmojiTests.add("dance", to: scene.nest, scene.server),
            bot: try await carol.makesBot(), plan: plan)
    }
}
