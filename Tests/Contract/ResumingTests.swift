import Client
import Database
import Events
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@testable import People

/// What a session that comes back is told: what could be seen when it happened and can be seen now.
@Suite("Resuming")
struct ResumingTests {
    /// How somebody comes to see less while they are away.
    enum Turn: String, CaseIterable, Sendable {
        case kick
        case ban
        case leaving
        case hiddenChannel
        case deletedChannel
        case roleTaken
        case deletedServer

        var loss: String {
            switch self {
            case .kick, .ban, .leaving, .deletedServer: "GUILD_DELETE"
            case .hiddenChannel, .deletedChannel, .roleTaken: "CHANNEL_DELETE"
            }
        }

        /// The measure of a moderator that the person is told of.
        var measure: String? {
            switch self {
            case .kick: "kick"
            case .ban: "ban"
            case .leaving, .hiddenChannel, .deletedChannel, .roleTaken, .deletedServer: nil
            }
        }
    }

    @Test(
        "what was lost while one was away comes as its loss alone", arguments: DatabaseKind.allCases, Turn.allCases)
    func losses(kind: DatabaseKind, turn: Turn) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let bob = try await server.person("bob")
            let nest = try await alice.foundsServer()
            try await bob.joins(nest)
            let insider = try await alice.makesRole("insider", in: nest, ["messages.read"])
            try await alice.gives(insider, to: bob, in: nest)
            let den = try await alice.opensChannel("den", in: nest)
            try await alice.closes(den, in: nest, but: [insider])
            let absence = try await bob.goesAway()

            let message = try await alice.says("a secret <@\(bob.id)>", in: den).text("id")
            try await alice.does(.PUT, "/channels/\(den)/messages/\(message)/reactions/:tada:")
            try await alice.does(.PUT, "/channels/\(den)/pins/\(message)")
            try await alice.does(.PATCH, "/channels/\(den)", ["topic": "a secret topic"])
            let thread = try await alice.does(.POST, "/channels/\(den)/threads", ["name": "a secret thread"])
            try await alice.says("a secret below", in: try thread.text("id"))
            try await Self.take(turn, alice, bob, nest, den, insider)

            let back = try await bob.returns(from: absence)
            #expect(!back.text.contains("secret"), "\(back.text)")
            #expect(back.names.contains(turn.loss), "\(back.names)")
            let lost = turn.loss == "GUILD_DELETE" ? nest.id : den
            #expect(back.data(of: turn.loss).contains { $0["id"]?.string == lost })
            let told = back.data(of: "NOTIFICATION_CREATE").map { [$0["type"]?.string, $0["action"]?.string] }
            #expect(told == turn.measure.map { [["moderation", $0]] } ?? [])
            let others = Set(back.names).subtracting([
                "GUILD_DELETE", "CHANNEL_DELETE", "NOTIFICATION_CREATE", "NOTIFICATION_DELETE", "GUILD_MEMBER_UPDATE",
            ])
            #expect(others.isEmpty, "\(others)")
        }
    }

    private static func take(
        _ turn: Turn, _ alice: Person, _ bob: Person, _ nest: Community, _ den: String, _ insider: String
    ) async throws {
        let member = "/servers/\(nest.id)/members/\(bob.id)"
        switch turn {
        case .kick: try await alice.does(.DELETE, member)
        case .ban: try await alice.does(.PUT, "/servers/\(nest.id)/bans/\(bob.id)")
        case .leaving: try await bob.does(.POST, "/servers/\(nest.id)/leave")
        case .hiddenChannel:
            try await alice.does(
                .PUT, "/channels/\(den)/overwrites/\(insider)", ["type": "role", "deny": ["channels.view"]])
        case .deletedChannel: try await alice.does(.DELETE, "/channels/\(den)")
        case .roleTaken: try await alice.does(.DELETE, member + "/roles/\(insider)")
        case .deletedServer: try await alice.does(.DELETE, "/servers/\(nest.id)")
        }
    }

    @Test("what was lost and can be seen again comes without what lay between", arguments: DatabaseKind.allCases)
    func regained(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let bob = try await server.person("bob")
            let nest = try await alice.foundsServer()
            try await bob.joins(nest)
            let absence = try await bob.goesAway()
            try await alice.says("before", in: nest.general)
            try await alice.closes(nest.general, in: nest)
            try await alice.says("between", in: nest.general)
            let everyone = try await alice.everyoneRole(of: nest)
            try await alice.does(.DELETE, "/channels/\(nest.general)/overwrites/\(everyone)")
            try await alice.says("after", in: nest.general)
            let back = try await bob.returns(from: absence)
            #expect(back.data(of: "MESSAGE_CREATE").compactMap { $0["content"]?.string } == ["before", "after"])
            let names = back.names.filter { $0 != "CHANNEL_UPDATE" }
            #expect(names == ["MESSAGE_CREATE", "CHANNEL_DELETE", "CHANNEL_CREATE", "MESSAGE_CREATE"])
        }
    }

    @Test("what came and went while one was away is not told", arguments: DatabaseKind.allCases)
    func cameAndWent(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let bob = try await server.person("bob")
            let nest = try await alice.foundsServer("Nest")
            let absence = try await bob.goesAway()
            try await bob.joins(nest)
            let den = try await alice.opensChannel("secret-den", in: nest)
            try await alice.says("a secret", in: den)
            try await alice.does(.DELETE, "/servers/\(nest.id)/members/\(bob.id)")
            let back = try await bob.returns(from: absence)
            #expect(!back.text.lowercased().contains("secret"), "\(back.text)")
            // That a moderator put them out is told, with the name of the server that they had joined.
            #expect(back.names == ["GUILD_DELETE", "NOTIFICATION_CREATE"])
        }
    }

    @Test(
        "who does not moderate any more is not told what moderators were told", arguments: DatabaseKind.allCases)
    func demotion(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let bob = try await server.person("bob")
            let carol = try await server.person("carol")
            let nest = try await alice.foundsServer()
            for person in [bob, carol] { try await person.joins(nest) }
            let guards = try await alice.makesRole(
                "guards", in: nest, ["server.view_audit_log", "members.ban", "server.manage"])
            try await alice.gives(guards, to: bob, in: nest)
            let (kept, lost) = (try await alice.goesAway(), try await bob.goesAway())
            try await alice.does(.PUT, "/servers/\(nest.id)/bans/\(carol.id)", ["reason": "a secret reason"])
            let invite = try await alice.does(.POST, "/channels/\(nest.general)/invites").text("code")
            try await alice.does(.DELETE, "/servers/\(nest.id)/members/\(bob.id)/roles/\(guards)")
            let moderators = ["GUILD_AUDIT_LOG_ENTRY_CREATE", "GUILD_BAN_ADD", "INVITE_CREATE"]
            let back = try await bob.returns(from: lost)
            for name in moderators { #expect(back.data(of: name).isEmpty, "\(name)") }
            #expect(!back.text.contains("a secret reason"))
            #expect(!back.text.contains(invite))
            let owner = try await alice.returns(from: kept)
            for name in moderators { #expect(!owner.data(of: name).isEmpty, "\(name)") }
        }
    }

    @Test("a group that one left comes as its loss alone", arguments: DatabaseKind.allCases)
    func group(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let bob = try await server.person("bob")
            let carol = try await server.person("carol")
            for other in [bob, carol] { try await alice.befriends(other) }
            let absence = try await bob.goesAway()
            let group = try await alice.does(
                .POST, "/users/@me/channels",
                ["recipient_ids": [.string(bob.id), .string(carol.id)], "name": "a secret name"]
            ).text("id")
            try await alice.says("a secret", in: group)
            try await alice.does(.DELETE, "/channels/\(group)/recipients/\(bob.id)")
            let back = try await bob.returns(from: absence)
            #expect(!back.text.contains("secret"), "\(back.text)")
            #expect(back.data(of: "CHANNEL_DELETE").compactMap { $0["id"]?.string } == [group])
        }
    }

    // MARK: Deleted messages

    /// How a message comes to be gone.
    enum Deletion: String, CaseIterable, Sendable {
        case single
        case bulk
        case ban
        case thread
        case conversation
    }

    @Test(
        "of a message that was deleted only that is told", arguments: DatabaseKind.allCases, Deletion.allCases)
    func deleted(kind: DatabaseKind, deletion: Deletion) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let bob = try await server.person("bob")
            let carol = try await server.person("carol")
            let nest = try await alice.foundsServer()
            for person in [bob, carol] { try await person.joins(nest) }
            let absence = try await bob.goesAway()
            let place =
                switch deletion {
                case .thread:
                    try await carol.does(.POST, "/channels/\(nest.general)/threads", ["name": "a secret"]).text("id")
                case .conversation: try await carol.conversation(with: bob)
                default: nest.general
                }
            let message = try await carol.says("a secret", in: place).text("id")
            let path = "/channels/\(place)/messages/\(message)"
            try await carol.does(.PATCH, path, ["content": "another secret <@\(bob.id)>"])
            try await carol.does(.PUT, path + "/reactions/:tada:")
            let answer = try await carol.does(
                .POST, "/channels/\(place)/messages", ["content": "an answer", "reply_to_id": .string(message)])
            switch deletion {
            case .single, .conversation: try await carol.does(.DELETE, path)
            case .bulk:
                let other = try await carol.says("a secret, too", in: place).text("id")
                try await alice.does(
                    .POST, "/channels/\(place)/messages/bulk-delete",
                    ["message_ids": [.string(message), .string(other)]])
            case .ban:
                try await alice.does(
                    .PUT, "/servers/\(nest.id)/bans/\(carol.id)", ["delete_message_days": 1])
            case .thread: try await alice.does(.DELETE, "/threads/\(place)")
            }
            for round in ["before", "after"] {
                let back = try await bob.returns(from: absence)
                #expect(!back.text.contains("secret"), "\(round) the upkeep: \(back.text)")
                #expect(back.data(of: "MESSAGE_REACTION_ADD").isEmpty)
                switch deletion {
                case .single, .conversation:
                    #expect(back.data(of: "MESSAGE_DELETE").compactMap { $0["id"]?.string } == [message])
                    // Who answered it is still there, and says only what is left.
                    let answers = back.data(of: "MESSAGE_CREATE")
                    #expect(answers.map { $0["id"] } == [answer["id"]])
                    #expect(answers.first?["reply_to"] == .null)
                    #expect(answers.first?["reply_to_id"]?.string == message)
                    #expect(answers.first?["content"] == "an answer")
                case .bulk, .ban: #expect(!back.data(of: "MESSAGE_DELETE_BULK").isEmpty)
                case .thread: #expect(back.data(of: "THREAD_DELETE").compactMap { $0["id"]?.string } == [place])
                }
                await back.listener.socket.disconnect()
                try await server.keepsUp()
            }
            let log = try await server.onDatabase { tx in
                // What moderators did stays in their log, with its names.
                try tx.all("SELECT payload FROM events WHERE kind <> 'GUILD_AUDIT_LOG_ENTRY_CREATE'") {
                    String(decoding: $0.bytes(0), as: UTF8.self)
                }
            }
            #expect(!log.contains { $0.contains("secret") })
            #expect(try await server.onDatabase { tx in try !tx.exists("SELECT 1 FROM forgotten_things") })
        }
    }

    @Test("a deleted channel's messages leave the log with it", arguments: DatabaseKind.allCases)
    func purged(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let den = try await alice.opensChannel("den", in: nest)
            let thread = try await alice.does(.POST, "/channels/\(den)/threads", ["name": "secret plans"])
            for place in [den, try thread.text("id")] { try await alice.says("a secret", in: place) }
            try await alice.says("kept", in: nest.general)
            try await alice.does(.DELETE, "/channels/\(den)")
            // What the first round removes is forgotten in the second at the latest.
            for _ in 0..<2 { try await server.keepsUp() }
            let log = try await server.onDatabase { tx in
                try tx.all("SELECT payload FROM events WHERE kind LIKE 'MESSAGE%' OR kind LIKE 'THREAD%'") {
                    String(decoding: $0.bytes(0), as: UTF8.self)
                }
            }
            #expect(!log.contains { $0.contains("secret") })
            #expect(log.contains { $0.contains("kept") })
        }
    }

    // MARK: Costs

    @Test(
        "all windows of a login resume at once, but not again and again, and it may identify meanwhile",
        arguments: DatabaseKind.allCases)
    func interval(kind: DatabaseKind) async throws {
        let limits = ["rate_limiting.enabled": "true", "gateway.identify_interval_seconds": "3600"]
        try await TestServer.with(kind, limits) { server in
            let bob = try await server.person("bob")
            let absence = try await bob.goesAway()
            for _ in 0..<5 {
                let back = try await bob.returns(from: absence)
                await back.listener.socket.disconnect()
            }
            let again = try await bob.asksToReturn(from: absence)
            let closed = try await again.socket.closed()
            #expect(closed.code == 4008)
            #expect(closed.reason == "RESUME too often")
            let carol = try await server.person("carol")
            let nonsense = Absence(person: carol, session: "nonsense", sequence: 0)
            let refused = try await carol.asksToReturn(from: nonsense)
            #expect(try await refused.next(op: 9)["d"] == false)
            try await refused.socket.send(["op": 2, "d": ["token": .string(carol.token)]])
            try await refused.hears("READY")
        }
    }

    @Test("who missed too many bytes begins anew", arguments: DatabaseKind.allCases)
    func tooLarge(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["gateway.replay_events": "100"]) { server in
            let bob = try await server.person("bob")
            let absence = try await bob.goesAway()
            let user = try UserID(parsing: bob.id)
            try await server.onDatabase { tx in
                for _ in 0..<4 {
                    let long = SettingChanges(changed: ["x": String(repeating: "x", count: 30_000)], deleted: [])
                    tx.emit(.userSettingsUpdate, long, to: .user(user))
                }
            }
            let listener = try await bob.asksToReturn(from: absence)
            #expect(try await listener.next(op: 9)["d"] == false)
        }
    }

    @Test("who missed too much begins anew", arguments: DatabaseKind.allCases)
    func tooLong(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["gateway.replay_events": "100"]) { server in
            let bob = try await server.person("bob")
            let absence = try await bob.goesAway()
            let user = try UserID(parsing: bob.id)
            let nothing = SettingChanges(changed: [:], deleted: [])
            try await server.onDatabase { tx in
                for _ in 0..<100 { tx.emit(.userSettingsUpdate, nothing, to: .user(user)) }
            }
            let back = try await bob.returns(from: absence)
            #expect(back.events.count == 100)
            await back.listener.socket.disconnect()
            try await server.onDatabase { tx in
                tx.emit(.userSettingsUpdate, nothing, to: .user(user))
            }
            let listener = try await bob.asksToReturn(from: absence)
            let refusal = try await listener.next(op: 9)
            #expect(refusal["d"] == false)
            try await listener.socket.send(["op": 2, "d": ["token": .string(bob.token)]])
            try await listener.hears("READY")
        }
    }
}
