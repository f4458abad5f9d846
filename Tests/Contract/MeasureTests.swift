import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

/// What moderators do about somebody is told to that one, outside the server, and to nobody else.
@Suite("What moderators have done, told to whom it concerns")
struct MeasureTests {
    private static let path = "/users/@me/notifications"

    /// What moderators tell each other.
    private static let audit: HTTPHeaders = ["X-Audit-Log-Reason": "An old acquaintance"]

    private static func told(_ listener: Listener) async throws -> JSON {
        try await listener.awaits("NOTIFICATION_CREATE")["d"] ?? .null
    }

    @Test(
        "silence, removal and ban are told with their end and reason, and not by whom", arguments: DatabaseKind.allCases
    )
    func measures(kind: DatabaseKind) async throws {
        try await StockedServer.with(kind) { scene in
            let (alice, carol) = (scene.alice, scene.carol)
            let hears = try await carol.listens()
            let end = scene.server.clock.now().seconds + 600
            try await alice.does(
                .PATCH, scene.member(carol), ["timeout_until": .integer(end), "timeout_reason": "Calm down"],
                headers: Self.audit)
            var notification = try await Self.told(hears)
            #expect(notification["type"] == "moderation")
            #expect(notification["action"] == "timeout")
            #expect(notification["reason"] == "Calm down")
            #expect(notification["ends_at"] == .integer(end))
            #expect(notification["server_id"]?.string == scene.nest.id)
            #expect(notification["server_name"] == "Nest")
            #expect(notification["user_id"]?.string == carol.id)
            try await alice.does(.DELETE, scene.member(carol), headers: Self.audit)
            notification = try await Self.told(hears)
            #expect(notification["action"] == "kick")
            #expect(notification["reason"] == .null)
            try await carol.joins(scene.nest)
            try await alice.does(
                .PUT, "\(scene.path)/bans/\(carol.id)", ["reason": "Enough", "expires_at": .integer(end)],
                headers: Self.audit)
            notification = try await Self.told(hears)
            #expect(notification["action"] == "ban")
            #expect(notification["reason"] == "Enough")
            #expect(notification["ends_at"] == .integer(end))
            let listed = try await carol.does(.GET, Self.path)
            #expect(listed.column("action") == ["ban", "timeout"], "who is in again was not put out")
            #expect(listed[0] == notification)
            try await alice.does(.DELETE, "\(scene.path)/bans/\(carol.id)")
            #expect(try await carol.does(.GET, Self.path).column("action") == ["timeout"])
            let own = try await alice.does(.GET, Self.path)
            #expect(own == [])
            #expect(try await scene.dave.does(.GET, Self.path) == [])
        }
    }

    @Test("a connection that was broken meanwhile is told when it comes back", arguments: DatabaseKind.allCases)
    func resumed(kind: DatabaseKind) async throws {
        try await StockedServer.with(kind) { scene in
            let absence = try await scene.carol.goesAway()
            try await scene.alice.does(.PUT, "\(scene.path)/bans/\(scene.carol.id)", ["reason": "Enough"])
            let back = try await scene.carol.returns(from: absence)
            #expect(back.data(of: "NOTIFICATION_CREATE").map { $0["reason"] } == ["Enough"])
        }
    }

    @Test(
        "who was no member, is let speak again or is silenced no otherwise is told nothing",
        arguments: DatabaseKind.allCases)
    func nothing(kind: DatabaseKind) async throws {
        try await StockedServer.with(kind) { scene in
            let (alice, carol) = (scene.alice, scene.carol)
            let stranger = try await scene.server.person("stranger")
            try await alice.does(.PUT, "\(scene.path)/bans/\(stranger.id)", ["reason": "Read this"])
            #expect(try await stranger.does(.GET, Self.path) == [])
            let end = scene.server.clock.now().seconds + 600
            for reason in ["first", "again"] {
                try await alice.does(
                    .PATCH, scene.member(carol), ["timeout_until": .integer(end), "timeout_reason": .string(reason)])
            }
            try await alice.does(.PATCH, scene.member(carol), ["timeout_until": .null])
            #expect(try await carol.does(.GET, Self.path).column("reason") == ["first"])
        }
    }

    @Test(
        "whom one has blocked writes no reason to one, and tells of timeouts ten times a day",
        arguments: DatabaseKind.allCases)
    func harassment(kind: DatabaseKind) async throws {
        try await StockedServer.with(kind) { scene in
            let (alice, carol) = (scene.alice, scene.carol)
            try await carol.does(.POST, "/relationships/block", ["user_id": .string(alice.id)])
            for turn in 1...12 {
                let end = JSON.integer(scene.server.clock.now().seconds + 600 + Int64(turn))
                try await alice.does(
                    .PATCH, scene.member(carol), ["timeout_until": end, "timeout_reason": "Read this"])
            }
            let told = try await carol.does(.GET, Self.path)
            #expect(told.column("action").count == 10)
            #expect(told.column("reason") == [])
        }
    }

    @Test(
        "who was put out is told of the ban that holds, not of what it replaced, and not without end",
        arguments: DatabaseKind.allCases)
    func replacement(kind: DatabaseKind) async throws {
        try await StockedServer.with(kind) { scene in
            let (alice, carol) = (scene.alice, scene.carol)
            let hears = try await carol.listens()
            try await alice.does(.DELETE, scene.member(carol))
            #expect(try await Self.told(hears)["action"] == "kick")
            let ban = "\(scene.path)/bans/\(carol.id)"
            let end = JSON.integer(scene.server.clock.now().seconds + 3600)
            for (reason, end) in [("First", .null), ("Second", end)] as [(JSON, JSON)] {
                try await alice.does(.PUT, ban, ["reason": reason, "expires_at": end])
                let notification = try await Self.told(hears)
                #expect(notification["reason"] == reason)
                #expect(notification["ends_at"] == end)
                #expect(try await carol.does(.GET, Self.path) == .array([notification]))
            }
            for turn in 1...12 { try await alice.does(.PUT, ban, ["reason": .string("Letter \(turn)")]) }
            #expect(try await carol.does(.GET, Self.path) == [], "nothing rather than what does not hold any more")
        }
    }

    @Test("a reason is a text of at most 512 characters", arguments: DatabaseKind.allCases)
    func bounds(kind: DatabaseKind) async throws {
        try await StockedServer.with(kind) { scene in
            let end = JSON.integer(scene.server.clock.now().seconds + 600)
            let reasons: [JSON] = [.string(String(repeating: "x", count: 513)), "a\u{7}", .integer(1)]
            for reason in reasons {
                let change: JSON = ["timeout_until": end, "timeout_reason": reason]
                let outcome = try await scene.alice.outcome(.PATCH, scene.member(scene.carol), change)
                #expect(outcome == "400 Invalid input")
            }
        }
    }
}
