import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@Suite("Moderation")
struct ModerationTests {
    /// Alice owns the server, Bob moderates it, Carol is a member.
    struct Scene: Sendable {
        let server: TestServer
        let alice: Person
        let bob: Person
        let carol: Person
        let nest: Community
        let moderator: String

        func path(_ person: Person) -> String { "/servers/\(nest.id)/members/\(person.id)" }
    }

    static func with(
        _ kind: DatabaseKind, _ permissions: [String], _ body: @escaping @Sendable (Scene) async throws -> Void
    ) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let bob = try await server.person("bob")
            let carol = try await server.person("carol")
            let nest = try await alice.foundsServer()
            for person in [bob, carol] { try await person.joins(nest) }
            let moderator = try await alice.makesRole("moderator", in: nest, permissions)
            try await alice.gives(moderator, to: bob, in: nest)
            try await body(
                Scene(server: server, alice: alice, bob: bob, carol: carol, nest: nest, moderator: moderator))
        }
    }

    @Test("a kicked member stops receiving the server's events, and may come back", arguments: DatabaseKind.allCases)
    func kick(kind: DatabaseKind) async throws {
        try await Self.with(kind, ["members.kick"]) { scene in
            let hears = try await scene.carol.listens()
            #expect(try await scene.carol.outcome(.DELETE, scene.path(scene.bob)) == "403 Permission denied")
            #expect(try await scene.bob.outcome(.DELETE, scene.path(scene.alice)) == "403 Permission denied")
            #expect(try await scene.bob.outcome(.DELETE, scene.path(scene.bob)) == "403 Permission denied")
            #expect(try await scene.bob.outcome(.DELETE, scene.path(scene.carol)) == "200")
            #expect(try await scene.bob.outcome(.DELETE, scene.path(scene.carol)) == "404 Member not found")
            #expect(try await hears.awaits("GUILD_DELETE")["d"] == ["id": .string(scene.nest.id)])
            try await hears.hears("NOTIFICATION_CREATE")
            try await scene.alice.says("unheard", in: scene.nest.general)
            #expect(try await scene.carol.outcome(.GET, "/servers/\(scene.nest.id)") == "403 Access denied")
            let own = try await scene.carol.foundsServer("Own")
            try await hears.hears("GUILD_CREATE")
            try await scene.carol.says("marker", in: own.general)
            try await hears.hearsNothing(before: "MESSAGE_CREATE", matching: "marker")
            try await scene.carol.joins(scene.nest)
            #expect(try await scene.carol.outcome(.GET, "/servers/\(scene.nest.id)") == "200")
        }
    }

    @Test("a ban keeps somebody out until it is lifted or runs out", arguments: DatabaseKind.allCases)
    func ban(kind: DatabaseKind) async throws {
        try await Self.with(kind, ["members.ban"]) { scene in
            let bans = "/servers/\(scene.nest.id)/bans"
            let invite = try await scene.alice.invites(to: scene.nest)
            #expect(try await scene.carol.outcome(.PUT, "\(bans)/\(scene.bob.id)", [:]) == "403 Permission denied")
            #expect(try await scene.bob.outcome(.PUT, "\(bans)/\(scene.alice.id)", [:]) == "403 Permission denied")
            #expect(try await scene.bob.outcome(.PUT, "\(bans)/\(scene.bob.id)", [:]) == "400 Invalid input")
            #expect(try await scene.bob.outcome(.PUT, "\(bans)/1", [:]) == "404 User not found")
            let ban = try await scene.bob.does(.PUT, "\(bans)/\(scene.carol.id)", ["reason": "spam"])
            #expect(ban["reason"] == "spam")
            #expect(ban["banned_by"]?.string == scene.bob.id)
            #expect(try await scene.bob.does(.GET, bans) == [ban])
            #expect(try await scene.carol.outcome(.GET, bans) == "403 Access denied")
            let join = { @Sendable () async throws -> String in
                try await scene.carol.outcome(.POST, "/channels/invites/\(invite)")
            }
            #expect(try await join() == "403 Banned from this server")
            try await scene.bob.does(.DELETE, "\(bans)/\(scene.carol.id)")
            #expect(try await scene.bob.outcome(.DELETE, "\(bans)/\(scene.carol.id)") == "404 Ban not found")
            #expect(try await join() == "200")
            let end = scene.server.clock.now().seconds + 60
            try await scene.bob.does(.PUT, "\(bans)/\(scene.carol.id)", ["expires_at": .integer(end)])
            #expect(try await join() == "403 Banned from this server")
            scene.server.clock.advance(by: .seconds(61))
            #expect(try await scene.bob.does(.GET, bans) == [])
            #expect(try await join() == "200")
            for body: JSON in [
                ["delete_message_days": 8], ["delete_message_days": -1], ["expires_at": 1],
                ["reason": .string(String(repeating: "r", count: 513))],
            ] {
                #expect(try await scene.bob.outcome(.PUT, "\(bans)/\(scene.carol.id)", body) == "400 Invalid input")
            }
        }
    }

    @Test("somebody who never was there can be banned", arguments: DatabaseKind.allCases)
    func banStranger(kind: DatabaseKind) async throws {
        try await Self.with(kind, ["members.ban"]) { scene in
            let dave = try await scene.server.person("dave")
            let hears = try await scene.bob.listens()
            let ban = try await scene.bob.does(.PUT, "/servers/\(scene.nest.id)/bans/\(dave.id)")
            #expect(try await hears.hears("GUILD_BAN_ADD")["d"] == ban)
            let invite = try await scene.alice.invites(to: scene.nest)
            #expect(try await dave.outcome(.POST, "/channels/invites/\(invite)") == "403 Banned from this server")
            try await scene.bob.does(.DELETE, "/servers/\(scene.nest.id)/bans/\(dave.id)")
            #expect(
                try await hears.hears("GUILD_BAN_REMOVE")["d"]
                    == ["server_id": .string(scene.nest.id), "user_id": .string(dave.id)])
        }
    }

    @Test("a ban takes the messages of the last days along, and no older ones", arguments: DatabaseKind.allCases)
    func banWithMessages(kind: DatabaseKind) async throws {
        try await Self.with(kind, ["members.ban"]) { scene in
            let general = scene.nest.general
            try await scene.carol.says("old", in: general)
            scene.server.clock.advance(by: .seconds(3 * 86_400))
            let other = try await scene.alice.opensChannel("other", in: scene.nest)
            for index in 0..<3 { try await scene.carol.says("spam \(index)", in: general) }
            try await scene.carol.says("spam", in: other)
            try await scene.alice.says("kept", in: general)
            let elsewhere = try await scene.carol.foundsServer("Own")
            try await scene.carol.says("own", in: elsewhere.general)
            let hears = try await scene.alice.listens()
            try await scene.bob.does(
                .PUT, "/servers/\(scene.nest.id)/bans/\(scene.carol.id)", ["delete_message_days": 2])
            #expect(try await scene.alice.reads(general) == ["kept", "old"])
            #expect(try await scene.alice.reads(other) == [])
            #expect(try await scene.carol.reads(elsewhere.general) == ["own"])
            #expect(try await hears.awaits("MESSAGE_DELETE_BULK")["d"]?["ids"]?.count == 3)
        }
    }

    @Test("a timed out member can read and nothing else, until the time is over", arguments: DatabaseKind.allCases)
    func timeout(kind: DatabaseKind) async throws {
        try await Self.with(kind, ["members.timeout"]) { scene in
            let general = scene.nest.general
            let message = try await scene.carol.says("before", in: general).text("id")
            try await scene.alice.does(
                .PUT, "/channels/\(general)/messages/\(message)/reactions/%F0%9F%91%8D")
            let end = scene.server.clock.now().seconds + 600
            let silenced = try await scene.bob.does(
                .PATCH, scene.path(scene.carol), ["timeout_until": .integer(end)])
            #expect(silenced["timeout_until"] == .integer(end))
            let path = "/channels/\(general)/messages"
            #expect(try await scene.carol.outcome(.POST, path, ["content": "a"]) == "403 Permission denied")
            #expect(
                try await scene.carol.outcome(.PATCH, "\(path)/\(message)", ["content": "a"]) == "403 Permission denied"
            )
            #expect(
                try await scene.carol.outcome(.PUT, "\(path)/\(message)/reactions/%F0%9F%91%8D")
                    == "403 Permission denied")
            #expect(try await scene.carol.outcome(.POST, "/channels/\(general)/typing") == "403 Permission denied")
            #expect(try await scene.carol.outcome(.POST, "/channels/\(general)/invites") == "403 Permission denied")
            #expect(
                try await scene.carol.outcome(.PATCH, scene.path(scene.carol), ["timeout_until": .null])
                    == "403 Permission denied")
            #expect(try await scene.carol.reads(general) == ["before"])
            scene.server.clock.advance(by: .seconds(601))
            #expect(try await scene.carol.outcome(.POST, path, ["content": "a"]) == "201")
            for seconds in [-1, 29 * 86_400] {
                let moment = scene.server.clock.now().seconds + Int64(seconds)
                #expect(
                    try await scene.bob.outcome(
                        .PATCH, scene.path(scene.carol), ["timeout_until": .integer(moment)]) == "400 Invalid input")
            }
            #expect(
                try await scene.bob.outcome(
                    .PATCH, scene.path(scene.alice), ["timeout_until": .integer(end + 3600)]) == "403 Permission denied"
            )
        }
    }

    @Test("nicknames are one's own business, and that of who manages them", arguments: DatabaseKind.allCases)
    func nicknames(kind: DatabaseKind) async throws {
        try await Self.with(kind, ["members.manage_nicknames"]) { scene in
            let hears = try await scene.alice.listens()
            let named = try await scene.carol.does(.PATCH, scene.path(scene.carol), ["nickname": " Caz "])
            #expect(named["nickname"] == "Caz")
            #expect(try await hears.hears("GUILD_MEMBER_UPDATE")["d"]?["member"]?["nickname"] == "Caz")
            #expect(
                try await scene.carol.outcome(.PATCH, scene.path(scene.bob), ["nickname": "B"])
                    == "403 Permission denied")
            #expect(try await scene.bob.outcome(.PATCH, scene.path(scene.carol), ["nickname": "C"]) == "200")
            #expect(
                try await scene.bob.outcome(.PATCH, scene.path(scene.alice), ["nickname": "A"])
                    == "403 Permission denied")
            let found = try await scene.alice.does(.GET, "/servers/\(scene.nest.id)/members?query=c")
            #expect(found.column("nickname") == ["C"])
            let cleared = try await scene.carol.does(.PATCH, scene.path(scene.carol), ["nickname": .null])
            #expect(cleared["nickname"] == .null)
            let everyone = try await scene.alice.everyoneRole(of: scene.nest)
            try await scene.alice.does(
                .PATCH, "/servers/\(scene.nest.id)/roles/\(everyone)",
                ["permissions": ["members.change_nickname": false]])
            #expect(
                try await scene.carol.outcome(.PATCH, scene.path(scene.carol), ["nickname": "Q"])
                    == "403 Permission denied")
        }
    }

    @Test(
        "what was done stands in the audit log, with the reason and what was before", arguments: DatabaseKind.allCases)
    func auditLog(kind: DatabaseKind) async throws {
        try await Self.with(kind, ["members.kick", "server.view_audit_log"]) { scene in
            let hears = try await scene.bob.listens()
            let path = "/servers/\(scene.nest.id)"
            _ = try await scene.alice.send(
                .PATCH, path, ["name": "Nest II"], headers: ["x-audit-log-reason": "g%C3%BCnstiger%20Name"])
            let entry = try await hears.awaits("GUILD_AUDIT_LOG_ENTRY_CREATE")["d"] ?? .null
            #expect(entry["action"] == "server.update")
            #expect(entry["user_id"]?.string == scene.alice.id)
            #expect(entry["target_type"] == "server")
            #expect(entry["target_id"]?.string == scene.nest.id)
            #expect(entry["reason"] == "günstiger Name")
            #expect(entry["changes"] == ["name": ["before": "Nest", "after": "Nest II"]])
            try await scene.bob.does(.DELETE, scene.path(scene.carol))
            let log = try await scene.bob.does(.GET, "\(path)/audit-logs")
            #expect(log.column("action").prefix(2) == ["member.kick", "server.update"])
            #expect(log[1] == entry)
            let kicks = try await scene.bob.does(
                .GET, "\(path)/audit-logs?action=member.kick&user_id=\(scene.bob.id)&limit=1")
            #expect(kicks.column("target_id") == [scene.carol.id])
            let older = try await scene.bob.does(
                .GET, "\(path)/audit-logs?before=\(try entry.text("id"))&action=server.update")
            #expect(older == [])
            #expect(try await scene.bob.outcome(.GET, "\(path)/audit-logs?action=fly") == "400 Invalid input")
            let long = String(repeating: "r", count: 513)
            let refused = try await scene.alice.send(
                .PATCH, path, ["name": "Nest"], headers: ["x-audit-log-reason": long])
            #expect(refused.outcome == "400 Invalid input")
            let dave = try await scene.server.person("dave")
            try await dave.joins(Community(id: scene.nest.id, general: scene.nest.general, owner: scene.alice))
            #expect(try await dave.outcome(.GET, "\(path)/audit-logs") == "403 Permission denied")
        }
    }

    @Test("every change of a server is written down", arguments: DatabaseKind.allCases)
    func auditActions(kind: DatabaseKind) async throws {
        try await Self.with(kind, []) { scene in
            let (alice, nest) = (scene.alice, scene.nest)
            let channel = try await alice.opensChannel("temporary", in: nest)
            try await alice.does(.PATCH, "/channels/\(channel)", ["topic": "t"])
            try await alice.closes(channel, in: nest)
            try await alice.does(.DELETE, "/channels/\(channel)/overwrites/\(try await alice.everyoneRole(of: nest))")
            try await alice.does(.DELETE, "/channels/\(channel)")
            let role = try await alice.makesRole("r", in: nest)
            try await alice.does(.PATCH, "/servers/\(nest.id)/roles/\(role)", ["name": "s"])
            try await alice.does(.DELETE, "/servers/\(nest.id)/roles/\(role)")
            try await alice.does(.PATCH, scene.path(scene.carol), ["nickname": "C"])
            let invite = try await alice.invites(to: nest)
            try await alice.does(.DELETE, "/channels/invites/\(invite)")
            let first = try await scene.carol.says("1", in: nest.general).text("id")
            let second = try await scene.carol.says("2", in: nest.general).text("id")
            let third = try await scene.carol.says("3", in: nest.general).text("id")
            try await alice.does(.PUT, "/channels/\(nest.general)/pins/\(first)")
            try await alice.does(.DELETE, "/channels/\(nest.general)/pins/\(first)")
            try await alice.does(.DELETE, "/channels/\(nest.general)/messages/\(first)")
            try await alice.does(
                .POST, "/channels/\(nest.general)/messages/bulk-delete",
                ["message_ids": [.string(second), .string(third)]])
            let log = try await alice.does(.GET, "/servers/\(nest.id)/audit-logs")
            // The first entries are those of the scene.
            #expect(
                log.column("action").reversed().drop { $0 != "channel.create" } == [
                    "channel.create", "channel.update", "overwrite.update", "overwrite.delete", "channel.delete",
                    "role.create", "role.update", "role.delete", "member.update", "invite.create", "invite.delete",
                    "message.pin", "message.unpin", "message.delete", "message.bulk_delete",
                ])
        }
    }

    @Test(
        "in an announcement channel only moderators write, and everyone reads and reacts",
        arguments: DatabaseKind.allCases)
    func announcements(kind: DatabaseKind) async throws {
        try await Self.with(kind, ["messages.manage"]) { scene in
            let news = try await scene.alice.opensChannel("news", in: scene.nest, ["type": "announcement"])
            let message = try await scene.bob.says("hear hear", in: news).text("id")
            #expect(
                try await scene.carol.outcome(.POST, "/channels/\(news)/messages", ["content": "a"])
                    == "403 Permission denied")
            #expect(try await scene.carol.reads(news) == ["hear hear"])
            #expect(
                try await scene.carol.outcome(
                    .PUT, "/channels/\(news)/messages/\(message)/reactions/%F0%9F%91%8D") == "200")
        }
    }
}
