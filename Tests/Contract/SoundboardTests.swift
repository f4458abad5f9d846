import Client
import Database
import Features
import Foundation
import Kernel
import Media
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@testable import Community

/// Sounds of servers: bringing them, and playing them to those who are in a voice channel.
@Suite("Soundboard")
struct SoundboardTests {
    static func sends(
        _ sample: String, to server: String, by person: Person, _ fields: [String: String] = ["name": "Quack"]
    ) async throws -> HTTPReply {
        try await person.sends(
            try await SampleFiles.bytes(sample), named: sample, to: "/servers/\(server)/sounds", field: "sound", fields)
    }

    static func make(
        _ name: String, in server: String, by person: Person, _ more: [String: String] = [:]
    ) async throws -> JSON {
        let reply = try await sends("voice.ogg", to: server, by: person, more.merging(["name": name]) { $1 })
        guard reply.status == 201 else { throw UnexpectedReply(reply) }
        return reply.json
    }

    /// Puts a sound into a server, as an upload would.
    static func add(_ name: String, to server: String, _ host: TestServer) async throws -> String {
        let id = SoundID(rawValue: Int64.random(in: 1000...1_000_000_000))
        let server = try ServerID(parsing: server)
        try await host.onDatabase { tx in
            try SoundStore.insert(
                Sound(
                    id: id, server: server, name: name, volume: .full, emoji: nil, blob: BlobID(rawValue: 1),
                    duration_ms: 1000, size_bytes: 1, creator: UserID(rawValue: 1), createdAt: tx.now), tx)
        }
        return id.description
    }

    private static func play(_ sound: String, in channel: String) -> String {
        "/channels/\(channel)/sounds/\(sound)/play"
    }

    // MARK: Bringing

    @Test("sounds are made, listed, changed and deleted, and everyone is told", arguments: DatabaseKind.allCases)
    func life(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let path = "/servers/\(nest.id)/sounds"
            let made = try await Self.make("Quack", in: nest.id, by: alice, ["volume": "0.5", "emoji": "🦆"])
            #expect(made["volume"] == .number(0.5) && made["emoji"] == "🦆" && made["server_id"] == .string(nest.id))
            #expect((1900...2100).contains(made["duration_ms"]?.integer ?? 0) && made["available"] == true)
            let told = try await scene.bobHears.hears("GUILD_SOUNDBOARD_UPDATE")["d"]
            #expect(told == ["server_id": .string(nest.id), "sounds": [made]])
            #expect(try await bob.does(.GET, path) == [made])
            let own = "\(path)/\(try made.text("id"))"
            #expect(try await bob.outcome(.PATCH, own, ["name": "Mine"]) == "403 Permission denied")
            #expect(try await bob.outcome(.DELETE, own) == "403 Permission denied")
            let changed = try await alice.does(.PATCH, own, ["name": "Honk", "volume": 1, "emoji": .null])
            #expect([changed["name"], changed["volume"], changed["emoji"]] == ["Honk", .number(1), .null])
            #expect(try await scene.bobHears.hears("GUILD_SOUNDBOARD_UPDATE")["d"]?["sounds"] == [changed])
            #expect(try await alice.does(.PATCH, own, ["name": "Honk"]) == changed)
            for body: JSON in [
                ["name": "x"], ["name": .string(String(repeating: "x", count: 33))], ["volume": .number(1.001)],
                ["volume": -1], ["volume": "loud"], ["volume": .null], ["emoji": "ab"], ["emoji": "🦆🦆"],
            ] {
                #expect(try await alice.outcome(.PATCH, own, body) == "400 Invalid input", "\(body)")
            }
            let den = try await alice.foundsServer("Den")
            let id = try made.text("id")
            #expect(try await alice.outcome(.PATCH, "/servers/\(den.id)/sounds/\(id)") == "404 Resource not found")
            #expect(try await alice.outcome(.DELETE, "/servers/\(den.id)/sounds/\(id)") == "404 Resource not found")
            try await alice.does(.DELETE, own)
            #expect(try await scene.bobHears.hears("GUILD_SOUNDBOARD_UPDATE")["d"]?["sounds"] == [])
            #expect(try await alice.outcome(.DELETE, own) == "404 Resource not found")
            #expect(try await scene.server.fetch(try made.text("url"), token: alice.token).status == 404)
        }
    }

    @Test("of a file only what is heard is kept, and only members have it", arguments: DatabaseKind.allCases)
    func files(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, nest) = (scene.alice, scene.nest)
            for sample in ["voice.ogg", "covered.mp3", "edge.ogg"] {
                let made = try await Self.sends(sample, to: nest.id, by: alice)
                #expect(made.outcome == "201", "\(sample)")
                let url = try made.json.text("url")
                let file = try await scene.server.fetch(url, token: scene.bob.token)
                #expect(file.status == 200 && file.headers["content-type"] == ["audio/ogg"], "\(sample)")
                #expect(file.headers["cache-control"] == ["private, max-age=86400"])
                #expect(
                    file.body.starts(with: Array("OggS".utf8)) && Data(file.body).range(of: Data("Secret".utf8)) == nil)
                #expect(made.json["size"] == .integer(Int64(file.body.count)))
                #expect(try await scene.server.fetch(url).outcome == "401 Authentication required")
                let eve = try await scene.server.person("eve\(sample.prefix(3))")
                #expect(try await scene.server.fetch(url, token: eve.token).outcome == "404 Resource not found")
            }
        }
    }

    @Test("what is no short sound in Ogg or MP3 is refused, whatever it is called", arguments: DatabaseKind.allCases)
    func refusedFiles(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, nest) = (scene.alice, scene.nest)
            for sample in ["tone.wav", "voice.webm", "voice.aac", "film.ogv", "drawing.png", "playlist.mp4"] {
                #expect(
                    try await Self.sends(sample, to: nest.id, by: alice).outcome == "400 Invalid file type", "\(sample)"
                )
            }
            // The one says at its beginning that it is shorter than it is.
            for sample in ["long.ogg", "doubled.mp3"] {
                let reply = try await Self.sends(sample, to: nest.id, by: alice)
                #expect(reply.outcome == "400 Invalid input" && reply.issues == ["sound"], "\(sample)")
            }
            let path = "/servers/\(nest.id)/sounds"
            let huge = [UInt8](repeating: 0, count: Soundboard.maximum_bytes + 1)
            let sends = { (bytes: [UInt8], field: String, fields: [String: String]) in
                try await alice.sends(bytes, named: "a.ogg", to: path, field: field, fields).outcome
            }
            #expect(try await sends(huge, "sound", ["name": "Huge"]) == "400 File too large")
            #expect(try await sends([], "sound", ["name": "None"]) == "400 Invalid file type")
            #expect(try await sends([1], "picture", ["name": "Other"]) == "400 Invalid input")
            #expect(try await sends(Array("OggS\0".utf8), "sound", ["name": "Cut"]) == "400 Invalid file type")
            for fields in [
                [:], ["name": "x"], ["name": "ok", "volume": "2"], ["name": "ok", "volume": "nan"],
                ["name": "ok", "volume": "\"1\""], ["name": "ok", "emoji": "x"],
            ] {
                #expect(
                    try await Self.sends("voice.ogg", to: nest.id, by: alice, fields).outcome == "400 Invalid input",
                    "\(fields)")
            }
            #expect(try await Self.sends("voice.ogg", to: nest.id, by: scene.bob).outcome == "403 Permission denied")
            #expect(try await alice.does(.GET, path) == [])
        }
    }

    @Test("of two who bring the last one at once, one does", arguments: DatabaseKind.allCases)
    func race(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            for number in 1..<Soundboard.cap.maximum {
                _ = try await Self.add("sound\(number)", to: scene.nest.id, scene.server)
            }
            async let one = Self.sends("voice.ogg", to: scene.nest.id, by: scene.alice, ["name": "one"]).outcome
            async let other = Self.sends("edge.ogg", to: scene.nest.id, by: scene.alice, ["name": "other"]).outcome
            #expect(try await [one, other].sorted() == ["201", "400 Invalid input"])
            let sounds = try await scene.alice.does(.GET, "/servers/\(scene.nest.id)/sounds")
            #expect(sounds.count == Soundboard.cap.maximum)
        }
    }

    @Test("every soundboard has some sounds of ours", arguments: DatabaseKind.allCases)
    func defaults(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let all = try await alice.does(.GET, "/sounds/default").array ?? []
            #expect(all.count >= 5)
            for sound in all {
                #expect(sound["server_id"] == .null && sound["volume"] == .number(1) && sound["available"] == true)
                let file = try await server.fetch(try sound.text("url"), token: alice.token)
                #expect(file.headers["content-type"] == ["audio/ogg"])
                #expect(sound["size"] == .integer(Int64(file.body.count)))
                // What it says of its length is so.
                let length = try #require(OggOpus(file.body)).duration_ms
                #expect(abs(length - Int(sound["duration_ms"]?.integer ?? 0)) <= 20, "\(sound)")
            }
            #expect(try await server.outcome(.GET, "/sounds/default") == "401 Authentication required")
        }
    }

    // MARK: Playing

    @Test("a sound is told to those who are in the channel, and to nobody else", arguments: DatabaseKind.allCases)
    func playing(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob, nest) = try await VoiceTests.pair(server)
            let sound = try await Self.make("Quack", in: nest.id, by: alice.person, ["volume": "0.25"]).text("id")
            for each in [alice, bob] { try await each.listener.hears("GUILD_SOUNDBOARD_UPDATE") }
            let carol = try await server.person("carol")
            try await carol.joins(nest)
            let carolHears = try await carol.listens()
            try await alice.says(op: 4, ["channel_id": .string(alice.channel)])
            for each in [alice, bob] { try await each.listener.awaits("VOICE_STATE_UPDATE") }
            let path = Self.play(sound, in: alice.channel)
            #expect(try await bob.person.outcome(.POST, path) == "403 Access denied", "who is not there")
            try await bob.takesPlace()
            _ = try await alice.hearsOfState()
            #expect(try await bob.person.outcome(.POST, path) == "204")
            let expected: JSON = [
                "channel_id": .string(alice.channel), "server_id": .string(nest.id), "user_id": .string(bob.person.id),
                "sound_id": .string(sound), "volume": .number(0.25),
            ]
            for each in [alice, bob] {
                #expect(try await each.listener.hears("VOICE_SOUND_PLAY")["d"] == expected)
            }
            #expect(try await alice.person.outcome(.POST, Self.play("1", in: alice.channel)) == "204")
            #expect(try await bob.listener.hears("VOICE_SOUND_PLAY")["d"]?["volume"] == .number(1))
            _ = try await alice.person.says("marker", in: nest.general)
            while true {
                let name = try await carolHears.next(op: 0)["t"]
                #expect(name != "VOICE_SOUND_PLAY")
                if name == "MESSAGE_CREATE" { break }
            }

            let den = try await alice.person.foundsServer("Den")
            let foreign = try await Self.add("foreign", to: den.id, server)
            for id in [foreign, "999"] {
                let outcome = try await alice.person.outcome(.POST, Self.play(id, in: alice.channel))
                #expect(outcome == "404 Resource not found")
            }
            let eve = try await server.person("eve")
            #expect(try await eve.outcome(.POST, path) == "403 Access denied")
            #expect(try await eve.outcome(.POST, Self.play("1", in: "1")) == "404 Channel not found")
            #expect(try await bob.person.outcome(.POST, Self.play("1", in: nest.general)) == "403 Access denied")
            #expect(try await bob.person.outcome(.POST, Self.play("x", in: bob.channel)) == "400 Invalid input")

            // Who has left plays nothing any more.
            try await bob.says(op: 4, ["channel_id": .null])
            try await bob.listener.awaits("VOICE_STATE_UPDATE")
            #expect(try await bob.person.outcome(.POST, path) == "403 Access denied")
        }
    }

    @Test(
        "whom moderators have muted plays nothing, and whom they have deafened hears nothing",
        arguments: DatabaseKind.allCases)
    func measures(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob, nest) = try await VoiceTests.pair(server)
            for each in [alice, bob] { try await each.says(op: 4, ["channel_id": .string(alice.channel)]) }
            try await bob.listener.awaits("VOICE_STATE_UPDATE")
            try await bob.listener.awaits("VOICE_STATE_UPDATE")
            let path = Self.play("2", in: alice.channel)
            let state = "/servers/\(nest.id)/voice-states/\(bob.person.id)"
            for measure in ["mute", "deaf"] {
                try await alice.person.does(.PATCH, state, .object([measure: true]))
                #expect(try await bob.person.outcome(.POST, path) == "403 Permission denied", "\(measure)")
                if measure == "deaf" { #expect(try await alice.person.outcome(.POST, path) == "204") }
                try await alice.person.does(.PATCH, state, .object([measure: false]))
            }
            _ = try await alice.person.says("marker", in: nest.general)
            while true {
                let name = try await bob.listener.next(op: 0)["t"]
                #expect(name != "VOICE_SOUND_PLAY", "a deafened one was told")
                if name == "MESSAGE_CREATE" { break }
            }
            let everyone = try await alice.person.everyoneRole(of: nest)
            for right in ["voice.use_soundboard", "voice.speak"] {
                try await alice.person.does(
                    .PUT, "/channels/\(alice.channel)/overwrites/\(everyone)",
                    ["type": "role", "deny": [.string(right)]])
                let refused = try await bob.person.send(.POST, path)
                #expect(refused.outcome == "403 Permission denied")
                #expect(refused.json["error"]?["details"]?[0]?["message"] == .string(right))
            }
            try await alice.person.does(.DELETE, "/channels/\(alice.channel)/overwrites/\(everyone)")
            try await alice.person.does(
                .PATCH, "/servers/\(nest.id)/members/\(bob.person.id)",
                ["timeout_until": .integer(server.clock.now().seconds + 3600)])
            #expect(try await bob.person.outcome(.POST, path).hasPrefix("403 "))
        }
    }

    @Test("a sound whose file is blocked is not played any more", arguments: DatabaseKind.allCases)
    func blocked(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, _, nest) = try await VoiceTests.pair(server)
            let sound = try await Self.make("Quack", in: nest.id, by: alice.person)
            try await alice.says(op: 4, ["channel_id": .string(alice.channel)])
            try await alice.listener.awaits("VOICE_STATE_UPDATE")
            let id = try sound.text("id")
            try await server.onDatabase { tx in
                try tx.execute("UPDATE sounds SET blob_id = NULL WHERE id = \(sql: id)")
            }
            let path = Self.play(id, in: alice.channel)
            #expect(try await alice.person.outcome(.POST, path) == "404 Resource not found")
            let listed = try await alice.person.does(.GET, "/servers/\(nest.id)/sounds")[0]
            #expect(listed?["available"] == false && listed?["url"] == .null)
        }
    }

    @Test("one plays five sounds in ten seconds", arguments: DatabaseKind.allCases)
    func pace(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["rate_limiting.enabled": "true"]) { server in
            let (alice, bob, _) = try await VoiceTests.pair(server)
            for each in [alice, bob] { try await each.says(op: 4, ["channel_id": .string(alice.channel)]) }
            try await alice.listener.awaits("VOICE_STATE_UPDATE")
            try await alice.listener.awaits("VOICE_STATE_UPDATE")
            let path = Self.play("3", in: alice.channel)
            for _ in 0..<5 { #expect(try await alice.person.outcome(.POST, path) == "204") }
            #expect(try await alice.person.outcome(.POST, path) == "429 Rate limited")
            #expect(try await bob.person.outcome(.POST, path) == "204", "each has a pace of their own")
        }
    }

    @Test("a bot plays sounds with the same rights, and hears of them by its intents", arguments: DatabaseKind.allCases)
    func bots(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, _, nest) = try await VoiceTests.pair(server)
            let bot = try await alice.person.makesBot()
            try await alice.person.brings(bot, to: nest)
            let hears = try await bot.listens(intents: 1 << 7)
            let play = Self.play("1", in: alice.channel)
            #expect(try await bot.outcome(.POST, play) == "403 Access denied")
            let state: JSON = ["op": 4, "d": ["channel_id": .string(alice.channel)]]
            try await hears.socket.send(state)
            try await hears.awaits("VOICE_STATE_UPDATE")
            #expect(try await bot.outcome(.POST, play) == "204")
            #expect(try await hears.awaits("VOICE_SOUND_PLAY")["d"]?["user_id"] == .string(bot.id))
            try await alice.person.does(
                .PATCH, "/servers/\(nest.id)/voice-states/\(bot.id)", ["mute": true])
            #expect(try await bot.outcome(.POST, play) == "403 Permission denied")
            #expect(try await bot.outcome(.GET, "/servers/\(nest.id)/sounds") == "200")
            #expect(try await bot.outcome(.POST, "/servers/\(nest.id)/sounds") == "403 Permission denied")
        }
    }

    @Test("switched off, or without voice, there is none", arguments: ["modules.soundboard", "modules.voice"])
    func switchedOff(setting: String) async throws {
        try await TestServer.with(.sqlite, [setting: "false"]) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            for path in ["/sounds/default", "/servers/\(nest.id)/sounds", "/media/sounds/1"] {
                #expect(try await alice.outcome(.GET, path) == "503 Module not available", "\(path)")
            }
            let outcome = try await alice.outcome(.POST, Self.play("1", in: nest.general))
            #expect(outcome == "503 Module not available")
            #expect(try await server.send(.GET, "/capabilities").json["soundboard"] == false)
        }
    }
}
