import Client
import Database
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

/// The voice channel to which those are brought who are away.
@Suite("Channels for who is away")
struct AFKTests {
    typealias Speaker = VoiceTests.Speaker

    private static func speaker(_ person: Person, in channel: String) async throws -> Speaker {
        Speaker(person: person, listener: try await person.listens(), channel: channel)
    }

    /// A server with a channel for who is away after a minute.
    private static func scene(_ server: TestServer) async throws -> (
        alice: Speaker, bob: Speaker, nest: Community, away: String
    ) {
        let (alice, bob, nest) = try await VoiceTests.pair(server)
        let away = try await alice.person.opensChannel("away", in: nest, ["type": "voice"])
        try await alice.person.does(
            .PATCH, "/servers/\(nest.id)", ["afk_channel_id": .string(away), "afk_timeout": 60])
        return (alice, bob, nest, away)
    }

    private static func people(in channel: String, seenBy person: Person) async throws -> [String] {
        try await person.does(.GET, "/channels/\(channel)/voice-states").column("user_id").sorted()
    }

    /// Lets time pass until somebody is in a channel.
    private static func waits(
        for person: String, in channel: String, seenBy viewer: Person, _ server: TestServer
    ) async throws {
        try await eventually {
            server.clock.advance(by: .seconds(1))
            return try await people(in: channel, seenBy: viewer).contains(person)
        }
    }

    @Test("a server has one, and says after how long", arguments: DatabaseKind.allCases)
    func setting(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let path = "/servers/\(nest.id)"
            let before = try await alice.does(.GET, path)
            #expect(before["afk_channel_id"] == .null && before["afk_timeout"] == 300)
            let away = try await alice.opensChannel("away", in: nest, ["type": "voice"])
            let changed = try await alice.does(
                .PATCH, path, ["afk_channel_id": .string(away), "afk_timeout": 900])
            #expect(changed["afk_channel_id"] == .string(away) && changed["afk_timeout"] == 900)
            #expect(try await scene.bobHears.awaits("GUILD_UPDATE")["d"] == changed)
            #expect(try await alice.does(.PATCH, path, ["name": "Other"])["afk_channel_id"] == .string(away))
            for body: JSON in [
                ["afk_timeout": 61], ["afk_timeout": 0], ["afk_timeout": "60"], ["afk_timeout": .null],
                ["afk_channel_id": .string(nest.general)], ["afk_channel_id": "x"],
            ] {
                #expect(try await alice.outcome(.PATCH, path, body) == "400 Invalid input", "\(body)")
            }
            let den = try await bob.foundsServer("Den")
            let foreign = try await VoiceTests.voiceChannel(of: den)
            for id in [foreign, "1"] {
                let outcome = try await alice.outcome(.PATCH, path, ["afk_channel_id": .string(id)])
                #expect(outcome == "404 Channel not found")
            }
            #expect(try await bob.outcome(.PATCH, path, ["afk_timeout": 60]) == "403 Permission denied")
            let entry = try await alice.does(.GET, "\(path)/audit-logs").array?.first {
                $0["changes"]?["afk_channel_id"] != nil
            }
            #expect(entry?["action"] == "server.update")

            try await alice.does(.DELETE, "/channels/\(away)")
            #expect(try await scene.bobHears.awaits("CHANNEL_DELETE")["d"]?["id"] == .string(away))
            let after = try await alice.does(.GET, path)
            #expect(after["afk_channel_id"] == .null && after["afk_timeout"] == 900, "it ends with the channel")
            let next = try await alice.opensChannel("next", in: nest, ["type": "voice"])
            try await alice.does(.PATCH, path, ["afk_channel_id": .string(next)])
            #expect(try await alice.does(.PATCH, path, ["afk_channel_id": .null])["afk_channel_id"] == .null)
        }
    }

    @Test(
        "who neither speaks nor shows anything is brought there, and is heard by nobody",
        arguments: DatabaseKind.allCases)
    func moving(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob, nest, away) = try await Self.scene(server)
            let (carol, dave) = (try await server.person("carol"), try await server.person("dave"))
            for person in [carol, dave] { try await person.joins(nest) }
            let (seen, quiet) = (
                try await Self.speaker(carol, in: bob.channel), try await Self.speaker(dave, in: bob.channel)
            )
            // Alice speaks without a pause, Carol shows herself, Dave comes last and does nothing.
            for (each, choice) in [(alice, false), (seen, true), (quiet, false)] {
                try await each.says(op: 4, ["channel_id": .string(bob.channel), "self_video": .bool(choice)])
                var state: JSON = .null
                while state["user_id"] != .string(each.person.id) {
                    state = try await each.listener.awaits("VOICE_STATE_UPDATE")["d"] ?? .null
                }
            }
            try await alice.says(op: 20, ["channel_id": .string(bob.channel), "device_id": "desk"])
            try await alice.listener.awaits("VOICE_EPOCH")
            try await alice.says(op: 25, ["channel_id": .string(bob.channel), "speaking": 1])
            let bot = try await alice.person.makesBot()
            try await alice.person.brings(bot, to: nest)
            let botHears = try await bot.listens(intents: 1 << 7)
            try await botHears.socket.send(["op": 4, "d": ["channel_id": .string(bob.channel)]])
            try await botHears.awaits("VOICE_STATE_UPDATE")

            try await Self.waits(for: dave.id, in: away, seenBy: bob.person, server)
            #expect(
                try await Self.people(in: bob.channel, seenBy: bob.person)
                    == [alice.person.id, carol.id, bot.id].sorted())
            let state = try await bob.person.does(.GET, "/channels/\(away)/voice-states")[0]
            #expect(state?["suppress"] == true && state?["mute"] == false)
            let log = try await alice.person.does(.GET, "/servers/\(nest.id)/audit-logs").array ?? []
            #expect(log.contains { $0["action"] == "server.update" } && !log.contains { $0["action"] == "member.move" })
            let sound = "/channels/\(away)/sounds/1/play"
            #expect(try await dave.outcome(.POST, sound) == "403 Permission denied", "nothing is heard there")

            // Whoever comes back is heard again.
            try await quiet.says(op: 4, ["channel_id": .string(bob.channel)])
            try await eventually {
                try await Self.people(in: bob.channel, seenBy: bob.person).contains(dave.id)
            }
            let back = try await bob.person.does(.GET, "/channels/\(bob.channel)/voice-states").array ?? []
            #expect(back.first { $0["user_id"] == .string(dave.id) }?["suppress"] == false)
        }
    }

    @Test("who does not see the channel stays, and so do all while there is none", arguments: DatabaseKind.allCases)
    func staying(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob, nest, away) = try await Self.scene(server)
            let everyone = try await alice.person.everyoneRole(of: nest)
            try await alice.person.does(
                .PUT, "/channels/\(away)/overwrites/\(everyone)", ["type": "role", "deny": ["channels.view"]])
            for each in [bob, alice] { try await each.says(op: 4, ["channel_id": .string(bob.channel)]) }
            try await eventually { try await Self.people(in: bob.channel, seenBy: alice.person).count == 2 }
            // Alice sees everything, and comes after Bob.
            try await Self.waits(for: alice.person.id, in: away, seenBy: alice.person, server)
            #expect(try await Self.people(in: bob.channel, seenBy: alice.person) == [bob.person.id])
            #expect(try await bob.person.outcome(.GET, "/channels/\(away)/voice-states") == "403 Access denied")
        }
    }

    @Test("whom nobody hears there is heard once it is a channel like others", arguments: DatabaseKind.allCases)
    func changing(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob, nest, away) = try await Self.scene(server)
            let elsewhere = Speaker(person: bob.person, listener: bob.listener, channel: away)
            try await elsewhere.says(op: 4, ["channel_id": .string(away)])
            #expect(try await elsewhere.listener.awaits("VOICE_STATE_UPDATE")["d"]?["suppress"] == true)
            try await alice.person.does(.PATCH, "/servers/\(nest.id)", ["afk_channel_id": .null])
            #expect(try await elsewhere.listener.awaits("VOICE_STATE_UPDATE")["d"]?["suppress"] == false)
            try await alice.person.does(.PATCH, "/servers/\(nest.id)", ["afk_channel_id": .string(away)])
            #expect(try await elsewhere.listener.awaits("VOICE_STATE_UPDATE")["d"]?["suppress"] == true)
            // A moderator brings them where they are heard.
            let moved = try await alice.person.does(
                .PATCH, "/servers/\(nest.id)/voice-states/\(bob.person.id)", ["channel_id": .string(bob.channel)])
            #expect(moved["suppress"] == false)
        }
    }

    @Test("a server made after a template has its channel, too", arguments: DatabaseKind.allCases)
    func templates(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, _, nest, _) = try await Self.scene(server)
            let code = try await alice.person.does(.POST, "/servers/\(nest.id)/templates", ["name": "ours"]).text(
                "code")
            let made = try await alice.person.does(.POST, "/templates/\(code)", ["name": "Second"])
            let channels = try await alice.person.does(.GET, "/servers/\(try made.text("id"))/channels")
            let away = channels.array?.first { $0["name"] == "away" }
            #expect(made["afk_channel_id"] == away?["id"] && made["afk_timeout"] == 60)
        }
    }
}
