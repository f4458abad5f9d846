import Client
import Database
import Foundation
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@Suite("Telling of scheduled events")
struct ScheduledEventTellingTests {
    private static func with(
        _ kind: DatabaseKind, _ body: @escaping @Sendable (EventTests.Scene) async throws -> Void
    ) async throws {
        try await EventTests.with(kind, body)
    }

    @Test("each is reminded once, at the times they chose, each time that it recurs", arguments: DatabaseKind.allCases)
    func reminding(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let (server, alice, bob, nest) = (scene.server, scene.alice, scene.bob, scene.nest)
            let plan = try await alice.plans(
                "Choir", in: nest, ["recurrence": ["frequency": "daily", "count": 3], "timezone": "Asia/Tokyo"])
            try await bob.answers(plan, "interested", ["remind_minutes_before": [0, 60]])
            try await alice.answers(plan, "going")
            try await bob.answers(
                plan, "not_going", ["occurrence": .integer(plan.start + 86_400)])
            func told(at moment: Int64) async throws -> [Int] {
                server.clock.advance(by: .seconds(plan.start + moment - server.clock.now().seconds))
                for _ in 0..<2 { try await server.doesDueWork() }
                return [try await alice.isToldOfEvents().count, try await bob.isToldOfEvents().count]
            }
            #expect(try await told(at: -3601) == [0, 0])
            #expect(try await told(at: -3599) == [0, 1])
            #expect(try await told(at: -899) == [1, 1])
            #expect(try await told(at: 1) == [1, 2])
            #expect(try await told(at: 3700) == [1, 2])
            #expect(try await told(at: 86_401) == [2, 2], "Bob does not come the second time")
            #expect(try await told(at: 2 * 86_400 + 1) == [3, 4])
            #expect(try await told(at: 9 * 86_400) == [3, 4])
            let note = try await bob.does(.GET, "/users/@me/notifications")[0]
            #expect(note?["type"] == "event_reminder" && note?["server_id"] == .string(nest.id))
            #expect(note?["event"]?["name"] == "Choir" && note?["event"]?["id"] == .string(plan.id))
            #expect(note?["event"]?["starts_at"] == .integer(plan.start + 2 * 86_400))
        }
    }

    @Test("when the times of all change, what is known of a day stays with it", arguments: DatabaseKind.allCases)
    func shifting(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let (alice, bob) = (scene.alice, scene.bob)
            // At noon: what moves by half an hour is on the same day.
            let now = scene.server.clock.now().seconds
            let plan = try await alice.plans(
                in: scene.nest, after: (now / 86_400 + 2) * 86_400 + 43_200 - now,
                ["recurrence": ["frequency": "daily", "count": 5], "timezone": "Europe/Berlin"])
            let days = try await bob.does(.GET, "\(plan.path)/occurrences").array ?? []
            let keys = days.compactMap { $0["occurrence"]?.integer }
            try await alice.does(.PUT, "\(plan.path)/occurrences/\(keys[1])", ["cancelled": true])
            try await alice.does(
                .PUT, "\(plan.path)/occurrences/\(keys[3])",
                ["starts_at": .integer(keys[3] + 7200), "ends_at": .integer(keys[3] + 9000)])
            try await bob.answers(plan, "not_going", ["occurrence": .integer(keys[2])])
            try await alice.does(
                .PATCH, plan.path,
                ["starts_at": .integer(plan.start + 1800), "ends_at": .integer(plan.start + 5400)])
            let moved = try await bob.does(.GET, "\(plan.path)/occurrences").array ?? []
            #expect(moved.map { $0["cancelled"] } == [false, true, false, false, false])
            #expect(moved.map { $0["me"]?["status"]?.string } == [nil, nil, "not_going", nil, nil])
            #expect(
                moved.compactMap { $0["starts_at"]?.integer }
                    == [keys[0] + 1800, keys[1] + 1800, keys[2] + 1800, keys[3] + 7200, keys[4] + 1800])
            try await alice.does(.PATCH, plan.path, ["status": "cancelled"])
            let calendar = try await scene.server.fetch(
                "/api/v1\(plan.path)/calendar.ics", headers: ["authorization": "Bearer \(bob.token)"]
            ).text
            #expect(calendar.contains("STATUS:CANCELLED") && !calendar.contains("STATUS:CONFIRMED"))
        }
    }

    @Test("reminders that nobody wants any more leave nothing behind", arguments: DatabaseKind.allCases)
    func unwanted(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let plan = try await scene.alice.plans(in: scene.nest)
            let id = try ScheduledEventID(parsing: plan.id)
            let count = { @Sendable in
                try await scene.server.onDatabase { tx in
                    try tx.first("SELECT COUNT(*) FROM event_notices WHERE event_id = $1", [id]) { $0.int(0) } ?? -1
                }
            }
            try await scene.alice.answers(plan, "going", ["remind_minutes_before": [5]])
            for minute in 1...4 {
                try await scene.bob.answers(
                    plan, "going", ["remind_minutes_before": [.integer(Int64(minute * 10)), 5]])
            }
            #expect(try await count() == 2)
            try await scene.bob.does(.DELETE, "\(plan.path)/rsvp")
            #expect(try await count() == 1, "Alice's stays")
        }
    }

    @Test("of what was begun by hand before its time nobody is reminded any more", arguments: DatabaseKind.allCases)
    func begunEarly(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let (alice, bob) = (scene.alice, scene.bob)
            let plan = try await alice.plans(in: scene.nest, after: 600, ["recurrence": ["frequency": "daily"]])
            try await bob.answers(plan, "going", ["remind_minutes_before": [0]])
            try await alice.does(.PATCH, plan.path, ["status": "active"])
            scene.server.clock.advance(by: .seconds(601))
            for _ in 0..<2 { try await scene.server.doesDueWork() }
            #expect(try await bob.isToldOfEvents() == [])
            scene.server.clock.advance(by: .seconds(86_400))
            for _ in 0..<2 { try await scene.server.doesDueWork() }
            #expect(try await bob.isToldOfEvents().count == 1)
        }
    }

    @Test("over a restart each is reminded once", arguments: DatabaseKind.allCases)
    func restart(kind: DatabaseKind) async throws {
        @Sendable func count(_ server: TestServer) async throws -> Int? {
            for _ in 0..<2 { try await server.doesDueWork() }
            return try await server.onDatabase { tx in
                try tx.first("SELECT COUNT(*) FROM notifications WHERE kind = 'event_reminder'") { $0.int(0) }
            }
        }
        try await TestServer.restarting(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let nest = try await alice.foundsServer()
            try await bob.joins(nest)
            for seconds: Int64 in [3600, 7200] {
                try await bob.answers(try await alice.plans(in: nest, after: seconds))
            }
            server.clock.advance(by: .seconds(3000))
            #expect(try await count(server) == 1)
        } then: { server in
            let before = try await count(server)
            server.clock.advance(by: .seconds(3600))
            #expect([before, try await count(server)] == [1, 2])
        }
    }

    @Test("many are told some at a time, and nobody twice or not at all", arguments: DatabaseKind.allCases)
    func many(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let (server, alice, bob, nest) = (scene.server, scene.alice, scene.bob, scene.nest)
            let plan = try await alice.plans(in: nest)
            try await bob.answers(plan)
            let (id, nestID) = (try ScheduledEventID(parsing: plan.id), try ServerID(parsing: nest.id))
            // They are no members and see nothing, but stand before Bob in the line.
            try await server.fill(
                250,
                """
                INSERT INTO event_answers (user_id, event_id, server_id, occurrence, status, reminders, created_at)
                VALUES ($1, $2, $3, 0, 'going', ',15,', 1)
                """, [id, nestID])
            server.clock.advance(by: .seconds(86_400 - 600))
            for _ in 0..<2 { try await server.doesDueWork() }
            #expect(try await bob.isToldOfEvents() == ["event_reminder scheduled"])
            #expect(
                try await server.onDatabase { tx in
                    try tx.first("SELECT COUNT(*) FROM notifications") { $0.int(0) } == 1
                })
        }
    }

    @Test("new times and calling it off are told, to all but the one who did it", arguments: DatabaseKind.allCases)
    func news(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let (server, alice, bob, nest) = (scene.server, scene.alice, scene.bob, scene.nest)
            let plan = try await alice.plans(in: nest, after: 3600)
            try await alice.answers(plan)
            try await bob.answers(plan, "going", ["remind_minutes_before": [30]])
            try await alice.does(.PATCH, plan.path, ["name": "Other"])
            try await server.doesDueWork()
            #expect(try await bob.isToldOfEvents() == [])
            let later = plan.start + 86_400
            try await alice.does(
                .PATCH, plan.path, ["starts_at": .integer(later), "ends_at": .integer(later + 60)])
            try await server.doesDueWork()
            #expect(try await bob.isToldOfEvents() == ["event_update scheduled"])
            try await scene.bobHears.awaits("NOTIFICATION_CREATE")
            server.clock.advance(by: .seconds(3600))
            try await server.doesDueWork()
            #expect(try await bob.isToldOfEvents().count == 1, "the old time is no time any more")
            try await alice.does(.PATCH, plan.path, ["status": "cancelled"])
            server.clock.advance(by: .seconds(86_400))
            try await server.doesDueWork()
            #expect(try await bob.isToldOfEvents() == ["event_update cancelled", "event_update scheduled"])
            #expect(try await alice.isToldOfEvents() == [])
            try await alice.does(.DELETE, plan.path)
            #expect(try await bob.isToldOfEvents() == [], "what is gone is no news")
        }
    }
}
