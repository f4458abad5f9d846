import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

/// The audit log tells its readers that something was done, and what it was only where they could see it themselves.
@Suite("Who may know what stands in the audit log")
struct AuditSightTests {
    /// Everything that can be done in a channel, each with the word "secret" in what it changes.
    private static func busy(_ scene: PrivateCategory, in channel: String) async throws {
        let alice = scene.alice
        try await alice.does(.PATCH, "/channels/\(channel)", ["name": "secret-name", "topic": "secret topic"])
        try await alice.sets(scene.carol.id, "member", in: channel, deny: ["messages.send"])
        let message = try await scene.alice.says("x", in: channel).text("id")
        try await alice.does(.PUT, "/channels/\(channel)/pins/\(message)")
        let thread = try await alice.does(.POST, "/channels/\(channel)/threads", ["name": "t"]).text("id")
        try await alice.does(.PATCH, "/threads/\(thread)", ["name": "secret thread"])
        let inThread = try await alice.says("y", in: thread).text("id")
        try await alice.does(.PUT, "/channels/\(thread)/pins/\(inThread)")
        try await alice.does(.DELETE, "/threads/\(thread)")
        try await alice.does(.POST, "/webhooks", ["channel_id": .string(channel), "name": "secret hook"])
        _ = try await alice.send(
            .PATCH, "/channels/\(channel)", ["nsfw": true], headers: ["x-audit-log-reason": "secret reason"])
    }

    @Test(
        "of a channel that they can't see readers learn no more than that something was done, in list and event",
        arguments: DatabaseKind.allCases)
    func hidden(kind: DatabaseKind) async throws {
        try await PrivateCategory.with(kind, ["server.view_audit_log"]) { scene in
            let (bob, log) = (scene.bob, "/servers/\(scene.nest.id)/audit-logs?limit=100")
            let hears = try await bob.listens()
            try await Self.busy(scene, in: scene.room)
            let listed = try await bob.does(.GET, log)
            let full = try await scene.alice.does(.GET, log)
            #expect(listed.column("id") == full.column("id"))
            #expect(listed.column("action") == full.column("action"))
            for secret in ["secret", scene.room, scene.category, "\"room\"", "Board"] {
                #expect(!listed.text.contains(secret), "\(secret)")
            }
            #expect(full.text.contains("secret topic"))
            #expect(full.text.contains("secret reason"))
            let entries = Dictionary((listed.array ?? []).map { ($0["id"]?.string ?? "", $0) }) { $1 }
            let count = (full.array ?? []).count { Self.isBusiness($0) }
            #expect(count >= 8)
            for _ in 0..<count {
                let entry = try await hears.awaits("GUILD_AUDIT_LOG_ENTRY_CREATE")["d"] ?? .null
                #expect(entry == entries[entry["id"]?.string ?? ""])
            }
        }
    }

    /// What `busy` has done, and not what made the scene.
    private static func isBusiness(_ entry: JSON) -> Bool {
        let action = entry["action"]?.string ?? ""
        return ["channel.update", "message.pin", "thread.update", "thread.delete", "webhook.create"].contains(action)
            || entry["changes"]?["deny"]?["after"] == ["messages.send"]
    }

    @Test("who sees the channel reads all of it", arguments: DatabaseKind.allCases)
    func visible(kind: DatabaseKind) async throws {
        try await PrivateCategory.with(kind, ["server.view_audit_log"]) { scene in
            let hears = try await scene.bob.listens()
            try await Self.busy(scene, in: scene.nest.general)
            let log = "/servers/\(scene.nest.id)/audit-logs?limit=5"
            let own = try await scene.bob.does(.GET, log)
            #expect(try await scene.alice.does(.GET, log) == own)
            let event = try await hears.awaits("GUILD_AUDIT_LOG_ENTRY_CREATE")
            #expect(event["d"]?["changes"]?["topic"]?["after"] == "secret topic")
            #expect(event["d"]?["target_id"]?.string == scene.nest.general)
        }
    }

    @Test("of a deleted channel those may know who saw it last", arguments: DatabaseKind.allCases)
    func deleted(kind: DatabaseKind) async throws {
        try await PrivateCategory.with(kind, ["server.view_audit_log"]) { scene in
            let (alice, log) = (scene.alice, "/servers/\(scene.nest.id)/audit-logs?action=channel.delete")
            let open = try await alice.opensChannel("open", in: scene.nest)
            let hears = try await scene.bob.listens()
            for channel in [open, scene.room] { try await alice.does(.DELETE, "/channels/\(channel)") }
            let listed = try await scene.bob.does(.GET, log)
            #expect(listed[1]?["changes"]?["name"]?["before"] == "open")
            #expect(listed[0]?["changes"]?["name"] == ["hidden": true])
            #expect(listed[0]?["target_id"] == .null)
            #expect(listed[0]?["user_id"]?.string == alice.id)
            for index in [1, 0] {
                #expect(try await hears.awaits("GUILD_AUDIT_LOG_ENTRY_CREATE")["d"] == listed[index])
            }
            #expect(try await alice.does(.GET, log)[0]?["changes"]?["name"]?["before"] == "room")
        }
    }

    @Test("where everybody reads the log, each still reads only what they may", arguments: DatabaseKind.allCases)
    func everybody(kind: DatabaseKind) async throws {
        try await PrivateCategory.with(kind) { scene in
            try await scene.alice.does(
                .PATCH, "/servers/\(scene.nest.id)/roles/\(scene.everyone)",
                ["permissions": ["server.view_audit_log": true]])
            let (hears, aliceHears) = (try await scene.carol.listens(), try await scene.alice.listens())
            try await scene.alice.does(.PATCH, "/channels/\(scene.room)", ["topic": "secret"])
            let veiled = try await hears.hears("GUILD_AUDIT_LOG_ENTRY_CREATE")["d"]
            #expect(veiled?["changes"] == ["topic": ["hidden": true]])
            let whole = try await aliceHears.awaits("GUILD_AUDIT_LOG_ENTRY_CREATE")["d"]
            #expect(whole?["changes"]?["topic"]?["after"] == "secret")
            #expect(whole?["id"] == veiled?["id"])
        }
    }

    @Test("an invite's code is read by those who may list invites", arguments: DatabaseKind.allCases)
    func invites(kind: DatabaseKind) async throws {
        try await PrivateCategory.with(kind, ["server.view_audit_log", "invites.manage"]) { scene in
            let hears = try await scene.bob.listens()
            let code = try await scene.alice.invites(to: scene.nest)
            let log = "/servers/\(scene.nest.id)/audit-logs?limit=1"
            #expect(try await scene.bob.outcome(.GET, "/servers/\(scene.nest.id)/invites") == "403 Permission denied")
            let entry = try await scene.bob.does(.GET, log)[0]
            #expect(entry?["changes"]?["code"] == ["hidden": true])
            #expect(entry?["changes"]?["max_age"]?["after"] == 86_400)
            #expect(try await hears.awaits("GUILD_AUDIT_LOG_ENTRY_CREATE")["d"] == entry)
            #expect(try await scene.alice.does(.GET, log)[0]?["changes"]?["code"]?["after"]?.string == code)
            try await scene.alice.does(.DELETE, "/channels/invites/\(code)")
            #expect(try await scene.bob.does(.GET, log).text.contains(code) == false)
            try await scene.alice.does(
                .PATCH, "/servers/\(scene.nest.id)/roles/\(scene.manager)", ["permissions": ["server.manage": true]])
            let later = try await scene.bob.does(.GET, "/servers/\(scene.nest.id)/audit-logs?action=invite.delete")
            #expect(later[0]?["changes"]?["code"]?["before"]?.string == code)
        }
    }
}
