import Client
import Foundation
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@Suite("Voice messages")
struct VoiceMessageTests {
    private static func says(
        _ sample: String, in channel: String, by person: Person, _ more: [String: String] = [:]
    ) async throws -> HTTPReply {
        try await person.sends(
            try await SampleFiles.bytes(sample), named: sample, to: "/channels/\(channel)/voice-messages",
            field: "audio",
            more)
    }

    @Test("what browsers record becomes Ogg, measured by the server", arguments: DatabaseKind.allCases)
    func formats(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, nest) = (scene.alice, scene.nest)
            for sample in ["voice.webm", "voice.ogg", "voice.mp4", "covered.mp3", "tone.wav"] {
                let reply = try await Self.says(
                    sample, in: nest.general, by: alice, ["duration_ms": "99999", "waveform": "AAAA"])
                #expect(reply.status == 201, "\(sample): \(reply.outcome)")
                let message = reply.json
                #expect(message["content"] == .null && message["attachments"]?.count == 1)
                let duration = try #require(message["voice"]?["duration_ms"]?.integer)
                let expected: ClosedRange<Int64> = sample == "tone.wav" ? 950...1050 : 1900...2150
                #expect(expected.contains(duration), "\(sample): \(duration)")
                let waveform = try #require(
                    message["voice"]?["waveform"]?.string.flatMap { Data(base64Encoded: $0) })
                #expect((8...256).contains(waveform.count) && waveform.contains { $0 > 10 }, "\(sample)")
                let file = try #require(message["attachments"]?[0])
                #expect(file["content_type"] == "audio/ogg" && file["duration_ms"]?.integer == duration)
                let bytes = try await scene.server.fetch(try file.text("url")).body
                #expect(bytes.starts(with: Array("OggS".utf8)))
                #expect(Data(bytes).range(of: Data("OpusHead".utf8)) != nil)
                #expect(bytes.count < 20_000, "32 kbit/s")
                let told = try await scene.bobHears.hears("MESSAGE_CREATE")["d"]
                #expect(told?["voice"] == message["voice"])
            }
            let page = try await scene.bob.does(.GET, "/channels/\(nest.general)/messages?limit=5")
            #expect(page.array?.allSatisfy { $0["voice"]?["duration_ms"]?.integer != nil } == true)
            let found = try await scene.bob.does(.GET, "/search/messages?has=sound")
            #expect(found.count == 5)
        }
    }

    @Test("it answers, is sent once, is not changed, and goes with its file", arguments: DatabaseKind.allCases)
    func life(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let question = try await bob.says("?", in: nest.general).text("id")
            let more = ["reply_to_id": question, "nonce": "n"]
            let sent = try await Self.says("voice.ogg", in: nest.general, by: alice, more)
            #expect(sent.status == 201 && sent.json["reply_to"]?["id"] == .string(question))
            let again = try await Self.says("voice.ogg", in: nest.general, by: alice, more)
            #expect(again.status == 200 && again.json["id"] == sent.json["id"])
            let path = "/channels/\(nest.general)/messages/\(try sent.json.text("id"))"
            #expect(try await alice.outcome(.PATCH, path, ["content": "words"]) == "403 Permission denied")
            let target = try await alice.opensChannel("target", in: nest)
            let forward = try await bob.does(
                .POST, "/channels/\(target)/messages",
                ["forward": ["channel_id": .string(nest.general), "message_id": sent.json["id"] ?? .null]])
            #expect(forward["forward"]?["snapshot"]?["voice"] == sent.json["voice"] && forward["voice"] == .null)
            try await alice.does(.DELETE, path)
            let kept = try await alice.does(.GET, "/channels/\(target)/messages")[0]?["forward"]?["snapshot"]
            #expect(kept?["voice"] == sent.json["voice"])
            try await bob.does(.DELETE, "/channels/\(target)/messages/\(try forward.text("id"))")
            try await scene.server.keepsUp()
            #expect(AttachmentTests.objects(scene.server) == [])
        }
    }

    @Test("what is no sound, or says nothing, is not sent", arguments: DatabaseKind.allCases)
    func refused(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, nest) = (scene.alice, scene.nest)
            for sample in ["photo.jpg", "film.mp4", "playlist.mp4"] {
                #expect(
                    try await Self.says(sample, in: nest.general, by: alice).outcome == "400 Invalid file type",
                    "\(sample)")
            }
            let path = "/channels/\(nest.general)/voice-messages"
            let nothing = "400 Message must have content, attachments, or embeds"
            #expect(try await alice.sends([], named: "v.ogg", to: path, field: "audio").outcome == nothing)
            #expect(try await alice.sends([1], named: "v.ogg", to: path, field: "sound").outcome == nothing)
            let huge = [UInt8](repeating: 0, count: (10 << 20) + 1)
            #expect(
                try await alice.sends(huge, named: "v.ogg", to: path, field: "audio").outcome == "400 File too large")
            for more in [["duration_ms": "-1"], ["duration_ms": "x"], ["nonce": ""], ["reply_to_id": "x"]] {
                let reply = try await Self.says("voice.ogg", in: nest.general, by: alice, more)
                #expect(reply.outcome == "400 Invalid input", "\(more)")
            }
            #expect(
                try await Self.says("voice.ogg", in: nest.general, by: alice, ["reply_to_id": "1"]).outcome
                    == "404 Message not found")
        }
    }

    @Test("only so long is said in one go", arguments: DatabaseKind.allCases)
    func tooLong(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["limits.voice_message_seconds": "1"]) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let reply = try await Self.says("voice.ogg", in: nest.general, by: alice)
            #expect(reply.outcome == "400 Invalid input")
            #expect(reply.json["error"]?["details"]?[0]?["field"] == "duration_ms")
            #expect(try await Self.says("tone.wav", in: nest.general, by: alice).status == 201)
            let capabilities = try await alice.does(.GET, "/capabilities")
            #expect(capabilities["max_voice_message_seconds"] == 1 && capabilities["voice_messages"] == true)
        }
    }

    @Test("saying something takes a right of its own, and that to bring files", arguments: DatabaseKind.allCases)
    func permissions(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let everyone = try await alice.everyoneRole(of: nest)
            for right in ["messages.send_voice", "messages.attach_files"] {
                try await alice.does(
                    .PUT, "/channels/\(nest.general)/overwrites/\(everyone)",
                    ["type": "role", "deny": [.string(right)]])
                let refused = try await Self.says("voice.ogg", in: nest.general, by: bob)
                #expect(refused.outcome == "403 Permission denied")
                #expect(refused.json["error"]?["details"]?[0]?["message"] == .string(right))
            }
            let den = try await alice.foundsServer("Den")
            #expect(try await Self.says("voice.ogg", in: den.general, by: bob).outcome == "403 Access denied")
        }
    }

    @Test("the other names of the routes take a form, and an upload of one's own", arguments: DatabaseKind.allCases)
    func aliases(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let voice = try await SampleFiles.bytes("voice.webm")
            let path = "/features/voice-messages"
            let form = try await alice.sends(
                voice, named: "v.webm", to: "\(path)/upload", field: "audio", ["conversation_id": nest.general])
            #expect(form.json["success"] == true && form.json["voice_message"]?["voice"]?["waveform"]?.string != nil)
            #expect(
                try await alice.sends(voice, named: "v.webm", to: "\(path)/upload", field: "audio").outcome
                    == "400 Invalid input")
            let den = try await alice.foundsServer("Den")
            for (channel, outcome) in [(den.general, "403 Access denied"), ("1", "404 Channel not found")] {
                let refused = try await bob.sends(
                    voice, named: "v.webm", to: "\(path)/upload", field: "audio", ["conversation_id": channel])
                #expect(refused.outcome == outcome)
            }
            let upload = try await alice.uploads(voice, named: "v.webm", to: nest.general)
            func draft(_ url: String, in channel: String) -> JSON {
                ["conversation_id": .string(channel), "url": .string(url)]
            }
            let own = draft(try upload.text("url"), in: nest.general)
            #expect(try await bob.outcome(.POST, path, own) == "400 Invalid input", "it is Alice's")
            #expect(
                try await bob.outcome(.POST, path, draft(try upload.text("url"), in: den.general))
                    == "403 Access denied")
            let other = try await alice.opensChannel("other", in: nest)
            #expect(
                try await alice.outcome(.POST, path, draft(try upload.text("url"), in: other)) == "400 Invalid input")
            for url in ["https://example.org/a.ogg", "/api/v1/media/attachments/1/a.ogg", "attachments", "//"] {
                #expect(
                    try await alice.outcome(.POST, path, draft(url, in: nest.general)) == "400 Invalid input", "\(url)")
            }
            let upload2 = try await alice.uploads(voice, named: "w.webm", to: nest.general)
            let once = draft(try upload2.text("url"), in: nest.general)
            let outcomes = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<4 { group.addTask { try await alice.outcome(.POST, path, once) } }
                return try await group.reduce(into: [String]()) { $0.append($1) }
            }
            #expect(outcomes.count { $0 == "200" } == 1, "\(outcomes)")
            let allowed: Set = ["200", "400 Invalid input", "429 Rate limited"]
            #expect(Set(outcomes).isSubset(of: allowed), "\(outcomes)")
            let sent = try await alice.does(.POST, path, own)
            #expect(sent["voice_message"]?["attachments"]?[0]?["content_type"] == "audio/ogg")
            #expect(try await alice.outcome(.POST, path, own) == "400 Invalid input", "it is used")
        }
    }

    @Test("voice messages that are switched off are not taken", arguments: DatabaseKind.allCases)
    func off(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["modules.voice_messages": "false"]) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            #expect(
                try await Self.says("voice.ogg", in: nest.general, by: alice).outcome == "503 Module not available")
            let capabilities = try await alice.does(.GET, "/capabilities")
            #expect(capabilities["voice_messages"] == false && capabilities["voice_message_types"] == [])
        }
    }
}
