import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@testable import Community

/// What one can't do by the straight way can't be had by another one.
@Suite("Ways around")
struct DetourTests {
    @Test(
        "an answer, a thread and a repeated sending quote nothing to who may not read", arguments: DatabaseKind.allCases
    )
    func quotations(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, general) = (scene.alice, scene.bob, scene.nest.general)
            let messages = "/channels/\(general)/messages"
            let secret = try await alice.says("the secret", in: general).text("id")
            let again: JSON = ["content": "an answer", "reply_to_id": .string(secret), "nonce": "n"]
            #expect(try await bob.outcome(.POST, messages, again) == "201")
            let thread = try await alice.does(.POST, "/channels/\(general)/threads", ["name": "t"]).text("id")
            let below = try await alice.says("the secret below", in: thread).text("id")
            try await alice.sets(
                try await alice.everyoneRole(of: scene.nest), "role", in: general, deny: ["messages.read"])
            #expect(try await bob.outcome(.GET, messages) == "403 Permission denied")
            let send: JSON = .integer(scene.server.clock.now().seconds + 60)
            let ways: [(String, JSON)] = [
                (messages, ["content": "x", "reply_to_id": .string(secret)]), (messages, again),
                ("/channels/\(thread)/messages", ["content": "x", "reply_to_id": .string(below)]),
                ("/channels/\(general)/threads", ["name": "x", "message_id": .string(secret)]),
                ("/channels/\(general)/threads", ["name": "x", "message_id": "1"]),
                (
                    "/channels/\(general)/scheduled-messages",
                    ["content": "x", "reply_to_id": .string(secret), "send_at": send]
                ),
            ]
            for (path, body) in ways {
                let reply = try await bob.send(.POST, path, body)
                #expect(reply.outcome == "403 Permission denied", "\(path) \(body)")
                #expect(!reply.text.contains("secret"))
            }
            #expect(try await bob.outcome(.POST, messages, ["content": "said blindly"]) == "201")
        }
    }

    @Test("who may not speak opens no thread, since its name is something said", arguments: DatabaseKind.allCases)
    func threadNames(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, general) = (scene.alice, scene.bob, scene.nest.general)
            try await alice.sets(bob.id, "member", in: general, deny: ["messages.send"])
            #expect(
                try await bob.outcome(.POST, "/channels/\(general)/threads", ["name": "loud"])
                    == "403 Permission denied")
        }
    }

    @Test("the pause of slow mode holds in all threads of the channel", arguments: DatabaseKind.allCases)
    func slowMode(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, general) = (scene.alice, scene.bob, scene.nest.general)
            let threads = "/channels/\(general)/threads"
            let old = try await alice.does(.POST, threads, ["name": "old"]).text("id")
            try await alice.does(.PATCH, "/channels/\(general)", ["slowmode_seconds": 120])
            try await bob.says("first", in: general)
            #expect(try await bob.outcome(.POST, threads, ["name": "t"]) == "429 Rate limited")
            #expect(
                try await bob.outcome(.POST, "/channels/\(old)/messages", ["content": "x"]) == "429 Rate limited")
            scene.server.clock.advance(by: .seconds(121))
            let own = try await bob.does(.POST, threads, ["name": "t"]).text("id")
            for place in [general, old] {
                let reply = try await bob.send(.POST, "/channels/\(place)/messages", ["content": "x"])
                #expect(reply.outcome == "429 Rate limited")
            }
            let first = try await bob.says("what it is about", in: own).text("id")
            try await bob.does(.DELETE, "/channels/\(own)/messages/\(first)")
            #expect(
                try await bob.outcome(.POST, "/channels/\(own)/messages", ["content": "x"]) == "429 Rate limited")
            scene.server.clock.advance(by: .seconds(121))
            // A thread's own pause is its own.
            try await alice.does(.PATCH, "/channels/\(general)", ["slowmode_seconds": 0])
            try await alice.does(.PATCH, "/threads/\(old)", ["slowmode_seconds": 60])
            try await bob.says("one", in: old)
            #expect(
                try await bob.outcome(.POST, "/channels/\(old)/messages", ["content": "x"]) == "429 Rate limited")
            try await bob.says("two", in: general)
        }
    }

    @Test("whom somebody has blocked puts them into no thread", arguments: DatabaseKind.allCases)
    func blocked(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob) = (scene.alice, scene.bob)
            let thread = try await bob.does(.POST, "/channels/\(scene.nest.general)/threads", ["name": "t"]).text("id")
            let adding: JSON = ["add_members": [.string(alice.id)]]
            try await alice.does(.POST, "/relationships/block", ["user_id": .string(bob.id)])
            #expect(try await bob.outcome(.PATCH, "/threads/\(thread)", adding) == "403 Cannot message this user")
            try await alice.does(.DELETE, "/relationships/\(bob.id)")
            #expect(try await bob.outcome(.PATCH, "/threads/\(thread)", adding) == "200")
        }
    }

    @Test("a ban ends the invites of the banned, in that server alone", arguments: DatabaseKind.allCases)
    func invites(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob) = (scene.alice, scene.bob)
            let den = try await bob.foundsServer("Den")
            let there = try await bob.does(.POST, "/channels/\(den.general)/invites").text("code")
            let here = try await bob.does(.POST, "/channels/\(scene.nest.general)/invites").text("code")
            let others = try await alice.does(.POST, "/channels/\(scene.nest.general)/invites").text("code")
            try await alice.does(.PUT, "/servers/\(scene.nest.id)/bans/\(bob.id)")
            let second = try await scene.server.person("bob2")
            #expect(try await second.outcome(.POST, "/channels/invites/\(here)") == "404 Invite not found")
            #expect(try await second.outcome(.GET, "/channels/invites/\(there)") == "200")
            #expect(try await second.outcome(.POST, "/channels/invites/\(others)") == "200")
        }
    }

    @Test(
        "a channel that is one bot's or one person's stays closed when they are gone", arguments: DatabaseKind.allCases)
    func gone(kind: DatabaseKind) async throws {
        try await PrivateCategory.with(kind) { scene in
            let (alice, bob, carol) = (scene.alice, scene.bob, scene.carol)
            // The other way round: nobody sees but where it is allowed, and the category allows.
            let open = try await alice.opensChannel("Open", in: scene.nest, ["type": "category"])
            try await alice.sets(scene.everyone, "role", in: open, allow: ["channels.view"])
            try await alice.does(
                .PATCH, "/servers/\(scene.nest.id)/roles/\(scene.everyone)", ["permissions": ["channels.view": false]])
            let bot = try await bob.makesBot("helper")
            try await alice.gives(
                try await alice.makesRole("keeper", in: scene.nest, ["server.manage"]), to: bob, in: scene.nest)
            try await bob.brings(bot, to: scene.nest)
            var rooms: [String] = []
            for subject in [bot.id, bob.id] {
                let room = try await alice.opensChannel("r", in: scene.nest, ["category_id": .string(open)])
                try await alice.sets(subject, "member", in: room, allow: ["channels.view"])
                try await alice.does(.DELETE, "/channels/\(room)/overwrites/\(scene.everyone)")
                try await alice.says("between us", in: room)
                rooms.append(room)
            }
            func expectClosed() async throws {
                for room in rooms { #expect(try await carol.outcome(.GET, "/channels/\(room)") == "403 Access denied") }
            }
            try await expectClosed()
            try await bob.does(.DELETE, "/applications/\(bot.application)")
            try await expectClosed()
            try await bob.does(.DELETE, "/users/@me", ["password": .string(Person.password)])
            scene.server.clock.advance(by: .seconds(31 * 86_400))
            try await scene.server.keepsUp()
            let later = try await carol.onAnotherDevice()
            for room in rooms { #expect(try await later.outcome(.GET, "/channels/\(room)") == "403 Access denied") }
            let owner = try await alice.onAnotherDevice()
            for room in rooms {
                let own = try await owner.does(.GET, "/channels/\(room)")["overwrites"]
                #expect(own?.array?.map { $0["id"]?.string } == [scene.everyone], "\(String(describing: own))")
            }
        }
    }

    @Test("in a locked thread nobody votes, ends a poll or types", arguments: DatabaseKind.allCases)
    func locked(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob) = (scene.alice, scene.bob)
            let thread = try await bob.does(.POST, "/channels/\(scene.nest.general)/threads", ["name": "t"]).text("id")
            let poll = try await bob.does(
                .POST, "/polls",
                ["channel_id": .string(thread), "question": "q", "options": ["a", "b"], "duration_hours": 1]
            ).text("id")
            let acts: [(String, JSON?)] = [
                ("/polls/\(poll)/vote", ["options": [0]]), ("/polls/\(poll)/close", nil),
                ("/channels/\(thread)/typing", nil),
            ]
            try await alice.does(.PATCH, "/threads/\(thread)", ["locked": true])
            for (path, body) in acts {
                #expect(try await bob.outcome(.POST, path, body) == "403 Permission denied", "\(path)")
            }
            for (path, body) in acts { #expect(try await alice.outcome(.POST, path, body) == "200", "\(path)") }
        }
    }

    @Test(
        "who resumes is told by no entry of the audit log of a channel or a code that they lost",
        arguments: DatabaseKind.allCases)
    func auditLog(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let reader = try await alice.makesRole("reader", in: nest, ["server.view_audit_log"])
            let manager = try await alice.makesRole("manager", in: nest, ["server.manage"])
            for role in [reader, manager] { try await alice.gives(role, to: bob, in: nest) }
            let den = try await alice.opensChannel("den", in: nest)
            let absence = try await bob.goesAway()
            try await alice.does(.PATCH, "/channels/\(den)", ["topic": "secret topic"])
            try await alice.does(.PATCH, "/channels/\(nest.general)", ["topic": "open topic"])
            let code = try await alice.does(.POST, "/channels/\(nest.general)/invites").text("code")
            try await alice.closes(den, in: nest)
            try await alice.does(.DELETE, "/servers/\(nest.id)/members/\(bob.id)/roles/\(manager)")
            let back = try await bob.returns(from: absence)
            #expect(!back.text.contains("secret topic") && !back.text.contains(code), "\(back.text)")
            let entries = back.data(of: "GUILD_AUDIT_LOG_ENTRY_CREATE")
            #expect(entries.contains { $0["changes"]?["topic"]?["after"] == "open topic" })
            #expect(entries.contains { $0["action"] == "member.roles_update" })
        }
    }

    @Test(
        "of a webhook that moves, who sees one of the channels learns nothing of the other",
        arguments: DatabaseKind.allCases)
    func movedWebhook(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            try await alice.gives(
                try await alice.makesRole("reader", in: nest, ["server.view_audit_log"]), to: bob, in: nest)
            let den = try await alice.opensChannel("den", in: nest)
            try await alice.closes(den, in: nest)
            let hook = try await alice.does(.POST, "/webhooks", ["channel_id": .string(den), "name": "w"]).text("id")
            try await alice.does(.PATCH, "/webhooks/\(hook)", ["channel_id": .string(nest.general)])
            let path = "/servers/\(nest.id)/audit-logs?action=webhook.update"
            let told = try await bob.does(.GET, path)
            #expect(told.count == 2 && !String(decoding: told.jsonBytes, as: UTF8.self).contains(den))
            #expect(told.array?.contains { $0["changes"]?["channel_id"]?["after"] == .string(nest.general) } == true)
            let whole = try await alice.does(.GET, path)
            #expect(whole.array?.contains { $0["changes"]?["channel_id"]?["before"] == .string(den) } == true)
        }
    }

    @Test(
        "of what is long an entry of the audit log keeps the beginning, and says so", arguments: DatabaseKind.allCases)
    func longEntries(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, nest) = (scene.alice, scene.nest)
            var overwrites: [JSON] = []
            for number in 0..<40 {
                let role = try await alice.makesRole("r\(number)", in: nest)
                let allow: JSON = ["messages.send", "messages.read", "messages.add_reactions", "messages.attach_files"]
                overwrites.append(["id": .string(role), "type": "role", "allow": allow])
            }
            let channel = try await alice.opensChannel("large", in: nest, ["overwrites": .array(overwrites)])
            try await alice.does(.DELETE, "/channels/\(channel)")
            for action in ["channel.create", "channel.delete"] {
                let entry = try await alice.does(.GET, "/servers/\(nest.id)/audit-logs?action=\(action)")[0]
                let change = try #require(entry?["changes"]?["overwrites"])
                let kept = change["after"]?.array ?? change["before"]?.array ?? []
                #expect(change["shortened"] == true)
                #expect((1..<40).contains(kept.count) && change.jsonBytes.count < 10_000)
                #expect(entry?["changes"]?["name"]?["shortened"] == nil)
            }
        }
    }
}
