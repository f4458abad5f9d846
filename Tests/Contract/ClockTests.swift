import Client
import Database
import Kernel
import NIOCore
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@testable import Chat

/// A machine whose clock is set while the server runs, or before it starts.
@Suite("A clock that is set")
struct ClockTests {
    static let day: Int64 = 86_400

    /// A server on a clock that can be set, with everything that ends some time.
    struct Scene: Sendable {
        let server: TestServer
        let monotonic: ManualMonotonicClock
        let alice: Person
        let bob: Person
        let carol: Person
        let nest: Community
        let invite: String
        let poll: String
        let upload: String
        let scheduled: Int64
        let absence: Absence

        init(_ server: TestServer, _ monotonic: ManualMonotonicClock) async throws {
            self.server = server
            self.monotonic = monotonic
            alice = try await server.person("alice")
            bob = try await server.person("bob")
            carol = try await server.person("carol")
            nest = try await alice.foundsServer()
            try await bob.joins(nest)
            let now = server.time.now().seconds
            let hour: JSON = .integer(now + 3600)
            try await alice.does(
                .PATCH, "/servers/\(nest.id)/members/\(bob.id)", ["timeout_until": hour])
            try await alice.does(.PUT, "/servers/\(nest.id)/bans/\(carol.id)", ["expires_at": hour])
            invite = try await alice.does(
                .POST, "/channels/\(nest.general)/invites", ["max_age": 3600]
            ).text("code")
            poll =
                try await alice.does(
                    .POST, "/polls",
                    [
                        "channel_id": .string(nest.general), "question": "now?", "options": ["yes", "no"],
                        "duration_hours": 1,
                    ]
                )["id"]?.string ?? ""
            upload = try await alice.does(
                .POST, "/media/upload/session",
                ["filename": "a.txt", "total_size": 5, "channel_id": .string(nest.general)]
            ).text("id")
            scheduled = now + 3600
            try await alice.does(
                .POST, "/channels/\(nest.general)/scheduled-messages",
                ["content": "later", "send_at": .integer(scheduled)])
            try await alice.does(
                .PUT, "/users/@me/presence",
                ["status": "online", "custom_status": "lunch", "expires_at": hour])
            try await alice.says("once", in: nest.general, nonce: "n")
            absence = try await alice.goesAway()
            try await alice.says("missed", in: nest.general)
        }

        /// Time goes by on all clocks.
        func passes(_ duration: Duration) {
            server.clock.advance(by: duration)
            monotonic.advance(by: duration)
        }

        /// Somebody sets the machine's clock, and the server sees it.
        func sets(by seconds: Int64) async throws {
            server.clock.advance(by: .seconds(seconds))
            _ = try await server.send(.GET, "/status")
        }

        /// What has ended and what has not, each under its name.
        func ended() async throws -> [String: Bool] {
            try await server.keepsUp()
            try await server.doesDueWork()
            let messages = try await alice.send(.GET, "/channels/\(nest.general)/messages")
            guard messages.status == 200 else { return ["login": true] }
            let again = try await alice.says("once", in: nest.general, nonce: "n")
            let count = try await alice.does(.GET, "/channels/\(nest.general)/messages?limit=100")
                .column("content").filter { $0 == "once" }.count
            _ = again
            return [
                "login": false,
                "timeout": try await bob.outcome(.POST, "/channels/\(nest.general)/messages", ["content": "hi"])
                    .hasPrefix("201"),
                "ban": try await alice.does(.GET, "/servers/\(nest.id)/bans").count == 0,
                "invite": try await !alice.outcome(.GET, "/channels/invites/\(invite)").hasPrefix("200"),
                "poll": try await alice.does(.GET, "/polls/\(poll)")["closed_at"] != .null,
                "upload": try await !alice.does(.GET, "/media/upload/sessions").column("id").contains(upload),
                "schedule": messages.json.column("content").contains("later"),
                "status": try await alice.does(.GET, "/users/\(alice.id)/presence")["custom_status"] == .null,
                "nonce": count > 1,
                "log": try await isLogGone(),
            ]
        }

        private func isLogGone() async throws -> Bool {
            let listener = try await alice.asksToReturn(from: absence)
            while true {
                let frame = try await listener.socket.next(timeout: .seconds(60))
                if frame["op"] == 9 { return true }
                if frame["t"] == "RESUMED" { return false }
            }
        }
    }

    static func with(
        _ kind: DatabaseKind, ahead_s: Int64 = 0, _ body: @escaping @Sendable (Scene) async throws -> Void
    ) async throws {
        try await TestDatabase.withPlace(kind) { place in
            let monotonic = ManualMonotonicClock()
            let clock = ManualClock(SystemClock().now() + .seconds(ahead_s))
            try await TestServer.with(
                databaseURL: kind == .sqlite ? "sqlite:\(place.address)" : place.address, clock: clock,
                monotonic: monotonic
            ) { server in try await body(try await Scene(server, monotonic)) }
        }
    }

    @Test("a clock that is ahead for some minutes ends nothing", arguments: DatabaseKind.allCases)
    func ahead(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            try await scene.sets(by: 30 * Self.day)
            scene.passes(.seconds(300))
            let nothing = try await scene.ended()
            #expect(nothing.filter(\.value).isEmpty, "\(nothing)")
            try await scene.sets(by: -30 * Self.day)
            scene.passes(.seconds(600))
            let after = try await scene.ended()
            #expect(after.filter(\.value).isEmpty, "\(after)")
        }
    }

    @Test(
        "a clock that stays where it was set is followed after ten minutes, which is told",
        arguments: DatabaseKind.allCases)
    func followed(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let root = try await scene.server.administrator()
            #expect(try await root.does(.GET, "/admin/stats")["clock_step"] == .null)
            try await scene.sets(by: Self.day)
            let step = try await root.does(.GET, "/admin/stats")["clock_step"]
            #expect(step?["seconds"] == .integer(Self.day))
            #expect(step?["followed_at"] == .integer(scene.server.clock.now().seconds + 600))
            scene.passes(.seconds(601))
            #expect(try await root.does(.GET, "/admin/stats")["clock_step"] == .null)
            let ended = try await scene.ended()
            // A week's login is still good after a day; everything else was for a day at most.
            let left = ended.filter { !$0.value }.map(\.key).sorted()
            #expect(left == ["login"], "\(ended)")
        }
    }

    @Test("what began while the clock was ahead lasts no longer than its time", arguments: DatabaseKind.allCases)
    func restamped(kind: DatabaseKind) async throws {
        try await Self.with(kind, ahead_s: 3 * Self.day) { scene in
            try await scene.sets(by: -3 * Self.day)
            // Nothing that is there is denied meanwhile.
            let message = try await scene.alice.says("still here", in: scene.nest.general).text("id")
            let ack = "/channels/\(scene.nest.general)/messages/ack?message_id=\(message)"
            #expect(try await scene.bob.outcome(.POST, ack).hasPrefix("200"))
            scene.passes(.seconds(601))
            #expect(try await scene.bob.outcome(.POST, ack).hasPrefix("200"))
            let now = scene.server.clock.now()
            try await eventually {
                try await scene.server.onDatabase { tx in
                    try !tx.exists("SELECT 1 FROM events WHERE created_at > $1", [now.milliseconds + 10_000])
                        && !tx.exists("SELECT 1 FROM slowmode_marks WHERE sent_at > $1", [now.milliseconds + 10_000])
                        && !tx.exists("SELECT 1 FROM presences WHERE last_seen > $1", [now.milliseconds + 10_000])
                }
            }
            let later = try await scene.alice.says("later still", in: scene.nest.general)
            #expect(later["created_at"] == .integer(scene.server.clock.now().seconds))
            let newest = "/channels/\(scene.nest.general)/messages/ack?message_id=\(try later.text("id"))"
            #expect(try await scene.bob.outcome(.POST, newest).hasPrefix("200"))
            #expect(
                try await scene.bob.does(.GET, "/channels/\(scene.nest.general)/messages/unread")["unread_count"] == 0)

            scene.passes(.seconds(3601))
            let hour = try await scene.ended()
            for name in ["invite", "poll"] { #expect(hour[name] == true, "\(name) after an hour") }
            for name in ["login", "nonce", "log"] { #expect(hour[name] == false, "\(name) after an hour") }
            scene.passes(.seconds(Self.day + 1))
            let day = try await scene.ended()
            for name in ["upload", "nonce", "log"] { #expect(day[name] == true, "\(name) after a day") }
            scene.passes(.seconds(7 * Self.day + 1))
            // Expired, or removed by the upkeep already.
            #expect(try await scene.bob.outcome(.GET, "/users/@me").hasPrefix("401"))
        }
    }

    @Test("what happens to the machine's clock is in the log", arguments: DatabaseKind.allCases)
    func told(kind: DatabaseKind) async throws {
        let log = ReadableLog()
        try await TestDatabase.withPlace(kind) { place in
            let monotonic = ManualMonotonicClock()
            let url = kind == .sqlite ? "sqlite:\(place.address)" : place.address
            try await TestServer.with(databaseURL: url, monotonic: monotonic, logger: log.logger) { server in
                @Sendable func sets(by seconds: Int64, then line: String) async throws {
                    server.clock.advance(by: .seconds(seconds))
                    _ = try await server.send(.GET, "/status")
                    try await eventually { log.text.contains(line) }
                }
                try await sets(
                    by: 3600,
                    then: #"the machine's clock was set; it will be followed if it stays so for ten minutes "#
                        + #"["by_seconds": 3600]"#)
                try await sets(by: -3600, then: "the machine's clock is what it was")
                try await sets(by: -7200, then: #"["by_seconds": -7200]"#)
                monotonic.advance(by: .seconds(601))
                try await sets(by: 601, then: #"following the machine's clock ["by_seconds": -7200]"#)
            }
        }
    }

    @Test("a pause between messages does not last until a wrong clock has come true", arguments: DatabaseKind.allCases)
    func slowMode(kind: DatabaseKind) async throws {
        try await Self.with(kind, ahead_s: 3 * Self.day) { scene in
            try await scene.alice.does(.PATCH, "/channels/\(scene.nest.general)", ["slowmode_seconds": 60])
            let dave = try await scene.server.person("dave")
            try await dave.joins(scene.nest)
            try await dave.says("first", in: scene.nest.general)
            try await scene.sets(by: -3 * Self.day)
            scene.passes(.seconds(601))
            _ = try await scene.server.send(.GET, "/status")
            try await eventually {
                let status = try await dave.send(
                    .POST, "/channels/\(scene.nest.general)/messages", ["content": "second"]
                ).status
                scene.passes(.seconds(30))
                return status == 201
            }
        }
    }

    @Test(
        "a server does not start in the past, and follows a clock that is right after ten minutes",
        arguments: DatabaseKind.allCases)
    func starts(kind: DatabaseKind) async throws {
        try await TestDatabase.withPlace(kind) { place in
            let url = kind == .sqlite ? "sqlite:\(place.address)" : place.address
            let now = SystemClock().now()
            let left = Shared<(alice: Person, nest: Community)?>(nil)
            try await TestServer.with(databaseURL: url, clock: ManualClock(now), monotonic: ManualMonotonicClock()) {
                server in
                let alice = try await server.person("alice")
                left.set((alice, try await alice.foundsServer()))
            }
            let (old, nest) = try #require(left.value)
            // The battery is dead: it is 2015.
            let monotonic = ManualMonotonicClock()
            let past = ManualClock(Timestamp(seconds: 1_420_000_000))
            try await TestServer.with(databaseURL: url, clock: past, monotonic: monotonic) { server in
                #expect(server.time.now() >= now - .seconds(1))
                let alice = Person(server: server, name: "alice", id: old.id, token: old.token)
                let message = try await alice.says("on time", in: nest.general)
                #expect(message["created_at"]?.integer ?? 0 >= now.seconds - 1)
                let ack = "/channels/\(nest.general)/messages/ack?message_id=\(try message.text("id"))"
                #expect(try await alice.outcome(.POST, ack).hasPrefix("200"))
            }
            // It was ahead, was put right and followed: the next start believes it at once.
            let ahead = ManualClock(now + .seconds(3 * Self.day))
            try await TestServer.with(databaseURL: url, clock: ahead, monotonic: monotonic) { server in
                let alice = Person(server: server, name: "alice", id: old.id, token: old.token)
                try await alice.says("too early", in: nest.general)
                ahead.set(now + .seconds(60))
                _ = try await server.send(.GET, "/status")
                monotonic.advance(by: .seconds(601))
                ahead.advance(by: .seconds(601))
                try await eventually {
                    try await server.onDatabase { tx in
                        try !tx.exists("SELECT 1 FROM presences WHERE last_seen > $1", [now.milliseconds + 700_000])
                            && !tx.exists("SELECT 1 FROM events WHERE created_at > $1", [now.milliseconds + 700_000])
                            && tx.exists("SELECT 1 FROM instance_settings WHERE key = 'clock_set_back_from'")
                    }
                }
            }
            let right = ManualClock(now + .seconds(700))
            try await TestServer.with(databaseURL: url, clock: right, monotonic: monotonic) { server in
                #expect(server.time.now() == right.now())
            }
        }
    }

    @Test(
        "letters, exports and files from before a clock was set back end in time, and what is held for a moment does not",
        arguments: DatabaseKind.allCases)
    func handedOut(kind: DatabaseKind) async throws {
        let mailbox = try await TestMailbox.open()
        defer { mailbox.close() }
        let mail = [
            "mail.smtp_url": "smtp+plain://127.0.0.1:\(mailbox.port)", "mail.from": "chat@example.org",
            "http.public_url": "https://chat.example.org",
        ]
        try await TestDatabase.withPlace(kind) { place in
            let monotonic = ManualMonotonicClock()
            let clock = ManualClock(SystemClock().now() + .seconds(3 * Self.day))
            @Sendable func passes(_ seconds: Int64) {
                clock.advance(by: .seconds(seconds))
                monotonic.advance(by: .seconds(seconds))
            }
            try await TestServer.with(
                databaseURL: kind == .sqlite ? "sqlite:\(place.address)" : place.address, clock: clock,
                monotonic: monotonic, mail
            ) { server in
                let alice = try await server.person("alice")
                let nest = try await alice.foundsServer()
                #expect(try await server.outcome(.POST, RecoveryTests.request, ["email": "alice@example.org"]) == "200")
                let token = try #require(try await RecoveryTests.letter(2, in: mailbox).token)
                let path = "/users/@me/data-export"
                let job = try await alice.does(.POST, path)
                _ = try await BackgroundTests.result(of: job, path, for: alice)
                let unused = try await alice.uploads(Array("unused".utf8), named: "a.txt", to: nest.general)
                let held = try await alice.uploads(Array("held".utf8), named: "b.txt", to: nest.general)
                let schedule = "/channels/\(nest.general)/scheduled-messages"
                try await alice.does(
                    .POST, schedule,
                    [
                        "content": "later", "attachments": [.string(try held.text("id"))],
                        "send_at": .integer(server.time.now().seconds + 3600),
                    ])
                clock.advance(by: .seconds(-3 * Self.day))
                _ = try await server.send(.GET, "/status")
                passes(601)
                // When the step has been followed, a scheduled message's time has not moved.
                try await eventually {
                    let ahead = clock.now().milliseconds + 10_000
                    return try await server.onDatabase { tx in
                        try !tx.exists("SELECT 1 FROM presences WHERE last_seen > $1", [ahead])
                            && !tx.exists("SELECT 1 FROM feedback WHERE created_at > $1", [ahead])
                            && !tx.exists("SELECT 1 FROM sessions WHERE created_at > $1", [ahead])
                            && !tx.exists("SELECT 1 FROM attachments WHERE created_at > $1", [ahead])
                    }
                }
                #expect(try await RecoveryTests.resets(server, token, to: "weak") == "400 Weak password")
                passes(Self.day + 1)
                try await server.keepsUp()
                #expect(try await RecoveryTests.resets(server, token, to: Person.newPassword) == "401 Expired token")
                #expect(
                    try await alice.outcome(
                        .POST, "/channels/\(nest.general)/messages",
                        ["attachments": [.string(try unused.text("id"))]]
                    ).hasPrefix("400"))
                #expect(try await alice.does(.GET, "\(path)/\(try job.text("id"))")["status"] == "done")
                passes(2 * Self.day + 3600)
                try await server.keepsUp()
                try await eventually {
                    try await alice.does(.GET, "/channels/\(nest.general)/messages").column("content") == ["later"]
                }
                let sent = try await alice.does(.GET, "/channels/\(nest.general)/messages")[0]
                #expect(sent?["attachments"]?.column("filename") == ["b.txt"])
                passes(4 * Self.day)
                try await server.keepsUp()
                #expect(try await server.onDatabase { tx in try !tx.exists("SELECT 1 FROM jobs") })
            }
        }
    }

    /// Moments that stay what they are when the clock is set back: when something was, from which nothing follows, and what
    /// people named themselves.
    private static let staying: Set<String> = [
        "admin_log.created_at", "applications.created_at", "audit_log.created_at", "bans.created_at", "bans.expires_at",
        "blocks.created_at", "blocks.expires_at", "bookmarks.created_at", "bot_tokens.created_at",
        "channels.created_at", "channels.deleted_at", "emojis.created_at", "stickers.created_at", "sounds.created_at",
        "external_identities.created_at",
        "event_answers.created_at", "event_notices.due_at", "event_occurrences.ends_at",
        "event_occurrences.starts_at", "notifications.event_starts_at", "scheduled_events.created_at",
        "scheduled_events.due_at", "scheduled_events.ends_at", "scheduled_events.next_starts_at",
        "scheduled_events.starts_at",
        "event_log_state.epoch_began_at", "feedback.resolved_at", "feedback.updated_at", "jobs.created_at",
        "message_edits.replaced_at", "messages.created_at", "messages.edited_at", "messages.pinned_at",
        "outbox.created_at",
        "moderation_states.until", "notification_mails.planned_at", "notifications.created_at", "notifications.ends_at",
        "participants.joined_at",
        "passkeys.created_at",
        "passkeys.last_used_at", "polls.closed_at", "presences.expires_at", "push_tokens.created_at",
        "reaction_counts.first_at", "reactions.reacted_at",
        "receipt_times.read_at", "keyword_marks.told_at", "recent_chats.accessed_at",
        "reminders.created_at", "reminders.remind_at", "reports.created_at", "reports.handled_at",
        "scheduled_messages.created_at", "scheduled_messages.send_at",
        "schema_migrations.applied_at", "security_log.created_at",
        "servers.created_at", "servers.deleted_at", "templates.created_at", "templates.updated_at",
        "thread_members.joined_at", "threads.archived_at", "threads.last_message_at", "ticket_notes.created_at",
        "two_factor.created_at",
        "user_settings.updated_at", "users.age_verified_at", "users.created_at", "users.deleted_at", "users.locked_at",
        "voice_states.joined_at", "webhooks.created_at",
    ]

    @Test("every moment that is stored is put right or is known to stay")
    func allMoments() async throws {
        try await TestServer.with(.sqlite) { server in
            let stored = try await server.onDatabase { tx in
                try tx.all(
                    """
                    SELECT m.name || '.' || c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
                    WHERE m.type = 'table' AND m.name NOT LIKE 'search%' AND (SUBSTR(c.name, -3) = '_at'
                        OR c.name IN ('until', 'last_activity', 'last_seen', 'last_step'))
                    """
                ) { $0.text(0) }
            }
            let known = RestampingStore.columns.union(Self.staying)
            #expect(Set(stored).subtracting(known).sorted() == [])
            #expect(known.subtracting(stored).sorted() == [], "there are no such columns")
            #expect(RestampingStore.columns.intersection(Self.staying).sorted() == [])
        }
    }
}
