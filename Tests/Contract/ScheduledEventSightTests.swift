import Client
import Database
import Foundation
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@Suite("Sight of scheduled events")
struct ScheduledEventSightTests {
    private static func with(
        _ kind: DatabaseKind, _ body: @escaping @Sendable (EventTests.Scene) async throws -> Void
    ) async throws {
        try await EventTests.with(kind, body)
    }

    @Test("what is planned in a hidden channel nobody else learns of", arguments: DatabaseKind.allCases)
    func hidden(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let (server, alice, bob, nest) = (scene.server, scene.alice, scene.bob, scene.nest)
            let secret = try await alice.opensChannel("secret", in: nest)
            try await alice.closes(secret, in: nest)
            try await scene.bobHears.hears("CHANNEL_CREATE")
            try await scene.bobHears.hears("CHANNEL_DELETE")
            let plan = try await alice.plans("Surprise", in: nest, ["channel_id": .string(secret)])
            try await alice.answers(plan)
            try await alice.does(.PATCH, plan.path, ["name": "Party"])
            try await scene.nothingReached(scene.bobHears)
            for (method, rest) in [
                (HTTPMethod.GET, ""), (.PATCH, ""), (.DELETE, ""), (.PUT, "/rsvp"), (.DELETE, "/rsvp"),
                (.GET, "/attendees"), (.GET, "/occurrences"), (.GET, "/calendar.ics"), (.DELETE, "/image"),
                (.PUT, "/occurrences/\(plan.start)"),
            ] {
                let body: JSON? =
                    switch method {
                    case .PUT: ["status": "going"]
                    case .PATCH: ["name": "x"]
                    default: nil
                    }
                #expect(try await bob.outcome(method, plan.path + rest, body) == "403 Access denied", "\(rest)")
            }
            #expect(try await bob.does(.GET, "/servers/\(nest.id)/events") == [])
            #expect(try await bob.readsReady()["d"]?["servers"]?[0]?["scheduled_events"] == [])
            let log = try await alice.does(.GET, "/servers/\(nest.id)/audit-logs").column("action")
            #expect(log.contains("event.create") && log.contains("event.update"))
            try await alice.gives(
                try await alice.makesRole("reader", in: nest, ["server.view_audit_log"]), to: bob, in: nest)
            let told = try await bob.does(.GET, "/servers/\(nest.id)/audit-logs")
            #expect(!told.text.contains("Surprise") && !told.text.contains("Party"))
            try await server.doesDueWork()
        }
    }

    @Test("who loses sight of it takes no part any more and is not reminded", arguments: DatabaseKind.allCases)
    func losingSight(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let (server, alice, bob, nest) = (scene.server, scene.alice, scene.bob, scene.nest)
            let channel = try await alice.opensChannel("plans", in: nest)
            let inChannel = try await alice.plans("a", in: nest, ["channel_id": .string(channel)])
            let moving = try await alice.plans("b", in: nest)
            let inServer = try await alice.plans("c", in: nest)
            let carol = try await server.person("carol")
            try await carol.joins(nest)
            for plan in [inChannel, moving, inServer] {
                for person in [bob, carol] { try await person.answers(plan) }
            }
            #expect(try await alice.does(.GET, inServer.path)["going_count"] == 2)
            try await alice.does(.PATCH, inServer.path, ["starts_at": .integer(inServer.start + 60)])
            try await alice.does(.PATCH, inChannel.path, ["starts_at": .integer(inChannel.start + 60)])
            try await server.doesDueWork()
            #expect(try await bob.isToldOfEvents().count == 2)
            try await alice.closes(channel, in: nest)
            #expect(try await alice.does(.GET, inChannel.path)["going_count"] == 0)
            #expect(try await bob.isToldOfEvents().count == 1, "what was told of it is withdrawn")
            #expect(try await bob.does(.GET, "/users/@me/events").column("name").sorted() == ["b", "c"])
            let moved = try await alice.does(
                .PATCH, moving.path,
                ["entity_type": "text", "channel_id": .string(channel), "location": .null])
            #expect(moved["going_count"] == 0, "as it is read")
            #expect(try await alice.does(.GET, moving.path)["going_count"] == 0)
            #expect(try await alice.does(.GET, "\(moving.path)/attendees") == [])
            let everyone = try await alice.everyoneRole(of: nest)
            try await alice.does(
                .PATCH, "/servers/\(nest.id)/roles/\(everyone)",
                ["permissions": ["events.view": false]])
            #expect(try await alice.does(.GET, inServer.path)["going_count"] == 0)
            server.clock.advance(by: .seconds(2 * 86_400))
            try await server.doesDueWork()
            #expect(try await bob.isToldOfEvents() == [])
            #expect(
                try await server.onDatabase { tx in
                    try !tx.exists("SELECT 1 FROM notifications WHERE kind = 'event_reminder'")
                })
        }
    }

    @Test("who gains or loses the right to see it is told, live and when coming back", arguments: DatabaseKind.allCases)
    func sight(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let (alice, bob, nest, hears) = (scene.alice, scene.bob, scene.nest, scene.bobHears)
            let channel = try await alice.opensChannel("plans", in: nest)
            let (inChannel, inServer) = (
                try await alice.plans("a", in: nest, ["channel_id": .string(channel)]),
                try await alice.plans("b", in: nest)
            )
            for _ in 0..<2 { try await hears.awaits("GUILD_SCHEDULED_EVENT_CREATE") }
            let everyone = try await alice.everyoneRole(of: nest)
            let role = "/servers/\(nest.id)/roles/\(everyone)"
            func next(_ kind: String, _ count: Int) async throws -> Set<String> {
                var found: Set<String> = []
                for _ in 0..<count { found.insert(try await hears.awaits(kind)["d"]?["id"]?.string ?? "") }
                return found
            }
            // An overwrite decides for its channel alone.
            try await alice.sets(everyone, "role", in: channel, deny: ["events.view"])
            #expect(try await next("GUILD_SCHEDULED_EVENT_DELETE", 1) == [inChannel.id])
            try await alice.sets(everyone, "role", in: channel, allow: ["events.view"])
            #expect(try await next("GUILD_SCHEDULED_EVENT_UPDATE", 1) == [inChannel.id])
            try await alice.does(.PATCH, role, ["permissions": ["events.view": false]])
            #expect(try await next("GUILD_SCHEDULED_EVENT_DELETE", 1) == [inServer.id])

            // Who sees it by the overwrite misses nothing of it while away, and nothing else comes.
            let absence = try await bob.goesAway()
            try await alice.does(.PATCH, inChannel.path, ["name": "later"])
            try await alice.does(.PATCH, inServer.path, ["name": "hidden"])
            let back = try await bob.returns(from: absence)
            #expect(back.data(of: "GUILD_SCHEDULED_EVENT_UPDATE").map { $0["name"] } == ["later"])

            try await alice.does(.PATCH, role, ["permissions": ["events.view": true]])
            #expect(try await next("GUILD_SCHEDULED_EVENT_UPDATE", 2) == [inChannel.id, inServer.id])
            // What is lost while away is told, however much it is at once; what was regained comes as it is.
            try await alice.does(.DELETE, "/channels/\(channel)/overwrites/\(everyone)")
            let other = try await bob.goesAway()
            try await alice.does(.PATCH, role, ["permissions": ["events.view": false]])
            let lost = try await bob.returns(from: other).data(of: "GUILD_SCHEDULED_EVENT_DELETE")
            #expect(Set(lost.map { $0["id"]?.string }) == [inChannel.id, inServer.id])
            let third = try await bob.goesAway()
            try await alice.does(.PATCH, role, ["permissions": ["events.view": true]])
            let gained = try await bob.returns(from: third).data(of: "GUILD_SCHEDULED_EVENT_UPDATE")
            #expect(Set(gained.map { $0["id"]?.string }) == [inChannel.id, inServer.id])
            for kind in ["GUILD_SCHEDULED_EVENT_DELETE", "GUILD_SCHEDULED_EVENT_UPDATE"] {
                #expect(try await next(kind, 2) == [inChannel.id, inServer.id])
            }
            try await alice.closes(channel, in: nest)
            #expect(try await next("GUILD_SCHEDULED_EVENT_DELETE", 1) == [inChannel.id])
            try await alice.does(.DELETE, "/channels/\(channel)/overwrites/\(everyone)")
            #expect(try await next("GUILD_SCHEDULED_EVENT_UPDATE", 1) == [inChannel.id])
        }
    }

    @Test("events go with their channel, and with the server", arguments: DatabaseKind.allCases)
    func ends(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let (server, alice, bob, nest) = (scene.server, scene.alice, scene.bob, scene.nest)
            let channel = try await alice.opensChannel("plans", in: nest)
            let plan = try await alice.plans(in: nest, ["channel_id": .string(channel)])
            try await bob.answers(plan)
            try await alice.does(.DELETE, "/channels/\(channel)")
            #expect(
                try await scene.bobHears.awaits("GUILD_SCHEDULED_EVENT_DELETE")["d"]?["id"] == .string(plan.id))
            #expect(try await alice.outcome(.GET, plan.path) == "404 Resource not found")
            let weekly = try await alice.plans(in: nest, ["recurrence": ["frequency": "weekly"]])
            try await bob.answers(weekly)
            try await alice.does(.PUT, "\(weekly.path)/occurrences/\(weekly.start)", ["cancelled": true])
            try await alice.does(.DELETE, "/servers/\(nest.id)")
            server.clock.advance(by: .seconds(6 * 86_400))
            try await server.doesDueWork()
            #expect(try await bob.isToldOfEvents() == [])
            try await server.keepsUp()
            try await eventually {
                try await server.onDatabase { tx in
                    try !tx.exists("SELECT 1 FROM scheduled_events") && !tx.exists("SELECT 1 FROM event_answers")
                        && !tx.exists("SELECT 1 FROM event_occurrences") && !tx.exists("SELECT 1 FROM event_notices")
                }
            }
        }
    }
}
