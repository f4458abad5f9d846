import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@Suite("Reminders")
struct ReminderTests {
    private static let path = "/users/@me/reminders"

    private static func later(_ server: TestServer, _ seconds: Int64) -> JSON {
        .integer(server.clock.now().seconds + seconds)
    }

    @Test("one is reminded once, at the time, with message and note", arguments: DatabaseKind.allCases)
    func reminding(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (server, bob, general) = (scene.server, scene.bob, scene.nest.general)
            let message = try await scene.alice.says("look at this later", in: general).text("id")
            try await scene.bobHears.hears("MESSAGE_CREATE")
            let draft: JSON = [
                "message_id": .string(message), "note": "answer her", "remind_at": Self.later(server, 3600),
            ]
            let reply = try await bob.send(.POST, Self.path, draft)
            #expect(reply.status == 201)
            let reminder = reply.json
            #expect(reminder["channel_id"] == .string(general) && reminder["note"] == "answer her")
            #expect(try await scene.bobHears.hears("REMINDER_CREATE")["d"] == reminder)
            let own = "\(Self.path)/\(try reminder.text("id"))"
            let moved = try await bob.does(.PATCH, own, ["remind_at": Self.later(server, 7200)])
            #expect(try await scene.bobHears.hears("REMINDER_UPDATE")["d"] == moved)
            #expect(try await bob.does(.GET, Self.path) == [moved])
            server.clock.advance(by: .seconds(3601))
            try await server.doesDueWork()
            #expect(try await bob.does(.GET, "/users/@me/notifications") == [])
            server.clock.advance(by: .seconds(3600))
            for _ in 0..<2 { try await server.doesDueWork() }
            #expect(try await scene.bobHears.hears("REMINDER_DELETE")["d"] == ["id": reminder["id"] ?? .null])
            let told = try await scene.bobHears.hears("NOTIFICATION_CREATE")["d"]
            #expect(told?["type"] == "reminder" && told?["note"] == "answer her")
            #expect(told?["message_id"] == .string(message) && told?["channel_id"] == .string(general))
            #expect(told?["server_id"] == .string(scene.nest.id) && told?["user_id"] == .string(bob.id))
            #expect(try await bob.does(.GET, "/users/@me/notifications").count == 1)
            #expect(try await bob.does(.GET, Self.path) == [])
        }
    }

    @Test("of a message that is gone or hidden by then only the note is left", arguments: DatabaseKind.allCases)
    func hidden(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (server, alice, bob, nest) = (scene.server, scene.alice, scene.bob, scene.nest)
            let secret = try await alice.opensChannel("secret", in: nest)
            let messages = [
                try await alice.says("gone", in: nest.general).text("id"),
                try await alice.says("hid", in: secret).text("id"),
            ]
            for (number, message) in messages.enumerated() {
                try await bob.does(
                    .POST, Self.path,
                    [
                        "message_id": .string(message), "note": .string("note \(number)"),
                        "remind_at": Self.later(server, 60),
                    ])
            }
            try await alice.does(.DELETE, "/channels/\(nest.general)/messages/\(messages[0])")
            try await alice.closes(secret, in: nest)
            server.clock.advance(by: .seconds(61))
            try await server.doesDueWork()
            let told = try await bob.does(.GET, "/users/@me/notifications").array ?? []
            #expect(Set(told.compactMap { $0["note"]?.string }) == ["note 0", "note 1"])
            for item in told { #expect(item["message_id"] == .null && item["channel_id"] == .null) }
        }
    }

    @Test("reminders are one's own, and odd ones are refused", arguments: DatabaseKind.allCases)
    func refusals(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (server, alice, bob) = (scene.server, scene.alice, scene.bob)
            let soon = Self.later(server, 60)
            let own = try await alice.does(.POST, Self.path, ["note": "tea", "remind_at": soon]).text("id")
            for id in [own, "1"] {
                #expect(try await bob.outcome(.PATCH, "\(Self.path)/\(id)", ["note": "x"]) == "404 Resource not found")
                #expect(try await bob.outcome(.DELETE, "\(Self.path)/\(id)") == "404 Resource not found")
            }
            #expect(try await bob.does(.GET, Self.path) == [])
            for body: JSON in [
                ["remind_at": soon], ["note": " ", "remind_at": soon], ["note": "x"],
                ["note": "x", "remind_at": Self.later(server, 59)],
                ["note": "x", "remind_at": Self.later(server, 366 * 86_400 + 1)],
                ["note": .string(String(repeating: "x", count: 501)), "remind_at": soon],
                ["message_id": "x", "remind_at": soon],
            ] {
                #expect(try await bob.outcome(.POST, Self.path, body) == "400 Invalid input", "\(body.text)")
            }
            for change: JSON in [["note": .null], ["note": ""], ["remind_at": 5]] {
                #expect(try await alice.outcome(.PATCH, "\(Self.path)/\(own)", change) == "400 Invalid input")
            }
            #expect(try await alice.outcome(.PATCH, "\(Self.path)/x", [:]) == "400 Invalid input")
            #expect(try await alice.outcome(.DELETE, "\(Self.path)/x") == "400 Invalid input")
            let message = JSON.string(try await alice.says("hi", in: scene.nest.general).text("id"))
            let carol = try await server.person("carol")
            let asked: JSON = ["message_id": message, "remind_at": soon]
            #expect(try await carol.outcome(.POST, Self.path, asked) == "403 Access denied")
            let unknown: JSON = ["message_id": "1", "remind_at": soon]
            #expect(try await bob.outcome(.POST, Self.path, unknown) == "404 Message not found")
            let elsewhere: JSON = ["message_id": message, "channel_id": "1", "remind_at": soon]
            #expect(try await bob.outcome(.POST, Self.path, elsewhere) == "404 Message not found")
            try await alice.does(
                .PUT, "/channels/\(scene.nest.general)/overwrites/\(bob.id)",
                ["type": "member", "deny": ["messages.read"]])
            #expect(try await bob.outcome(.POST, Self.path, asked) == "403 Permission denied")
            try await alice.does(.DELETE, "\(Self.path)/\(own)")
            #expect(try await alice.does(.GET, Self.path) == [])
        }
    }
}
