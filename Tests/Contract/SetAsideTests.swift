import Client
import Database
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@testable import Features

/// Rows that can't be worked off, made by what no client could write.
@Suite("Rows that are set aside")
struct SetAsideTests {
    @Test("an account that can't be erased keeps no other from going", arguments: DatabaseKind.allCases)
    func deletion(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let root = try await server.administrator()
            let (first, second) = (try await server.person("first"), try await server.person("second"))
            let squatter = try await server.person("squatter")
            for person in [first, second] {
                try await person.does(.DELETE, "/users/@me", ["password": .string(Person.password)])
            }
            // Not even a name that nobody can register is more than a name that is taken.
            let name = "deleted:\(first.id)"
            try await server.onDatabase { tx in
                try tx.execute("UPDATE users SET username_key = $1 WHERE username = 'squatter'", [name])
            }
            let nest = try await squatter.foundsServer()
            let gone = try await squatter.opensChannel("gone", in: nest)
            try await squatter.does(.DELETE, "/channels/\(gone)")
            server.clock.advance(by: .seconds(31 * 86_400))
            try await server.keepsUp()
            let rootAgain = try await root.onAnotherDevice()
            #expect(try await rootAgain.does(.GET, "/users/\(second.id)")["username"]?.string == "deleted:\(second.id)")
            #expect(try await rootAgain.does(.GET, "/users/\(first.id)")["username"] == "first")
            let left = try await server.onDatabase { tx in
                try tx.exists("SELECT 1 FROM channels WHERE deleted_at IS NOT NULL")
            }
            #expect(!left, "the later steps were done")
            let aside = try await rootAgain.does(.GET, "/admin/set-aside")
            #expect(aside.column("work") == ["account_deletion"])
            #expect(aside.column("item") == [first.id])
            #expect(aside[0]?["failures"] == 1)
            #expect(try await rootAgain.does(.GET, "/admin/stats")["rows_set_aside"] == 1)
            #expect(try await server.outcome(.GET, "/admin/set-aside") == "401 Authentication required")

            // It is tried again after a pause, and nothing is left of it when it works.
            try await server.keepsUp()
            #expect(try await rootAgain.does(.GET, "/admin/set-aside")[0]?["failures"] == 1)
            server.clock.advance(by: .seconds(120))
            try await server.keepsUp()
            #expect(try await rootAgain.does(.GET, "/admin/set-aside")[0]?["failures"] == 2)
            try await server.onDatabase { tx in
                try tx.execute("UPDATE users SET username_key = 'squatter' WHERE username = 'squatter'")
            }
            server.clock.advance(by: .seconds(300))
            try await server.keepsUp()
            #expect(try await rootAgain.does(.GET, "/users/\(first.id)")["username"]?.string == name)
            server.clock.advance(by: .seconds(4 * 86_400))
            try await server.keepsUp()
            #expect(try await rootAgain.does(.GET, "/admin/set-aside") == [])
        }
    }

    @Test("a poll that can't be closed keeps no other open", arguments: DatabaseKind.allCases)
    func polls(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (server, alice, nest) = (scene.server, scene.alice, scene.nest)
            let broken = try await alice.opensChannel("broken", in: nest)
            for channel in [broken, nest.general] {
                try await alice.does(
                    .POST, "/polls",
                    [
                        "channel_id": .string(channel), "question": "?", "options": ["a", "b"], "duration_hours": 1,
                    ])
            }
            try await Self.poison(broken, server)
            server.clock.advance(by: .seconds(3601))
            let closed = try await scene.bobHears.awaits("POLL_UPDATE")
            #expect(closed["d"]?["poll"]?["channel_id"]?.string == nest.general)
            try await server.hasSetAside("poll")
        }
    }

    @Test("a scheduled message that can't be sent keeps no other from going", arguments: DatabaseKind.allCases)
    func scheduledMessages(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (server, alice, nest) = (scene.server, scene.alice, scene.nest)
            let broken = try await alice.opensChannel("broken", in: nest)
            let soon = JSON.integer(server.clock.now().seconds + 60)
            for channel in [broken, nest.general] {
                try await alice.does(
                    .POST, "/channels/\(channel)/scheduled-messages", ["content": "later", "send_at": soon])
            }
            try await Self.poison(broken, server)
            server.clock.advance(by: .seconds(61))
            let sent = try await scene.bobHears.awaits("MESSAGE_CREATE")
            #expect(sent["d"]?["channel_id"]?.string == nest.general)
            try await server.hasSetAside("scheduled_message")
        }
    }

    @Test("an index of words that contradicts itself holds up the end of its channel, and of no other")
    func channels() async throws {
        try await EventTests.with(.sqlite) { scene in
            let (server, alice, nest) = (scene.server, scene.alice, scene.nest)
            let broken = try await alice.opensChannel("broken", in: nest)
            let whole = try await alice.opensChannel("whole", in: nest)
            let said = try MessageID(parsing: try await alice.says("some words", in: broken).text("id"))
            // A message of which the index never heard.
            try await server.copies(1, of: "messages", where: "id", is: said, with: ["id": "CAST($1 AS BIGINT)"])
            for channel in [broken, whole] { try await alice.does(.DELETE, "/channels/\(channel)") }
            try await server.keepsUp()
            let ids = try [broken, whole].map { try ChannelID(parsing: $0) }
            let left = try await server.onDatabase { tx in
                try tx.all("SELECT id FROM channels WHERE id = ANY ($1)", [SQLList(ids)]) { $0.id(0, ChannelID.self) }
            }
            #expect(left == [ids[0]])
            try await server.hasSetAside("channel")
        }
    }

    /// Makes a channel one that no version of the program knows.
    private static func poison(_ channel: String, _ server: TestServer) async throws {
        let id = try #require(Int64(channel))
        try await server.onDatabase { tx in
            try tx.execute("UPDATE channels SET type = 'nonsense' WHERE id = $1", [id])
        }
    }
}

extension TestServer {
    /// Waits until something of that work is set aside.
    func hasSetAside(_ work: String) async throws {
        try await eventually {
            try await onDatabase { tx in try SetAsideStore.rows(limit: 10, tx) }.contains { $0.work == work }
        }
    }
}
