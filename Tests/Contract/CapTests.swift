import Client
import Database
import Foundation
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@testable import Chat
@testable import Community
@testable import Features

/// Every cap that the documentation tells: what is told is what happens, and at it everything else goes on.
@Suite("Caps")
struct CapTests {
    @Test("a cap is filled, nothing goes beyond it, and life goes on", arguments: DatabaseKind.allCases, Instance.caps)
    func brim(kind: DatabaseKind, cap: Cap) async throws {
        let fill = try #require(Self.fillings[cap.description], "nothing fills \(cap.description)")
        try await TestServer.with(kind) { server in
            let brim = try await Brim(cap, server)
            try await fill(brim)
            try await brim.bob.goesOn(in: brim.nest)
            // Of the oldest logins, hers has gone.
            if cap.things != "logins" { try await brim.alice.goesOn(in: brim.nest) }
        }
    }

    @Test("nothing is filled that is no cap")
    func stale() {
        #expect(Set(Self.fillings.keys) == Set(Instance.caps.map(\.description)))
    }

    private typealias Filling = @Sendable (Brim) async throws -> Void

    private static var fillings: [String: Filling] {
        [account, waiting, furniture, places, messages].reduce(into: [:]) { all, some in
            all.merge(some) { one, _ in one }
        }
    }

    // MARK: What a person has

    private static let account: [String: Filling] = [
        "logins of a person": { brim in
            for _ in 0..<brim.cap.maximum {
                brim.server.clock.advance(by: .seconds(61))
                _ = try await brim.alice.onAnotherDevice()
            }
            #expect(try await brim.alice.outcome(.GET, "/users/@me") == "401 Invalid token")
            let device = try await brim.alice.onAnotherDevice()
            #expect(try await device.does(.GET, "/auth/sessions").count == brim.cap.maximum)
        },
        "servers joined of a person": { brim in
            for number in 2..<brim.cap.maximum { _ = try await brim.alice.foundsServer("Nest \(number)") }
            try await brim.ends(.POST, "/servers") { ["name": .string("last \($0)")] }
            let elsewhere = try await brim.bob.foundsServer()
            let code = try await brim.bob.invites(to: elsewhere)
            try brim.refuses(try await brim.alice.send(.POST, "/channels/invites/\(code)"))
        },
        "passkeys of a person": { brim in
            for _ in 0..<brim.cap.maximum {
                #expect(try await brim.alice.registers(SoftPasskey()).status == 201)
            }
            let proof: JSON = ["password": .string(Person.password)]
            try brim.refuses(try await brim.alice.send(.POST, "/auth/passkeys/options/register", proof))
        },
        "applications of a person": { brim in
            for number in 1..<brim.cap.maximum {
                try await brim.alice.does(.POST, "/applications", ["name": .string("app \(number)")])
            }
            try await brim.ends(.POST, "/applications") { ["name": .string("last \($0)")] }
        },
        "settings of a person": { brim in
            let large = JSON.string(String(repeating: "x", count: 10_000))
            for number in 1..<brim.cap.maximum {
                try await brim.alice.does(.PUT, "/settings/key\(number)", ["value": large])
            }
            try await brim.ends { try await brim.alice.send(.PUT, "/settings/last\($0)", ["value": large]) }
            try await brim.alice.does(.PUT, "/settings/key1", ["value": "changed"])
        },
        "push devices of a person": { brim in
            for number in 0...brim.cap.maximum {
                let browser = try await PushTests.ask("/subscribe")
                try await brim.alice.does(
                    .POST, PushTests.tokens,
                    [
                        "token": .string("https://push.example.org/\(number)"), "platform": "web",
                        "keys": browser["keys"] ?? .null,
                    ])
            }
            let ends = try await brim.alice.does(.GET, PushTests.tokens).column("token")
            #expect(ends.count == brim.cap.maximum && ends[0].hasSuffix("/1"))
        },
        "servers with notification settings of a person": { brim in
            let elsewhere = try await brim.alice.foundsServer("Another nest")
            try await brim.server.fill(
                brim.cap.maximum - 1,
                "INSERT INTO server_notification_settings (user_id, server_id, level) VALUES ($2, $1, 'none')",
                [brim.user])
            try await brim.ends(
                .PUT, { "/users/@me/notification-settings/servers/\($0 == 1 ? brim.nest.id : elsewhere.id)" },
                { _ in ["level": "all"] })
        },
        "channels with notification settings of a person": { brim in
            let other = try await brim.alice.opensChannel("other", in: brim.nest)
            try await brim.server.fill(
                brim.cap.maximum - 1,
                "INSERT INTO channel_notification_settings (user_id, channel_id, level) VALUES ($2, $1, 'none')",
                [brim.user])
            try await brim.ends(
                .PUT, { "/users/@me/notification-settings/channels/\($0 == 1 ? brim.nest.general : other)" },
                { _ in ["level": "all"] })
        },
        "servers whose members are said to be contacts or not of a person": { brim in
            try await brim.server.fill(
                brim.cap.maximum - 1,
                "INSERT INTO server_contacts (user_id, server_id, are_contacts) VALUES ($2, $1, FALSE)", [brim.user])
            let second = try await brim.alice.foundsServer("Second")
            try await brim.ends(.PATCH, "/users/@me/messaging-settings") { number in
                ["server_dms": .object([number == 1 ? brim.nest.id : second.id: false])]
            }
        },
        "entries of one kind in the security log of a person": { brim in
            try await brim.server.fill(
                brim.cap.maximum,
                """
                INSERT INTO security_log (id, user_id, action, severity, count, details, created_at, is_unmailed)
                VALUES ($1, $2, 'login', 'info', 1, '{}', 1, FALSE)
                """, [brim.user])
            let device = try await brim.alice.onAnotherDevice()
            let newest = try await device.does(.GET, "/users/@me/security-log?limit=1")[0]
            #expect(newest?["action"] == "login" && newest?["created_at"] != 0)
            let kept = try await brim.count("security_log", where: "user_id", is: brim.user)
            #expect(kept == brim.cap.maximum + 1, "the registration stands beside them")
        },
        "notes on one ticket of a person": { brim in
            let ticket = try await brim.alice.does(.POST, "/feedback", ["content": "It rains"]).text("id")
            for number in 1..<brim.cap.maximum {
                try await brim.alice.does(.POST, "/feedback/\(ticket)/notes", ["content": .string("note \(number)")])
            }
            try await brim.ends(.POST, "/feedback/\(ticket)/notes") { ["content": .string("last \($0)")] }
        },
        "recent chats of a person": { brim in
            try await brim.server.fill(
                brim.cap.maximum,
                "INSERT INTO recent_chats (user_id, channel_id, scroll_position, accessed_at) VALUES ($2, $1, 0, 1)",
                [brim.user])
            try await brim.alice.does(.PUT, "/users/@me/last-chat", ["channel_id": .string(brim.nest.general)])
            #expect(try await brim.count("recent_chats", where: "user_id", is: brim.user) == brim.cap.maximum)
            let newest = try await brim.alice.does(.GET, "/users/@me/last-chat")["last_chat"]
            #expect(newest?["channel_id"] == .string(brim.nest.general))
        },
        "open reminders of a person": { brim in
            let soon = JSON.integer(brim.server.clock.now().seconds + 3600)
            for number in 1..<brim.cap.maximum {
                try await brim.alice.does(
                    .POST, "/users/@me/reminders", ["note": .string("\(number)"), "remind_at": soon])
            }
            try await brim.ends(.POST, "/users/@me/reminders") { ["note": .string("last \($0)"), "remind_at": soon] }
        },
        "keywords of a person": { brim in
            try await brim.ends(.PUT, "/users/@me/keyword-alerts") { number in
                ["keywords": .array((0..<brim.cap.maximum + number - 1).map { .string("word \($0)") })]
            }
        },
        "times of reading in a channel of a person": { brim in
            try await brim.alice.does(.PATCH, "/channels/\(brim.nest.general)", ["read_receipts": true])
            let channel = try brim.general
            try await brim.server.fill(
                brim.cap.maximum,
                """
                INSERT INTO receipt_times (through_id, user_id, channel_id, after_id, read_at) VALUES ($1, $2, $3, 0, $4)
                """, [try brim.user, channel, brim.server.clock.now()])
            let message = try await brim.says(1)[0]
            try await brim.alice.does(.POST, "/channels/\(brim.nest.general)/messages/ack?message_id=\(message)")
            #expect(try await brim.count("receipt_times", where: "channel_id", is: channel) == brim.cap.maximum)
        },
        "friends of a person": { brim in
            let others = try await brim.known("friend")
            for other in others { try await other.does(.POST, "/relationships", ["user_id": .string(brim.alice.id)]) }
            try await brim.ends(.PUT, { "/relationships/\(others[$0 - 1].id)/accept" })
        },
        "open friend requests of a person": { brim in
            let others = try await brim.known("pending_incoming")
            try await brim.ends(.POST, "/relationships") { ["user_id": .string(others[$0 - 1].id)] }
            try brim.refuses(
                try await others[1].send(.POST, "/relationships", ["user_id": .string(brim.alice.id)]))
        },
        "blocked people of a person": { brim in
            let others = try await brim.known("blocked")
            try await brim.ends(.POST, "/relationships/block") { ["user_id": .string(others[$0 - 1].id)] }
        },
        "notes about others of a person": { brim in
            try await brim.server.fill(
                brim.cap.maximum - 1, "INSERT INTO user_notes (about_id, user_id, note) VALUES ($1, $2, 'x')",
                [brim.user])
            let others = [brim.bob, try await brim.server.person("carol")]
            try await brim.ends(.PUT, { "/users/\(others[$0 - 1].id)/note" }) { _ in ["note": "one more"] }
            let last = "/users/\(others[1].id)/note"
            #expect(try await brim.alice.outcome(.PUT, last, ["note": ""]) == "200", "none is none too many")
            try await brim.alice.does(.PUT, "/users/\(brim.bob.id)/note", ["note": "changed"])
            try await brim.alice.does(.PUT, "/users/\(brim.bob.id)/note", ["note": ""])
            try await brim.alice.does(.PUT, last, ["note": "room again"])
        },
        "bookmarks of a person": { brim in
            try await brim.server.fill(
                brim.cap.maximum - 1,
                "INSERT INTO bookmarks (message_id, user_id, channel_id, created_at) VALUES ($1, $2, $1, 1)",
                [brim.user])
            let messages = try await brim.says(2)
            try await brim.ends(.PUT, { "/users/@me/bookmarks/\(messages[$0 - 1])" })
        },
        "notifications of a person": { brim in
            try await brim.server.fill(
                brim.cap.maximum,
                "INSERT INTO notifications (id, owner_id, kind, user_id, is_read, created_at) VALUES ($1, $2, 'mention', $1, FALSE, 1)",
                [brim.user])
            try await brim.bob.says("hi <@\(brim.alice.id)>", in: brim.nest.general)
            let newest = try await brim.alice.does(.GET, "/users/@me/notifications?limit=1")[0]
            #expect(newest?["type"] == "mention" && newest?["read"] == false)
            #expect(try await brim.count("notifications", where: "owner_id", is: brim.user) == brim.cap.maximum)
        },
        "groups of a person": { brim in
            let carol = try await brim.server.person("carol")
            try await carol.joins(brim.nest)
            let pair: JSON = ["recipient_ids": [.string(brim.bob.id), .string(carol.id)]]
            for _ in 1..<brim.cap.maximum { try await brim.alice.does(.POST, "/users/@me/channels", pair) }
            try await brim.ends(.POST, "/users/@me/channels") { _ in pair }
        },
        "open conversations of a person": { brim in
            let open = { @Sendable (other: Person) async throws -> String in
                try await brim.alice.does(.POST, "/users/@me/channels", ["recipient_id": .string(other.id)]).text("id")
            }
            let first = try await open(brim.bob)
            try await brim.server.copies(
                brim.cap.maximum - 1, of: "channels", where: "id", is: try ChannelID(parsing: first),
                with: ["id": "CAST($1 AS BIGINT)"])
            try await brim.server.fill(
                brim.cap.maximum - 1,
                "INSERT INTO participants (channel_id, user_id, is_open, joined_at) VALUES ($1, $2, TRUE, 1)",
                [brim.user])
            let carol = try await brim.server.person("carol")
            try await carol.joins(brim.nest)
            let newest = try await open(carol)
            let listed = try await brim.alice.does(.GET, "/users/@me/channels").column("id")
            #expect(listed.count == brim.cap.maximum && listed.contains(first) && listed.contains(newest))
        },
        "open reports of a person": { brim in
            let report: JSON = ["user_id": .string(brim.bob.id), "reason": "again"]
            for _ in 1..<brim.cap.maximum { try await brim.alice.does(.POST, "/reports/users", report) }
            try await brim.ends(.POST, "/reports/users") { _ in report }
        },
    ]

    // MARK: What waits, and what it makes

    private static let waiting: [String: Filling] = [
        "uploads that are not complete of a person": { brim in
            let session: JSON = [
                "filename": "film.bin", "content_type": "video/mp4", "total_size": 1000,
                "channel_id": .string(brim.nest.general),
            ]
            for _ in 1..<brim.cap.maximum { try await brim.alice.does(.POST, "/media/upload/session", session) }
            try await brim.ends(.POST, "/media/upload/session") { _ in session }
        },
        "scheduled messages of a person": { brim in
            var places = [brim.nest.general]
            for number in 1...4 { places.append(try await brim.alice.opensChannel("c\(number)", in: brim.nest)) }
            let here = places
            for number in 1..<brim.cap.maximum { try await brim.schedules(in: here[number % 4]) }
            try await brim.ends(.POST, { _ in "/channels/\(here[4])/scheduled-messages" }) { _ in brim.later }
        },
        "scheduled messages of one person of a channel": { brim in
            for _ in 1..<brim.cap.maximum { try await brim.schedules(in: brim.nest.general) }
            try await brim.ends(.POST, "/channels/\(brim.nest.general)/scheduled-messages") { _ in brim.later }
        },
        "transcripts and exports in the making of a person": { brim in
            // What another process has begun is not done by this one.
            try await brim.jobs(brim.cap.maximum, .transcript, .running)
            let path = "/channels/\(brim.nest.general)/messages/export"
            try brim.refuses(try await brim.alice.send(.POST, path, ["format": "txt"]))
        },
        "transcripts kept of a person": { brim in
            try await brim.jobs(brim.cap.maximum, .transcript, .done)
            let path = "/channels/\(brim.nest.general)/messages/export"
            let job = try await brim.alice.does(.POST, path, ["format": "txt"])
            _ = try await BackgroundTests.result(of: job, path, for: brim.alice)
            #expect(try await brim.count("jobs", where: "owner_id", is: brim.user) == brim.cap.maximum)
        },
        "data exports kept of a person": { brim in
            try await brim.jobs(brim.cap.maximum, .dataExport, .done)
            let job = try await brim.alice.does(.POST, "/users/@me/data-export")
            _ = try await BackgroundTests.result(of: job, "/users/@me/data-export", for: brim.alice)
            #expect(try await brim.count("jobs", where: "owner_id", is: brim.user) == brim.cap.maximum)
        },
    ]

    // MARK: What a server has

    private static let furniture: [String: Filling] = [
        "channels of a server": { brim in
            let there = try await brim.alice.does(.GET, "/servers/\(brim.nest.id)/channels").count
            try await brim.server.copies(
                brim.cap.maximum - 1 - there, of: "channels", where: "id", is: brim.general,
                with: ["id": "CAST($1 AS BIGINT)"])
            try await brim.ends(.POST, "/servers/\(brim.nest.id)/channels") { ["name": .string("last \($0)")] }
        },
        "roles of a server": { brim in
            let role = try RoleID(parsing: try await brim.alice.makesRole("r", in: brim.nest))
            let there = try await brim.alice.does(.GET, "/servers/\(brim.nest.id)/roles").count
            try await brim.server.copies(
                brim.cap.maximum - 1 - there, of: "roles", where: "id", is: role, with: ["id": "CAST($1 AS BIGINT)"])
            try await brim.ends(.POST, "/servers/\(brim.nest.id)/roles") { ["name": .string("last \($0)")] }
        },
        "invites of a server": { brim in
            let code = try await brim.alice.invites(to: brim.nest)
            let there = try await brim.alice.does(.GET, "/servers/\(brim.nest.id)/invites").count
            try await brim.server.copies(
                brim.cap.maximum - 1 - there, of: "invites", where: "code", is: code,
                with: ["code": "'x' || CAST(CAST($1 AS BIGINT) AS TEXT)"])
            try await brim.ends(.POST, "/channels/\(brim.nest.general)/invites") { _ in nil }
        },
        "templates of a server": { brim in
            for number in 1..<brim.cap.maximum {
                try await brim.alice.does(
                    .POST, "/servers/\(brim.nest.id)/templates", ["name": .string("pattern \(number)")])
            }
            try await brim.ends(.POST, "/servers/\(brim.nest.id)/templates") { ["name": .string("last \($0)")] }
        },
        "questions to newcomers of a server": { brim in
            try await brim.ends(.PUT, "/servers/\(brim.nest.id)/onboarding") { number in
                let questions = (0..<(brim.cap.maximum + number - 1)).map {
                    JSON.object(["title": .string("why \($0)")])
                }
                return ["enabled": true, "questions": .array(questions)]
            }
        },
        "rules of a server": { brim in
            try await brim.ends(.PUT, "/servers/\(brim.nest.id)/rules") { number in
                let rules = (0..<(brim.cap.maximum + number - 1)).map { JSON.string("rule \($0)") }
                return ["enabled": false, "rules": .array(rules)]
            }
        },
        "channels on the welcome screen of a server": { brim in
            var channels: [JSON] = []
            for number in 0...brim.cap.maximum {
                let id = try await brim.alice.opensChannel("place \(number)", in: brim.nest)
                channels.append(["channel_id": .string(id)])
            }
            let all = channels
            try await brim.ends(.PUT, "/servers/\(brim.nest.id)/welcome-screen") { number in
                ["enabled": true, "channels": .array(Array(all.prefix(brim.cap.maximum + number - 1)))]
            }
        },
        "messages whose links are to be looked at of an instance": { brim in
            try await brim.server.fill(
                brim.cap.maximum + 3,
                "INSERT INTO preview_requests (message_id, created_at, due_at, attempts) VALUES ($1, $2, $3, 0)",
                [brim.server.clock.now(), brim.server.clock.now() + .seconds(86_400)])
            try await eventually { try await LinkPreviewTests.line(brim.server) == brim.cap.maximum }
            let newest = try await brim.server.onDatabase { tx in
                try tx.first("SELECT message_id FROM preview_requests ORDER BY message_id DESC LIMIT 1") { $0.int(0) }
            }
            #expect(newest == brim.cap.maximum)
        },
        "letters that wait for the mail server of an instance": { brim in
            try await brim.server.fill(
                brim.cap.maximum + 3,
                """
                INSERT INTO letters (id, kind, user_id, address, details, created_at, due_at, attempts)
                VALUES ($1, 'passkey_added', $2, 'alice@example.org', '{}', $3, $3, 0)
                """, [try brim.user, brim.server.clock.now()])
            try await eventually { try await LetterTests.line(brim.server) == brim.cap.maximum }
            let newest = try await brim.server.onDatabase { tx in
                try tx.first("SELECT id FROM letters ORDER BY id DESC LIMIT 1") { $0.int(0) }
            }
            #expect(newest == brim.cap.maximum)
        },
        "servers in the directory of an instance": { brim in
            try await brim.server.fill(
                brim.cap.maximum - 1,
                """
                INSERT INTO discovery (server_id, is_enabled, summary, tags, category, status, folded_name,
                    folded_summary, folding) VALUES ($1, TRUE, '', '', 'other', 'listed', '', '', 9)
                """)
            let other = try await brim.alice.foundsServer("Other")
            let listing: JSON = ["enabled": true, "summary": "A place for everybody", "category": "other"]
            try await brim.ends(.PUT, { "/servers/\($0 == 1 ? brim.nest.id : other.id)/discovery" }) { _ in listing }
        },
        "emoji of a server": { brim in
            for number in 1..<brim.cap.maximum {
                _ = try await EmojiTests.add("emoji\(number)", to: brim.nest, brim.server)
            }
            let picture = try await SampleFiles.bytes("drawing.png")
            try await brim.ends { number in
                try await brim.alice.sends(
                    picture, named: "e.png", to: "/servers/\(brim.nest.id)/emojis", field: "image",
                    ["name": "last\(number)"])
            }
            _ = try await EmojiTests.add("moving", to: brim.nest, animated: true, brim.server)
        },
        "stickers of a server": { brim in
            for number in 1..<brim.cap.maximum {
                _ = try await StickerTests.add("sticker\(number)", to: brim.nest.id, brim.server)
            }
            let picture = try await SampleFiles.bytes("drawing.png")
            try await brim.ends { number in
                try await brim.alice.sends(
                    picture, named: "s.png", to: "/servers/\(brim.nest.id)/stickers", field: "image",
                    ["name": "last\(number)"])
            }
        },
        "sounds of a server": { brim in
            for number in 1..<brim.cap.maximum {
                _ = try await SoundboardTests.add("sound\(number)", to: brim.nest.id, brim.server)
            }
            try await brim.ends { number in
                try await SoundboardTests.sends(
                    "voice.ogg", to: brim.nest.id, by: brim.alice, ["name": "last\(number)"])
            }
        },
        "stickers of an instance": { brim in
            for number in 1..<brim.cap.maximum {
                _ = try await StickerTests.add("sticker\(number)", to: nil, brim.server)
            }
            let picture = try await SampleFiles.bytes("drawing.png")
            let root = try await brim.server.administrator()
            try await brim.ends { number in
                try await root.sends(
                    picture, named: "s.png", to: "/admin/stickers", field: "image", ["name": "last\(number)"])
            }
        },
        "stickers of a message": { brim in
            var ids: [JSON] = []
            for number in 0...brim.cap.maximum {
                ids.append(.string(try await StickerTests.add("sticker\(number)", to: brim.nest.id, brim.server)))
            }
            let all = ids
            try await brim.ends(.POST, "/channels/\(brim.nest.general)/messages") {
                ["sticker_ids": .array(Array(all.prefix(brim.cap.maximum - 1 + $0)))]
            }
        },
        "open events of a server": { brim in
            let plan = try await brim.alice.plans(in: brim.nest)
            try await brim.server.copies(
                brim.cap.maximum - 2, of: "scheduled_events", where: "id", is: try ScheduledEventID(parsing: plan.id),
                with: ["id": "CAST($1 AS BIGINT)", "due_at": "NULL"])
            let start = brim.server.clock.now().seconds + 600
            try await brim.ends(.POST, "/servers/\(brim.nest.id)/events") { number in
                [
                    "name": .string("last \(number)"), "location": "here", "starts_at": .integer(start),
                    "ends_at": .integer(start + 60),
                ]
            }
        },
        "past events of a server": { brim in
            let plan = try await brim.alice.plans(in: brim.nest)
            try await brim.alice.does(.PATCH, plan.path, ["status": "cancelled"])
            try await brim.server.copies(
                brim.cap.maximum, of: "scheduled_events", where: "id", is: try ScheduledEventID(parsing: plan.id),
                with: ["id": "CAST($1 AS BIGINT)"])
            let last = try await brim.alice.plans(in: brim.nest)
            try await brim.alice.does(.PATCH, last.path, ["status": "cancelled"])
            let kept = try await brim.count("scheduled_events", where: "server_id", is: try brim.home)
            #expect(kept == brim.cap.maximum)
            #expect(try await brim.alice.outcome(.GET, last.path) == "200")
        },
        "changed occurrences of an event": { brim in
            let plan = try await brim.alice.plans(in: brim.nest, ["recurrence": ["frequency": "daily"]])
            try await brim.server.fill(
                brim.cap.maximum - 1,
                """
                INSERT INTO event_occurrences (event_id, server_id, occurrence, is_cancelled)
                VALUES ($2, $3, $4 + $1 * CAST(86400000 AS BIGINT), TRUE)
                """, [try ScheduledEventID(parsing: plan.id), try brim.home, (plan.start + 86_400) * 1000])
            let free = plan.start + Int64(brim.cap.maximum + 5) * 86_400
            try await brim.ends(.PUT, { "\(plan.path)/occurrences/\(free + Int64($0) * 86_400)" }) { _ in
                ["cancelled": true]
            }
        },
        "answers to open events of a person": { brim in
            let plan = try await brim.alice.plans(in: brim.nest, ["recurrence": ["frequency": "daily"]])
            try await brim.server.fill(
                brim.cap.maximum - 1,
                """
                INSERT INTO event_answers (occurrence, event_id, server_id, user_id, status, reminders, created_at)
                VALUES ($1, $2, $3, $4, 'going', '', 1)
                """, [try ScheduledEventID(parsing: plan.id), try brim.home, try brim.user])
            try await brim.ends(.PUT, { _ in "\(plan.path)/rsvp" }) { number in
                ["status": "going", "occurrence": .integer(plan.start + Int64(number) * 86_400)]
            }
        },
        "bans of a server": { brim in
            try await brim.server.fill(
                brim.cap.maximum - 1,
                "INSERT INTO bans (user_id, server_id, banned_by, created_at) VALUES ($1, $2, $3, 1)",
                [brim.home, brim.user])
            try await brim.bob.isCopied(1)
            let others = [try await brim.server.person("carol"), try await brim.server.person("dave")]
            try await brim.ends(.PUT, { "/servers/\(brim.nest.id)/bans/\(others[$0 - 1].id)" })
            try await brim.alice.does(.PUT, "/servers/\(brim.nest.id)/bans/1", ["reason": "one that is there"])
        },
        "overwrites of a server": { brim in
            var places: [ChannelID] = []
            for number in 1...brim.cap.maximum / OverwriteChange.maximumPerChannel {
                places.append(try ChannelID(parsing: try await brim.alice.opensChannel("c\(number)", in: brim.nest)))
            }
            for place in places {
                try await brim.overwrites(OverwriteChange.maximumPerChannel - (place == places[0] ? 1 : 0), on: place)
            }
            let last = [places[0].description, brim.nest.general]
            try await brim.ends(.PUT, { "/channels/\(last[$0 - 1])/overwrites/\(brim.bob.id)" }) { _ in
                ["type": "member", "deny": ["messages.add_reactions"]]
            }
        },
        "blocked addresses, names and files of an instance": { brim in
            let root = try await brim.server.administrator()
            try await brim.server.fill(
                brim.cap.maximum - 1,
                """
                INSERT INTO blocks (value, kind, created_by, created_at)
                VALUES ('nobody' || CAST(CAST($1 AS BIGINT) AS TEXT), 'banned-usernames', $2, 1)
                """, [brim.user])
            try await brim.ends { number in
                try await root.send(.POST, "/admin/banned-usernames", ["value": .string("last\(number)")])
            }
            try await root.does(.POST, "/admin/blocked-ips", ["value": "203.0.113.0/24"])
            _ = try await brim.server.person("carol")
        },
    ]

    // MARK: What a channel has

    private static let places: [String: Filling] = [
        "overwrites of a channel": { brim in
            try await brim.overwrites(brim.cap.maximum - 1, on: brim.general)
            let others = [brim.bob, try await brim.server.person("carol")]
            try await others[1].joins(brim.nest)
            try await brim.ends(.PUT, { "/channels/\(brim.nest.general)/overwrites/\(others[$0 - 1].id)" }) { _ in
                ["type": "member", "deny": ["messages.add_reactions"]]
            }
        },
        "webhooks of a channel": { brim in
            let hook: JSON = ["channel_id": .string(brim.nest.general), "name": "w"]
            for _ in 1..<brim.cap.maximum { try await brim.alice.does(.POST, "/webhooks", hook) }
            try await brim.ends(.POST, "/webhooks") { _ in hook }
        },
        "pins of a channel": { brim in
            let messages = try await brim.says(brim.cap.maximum + 1)
            for message in messages.dropFirst(2) {
                try await brim.alice.does(.PUT, "/channels/\(brim.nest.general)/pins/\(message)")
            }
            try await brim.ends(.PUT, { "/channels/\(brim.nest.general)/pins/\(messages[$0 - 1])" })
        },
        "open threads of a server": { brim in
            try await brim.threads(brim.cap.maximum - 1, archived: false)
            try await brim.ends(.POST, "/channels/\(brim.nest.general)/threads") { ["name": .string("last \($0)")] }
        },
        "threads, archived ones with them of a channel": { brim in
            try await brim.threads(brim.cap.maximum - 1, archived: true)
            try await brim.ends(.POST, "/channels/\(brim.nest.general)/threads") { ["name": .string("last \($0)")] }
        },
        "members of a thread": { brim in
            let thread = try await brim.alice.does(
                .POST, "/channels/\(brim.nest.general)/threads", ["name": "full"]
            ).text("id")
            let id = try ChannelID(parsing: thread)
            try await brim.server.onDatabase { tx in
                try tx.execute(
                    "UPDATE threads SET member_count = $2 WHERE channel_id = $1", [id, brim.cap.maximum - 1])
            }
            let others = [brim.bob, try await brim.server.person("carol")]
            try await others[1].joins(brim.nest)
            try await brim.ends { number in
                let joining: JSON = ["add_members": [.string(others[number - 1].id)]]
                return try await others[number - 1].send(.PATCH, "/threads/\(thread)", joining)
            }
            #expect(try await others[1].says("said all the same", in: thread)["content"] == "said all the same")
            #expect(try await brim.count("thread_members", where: "channel_id", is: id) == 2)
        },
        "members of a group": { brim in
            var others: [Person] = []
            for name in ["carol", "dave", "erin"] {
                others.append(try await brim.server.person(name))
                try await others.last?.joins(brim.nest)
            }
            let (first, outside) = (others[0], Array(others.dropFirst()))
            let group = try await brim.alice.does(
                .POST, "/users/@me/channels", ["recipient_ids": [.string(brim.bob.id), .string(first.id)]]
            ).text("id")
            try await brim.bob.isCopied(brim.cap.maximum)
            try await brim.server.fill(
                brim.cap.maximum - 4,
                "INSERT INTO participants (channel_id, user_id, is_open, joined_at) VALUES ($2, $1, TRUE, 1)",
                [try ChannelID(parsing: group)])
            try await brim.ends(.PUT, { "/channels/\(group)/recipients/\(outside[$0 - 1].id)" })
            #expect(try await brim.bob.says("hello, all", in: group)["content"] == "hello, all")
        },
    ]

    // MARK: What a message has

    private static let messages: [String: Filling] = [
        "earlier texts of a message": { brim in
            let path = "/channels/\(brim.nest.general)/messages/\(try await brim.says(1)[0])"
            let count = brim.cap.maximum + 5
            for number in 1...count { try await brim.alice.does(.PATCH, path, ["content": .string("\(number)")]) }
            let history = try await brim.alice.does(.GET, "\(path)/history").column("content")
            #expect(Set(history) == Set((5..<count).map(String.init)) && history.count == brim.cap.maximum)
        },
        "kinds of reactions of a message": { brim in
            let message = try await brim.says(1)[0]
            try await brim.server.fill(
                brim.cap.maximum - 1,
                """
                INSERT INTO reactions (emoji, message_id, user_id, reacted_at)
                VALUES (CAST(CAST($1 AS BIGINT) AS TEXT), $2, $3, 1)
                """, [try MessageID(parsing: message), brim.user])
            let emoji = ["%F0%9F%90%A6", "%F0%9F%AA%B6"]
            let path = "/channels/\(brim.nest.general)/messages/\(message)/reactions"
            try await brim.ends(.PUT, { "\(path)/\(emoji[$0 - 1])" })
            #expect(try await brim.bob.outcome(.PUT, "\(path)/\(emoji[0])") == "200", "one that is there")
        },
        "files of a message": { brim in
            let files = try await atOnce(brim.cap.maximum + 1) { number in
                try await brim.alice.uploads(Array("file \(number)".utf8), named: "f", to: brim.nest.general)
            }
            try await brim.ends(.POST, "/channels/\(brim.nest.general)/messages") { number in
                let some = number == 1 ? files.dropLast() : files[...]
                return ["attachments": .array(some.map { $0["id"] ?? .null })]
            }
        },
        "embeds of a message": { brim in
            let embeds = (0...brim.cap.maximum).map { JSON.object(["title": .string("\($0)")]) }
            try await brim.ends(.POST, "/channels/\(brim.nest.general)/messages") { number in
                ["embeds": .array(Array(number == 1 ? embeds.dropLast() : embeds[...]))]
            }
        },
        "link previews of a message": { brim in
            let hears = try await brim.bob.listens()
            var links: [String] = []
            for number in 0...brim.cap.maximum { links.append(try await LinkPreviewTests.page("/page?\(number)")) }
            try await brim.alice.says(links.joined(separator: " "), in: brim.nest.general)
            #expect(try await hears.awaits("MESSAGE_UPDATE")["d"]?["embeds"]?.count == brim.cap.maximum)
        },
    ]
}
