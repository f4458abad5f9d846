import Client
import Foundation
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

/// Whether what is said in a voice channel is encrypted from device to device, and the keys for that, which the server hands on.
@Suite("Encryption of voice channels")
struct VoiceEncryptionTests {
    typealias Speaker = VoiceTests.Speaker

    static let key = Data(repeating: 7, count: 32).base64EncodedString()

    /// Opens the media of a device that can't encrypt.
    private static func connectsPlainly(_ speaker: Speaker) async throws {
        try await speaker.says(op: 20, ["channel_id": .string(speaker.channel), "device_id": "plain"])
    }

    /// Takes a place and hears of it, whoever else does.
    private static func takesPlace(_ speaker: Speaker) async throws {
        try await speaker.says(op: 4, ["channel_id": .string(speaker.channel)])
        while true {
            let state = try await speaker.listener.awaits("VOICE_STATE_UPDATE")["d"]
            if state?["user_id"] == .string(speaker.person.id), state?["channel_id"] == .string(speaker.channel) {
                return
            }
        }
    }

    private static func epoch(of speaker: Speaker) async throws -> JSON {
        try await speaker.listener.awaits("VOICE_EPOCH")["d"] ?? .null
    }

    private static func refusal(of speaker: Speaker) async throws -> String {
        let error = try await speaker.listener.awaits("VOICE_ERROR")["d"]
        return "\(error?["op"]?.integer ?? 0): \(error?["code"]?.integer ?? 0)"
    }

    private static func info(_ speaker: Speaker) async throws -> JSON? {
        try await speaker.person.does(.GET, "/voice/channels/\(speaker.channel)/info")["e2ee"]
    }

    @Test("a room is encrypted as long as every device in it has a key", arguments: DatabaseKind.allCases)
    func preferred(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob, _) = try await VoiceTests.pair(server)
            #expect(try await alice.takesPlace()["plain"] == false)
            let alone = try await alice.connects()
            #expect(alone["e2ee"] == true && alone["roster"]?[0]?["public_key"] == .string(Self.key))
            #expect(try await Self.info(alice) == true)

            try await Self.takesPlace(bob)
            try await Self.connectsPlainly(bob)
            #expect(try await bob.listener.awaits("VOICE_SERVER_UPDATE")["d"]?["e2ee"] == false)
            let both = try await Self.epoch(of: alice)
            #expect(both["e2ee"] == false && both["roster"]?.count == 2)
            #expect(both["roster"]?[1]?["public_key"] ?? .null == .null)
            #expect(try await Self.info(alice) == false)
            // Who thinks of joining knows who can't.
            let states = try await alice.person.does(.GET, "/channels/\(alice.channel)/voice-states")
            #expect(states.array?.map { $0["plain"] } == [false, true])

            try await bob.says(op: 21, ["channel_id": .string(bob.channel)])
            let left = try await Self.epoch(of: alice)
            #expect(left["e2ee"] == true && left["cause"] == "leave")
            #expect(try await Self.info(alice) == true)
        }
    }

    @Test("where it is required a device without a key is not let in, and leaves", arguments: DatabaseKind.allCases)
    func required(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob, _) = try await VoiceTests.pair(server)
            try await alice.takesPlace()
            try await alice.connects()
            try await Self.takesPlace(bob)
            try await Self.connectsPlainly(bob)
            #expect(try await Self.epoch(of: alice)["e2ee"] == false)

            let path = "/channels/\(alice.channel)"
            #expect(try await alice.person.does(.PATCH, path, ["e2ee": "required"])["e2ee"] == "required")
            while try await bob.listener.awaits("VOICE_STATE_UPDATE")["d"]?["channel_id"] ?? .null != .null {}
            var epoch = try await Self.epoch(of: alice)
            while epoch["roster"]?.count != 1 { epoch = try await Self.epoch(of: alice) }
            #expect(epoch["e2ee"] == true)

            try await Self.takesPlace(bob)
            try await Self.connectsPlainly(bob)
            let refused = try await bob.listener.awaits("VOICE_ERROR")["d"]
            #expect(refused?["op"] == 20 && refused?["code"] == 403 && refused?["message"] == "Access denied")
            #expect(refused?["details"]?[0]?["field"] == "public_key")
            try await bob.connects()
            while try await Self.epoch(of: alice)["roster"]?.count != 2 {}
        }
    }

    @Test(
        "switched off for a channel, nobody encrypts; those who are there are told of a change",
        arguments: DatabaseKind.allCases)
    func off(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, _, _) = try await VoiceTests.pair(server)
            try await alice.takesPlace()
            try await alice.connects()
            for (setting, isEncrypted) in [("off", false), ("preferred", true)] {
                try await alice.person.does(.PATCH, "/channels/\(alice.channel)", ["e2ee": .string(setting)])
                let epoch = try await Self.epoch(of: alice)
                #expect(epoch["e2ee"] == .bool(isEncrypted))
                #expect(epoch["roster"]?[0]?["public_key"] == .string(Self.key), "who could is known all the same")
                #expect(try await Self.info(alice) == .bool(isEncrypted))
            }
        }
    }

    @Test("a key goes to one device of the room, once in each epoch", arguments: DatabaseKind.allCases)
    func keys(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob, nest) = try await VoiceTests.pair(server)
            let carol = try await server.person("carol")
            try await carol.joins(nest)
            let plain = Speaker(person: carol, listener: try await carol.listens(), channel: alice.channel)
            let keys = { (entries: [(String, String, String)], epoch: JSON?) -> [String: JSON] in
                [
                    "channel_id": .string(alice.channel), "epoch": epoch ?? .null,
                    "keys": .array(
                        entries.map {
                            ["user_id": .string($0.0), "device_id": .string($0.1), "sealed": .string($0.2)]
                        }),
                ]
            }
            try await Self.takesPlace(alice)
            try await alice.says(op: 27, keys([], 1))
            #expect(try await Self.refusal(of: alice) == "27: 400", "before the media are open")
            try await alice.connects(device: "desk")
            try await Self.takesPlace(bob)
            let epoch = try await bob.connects()["epoch"]
            let toBob = (bob.person.id, "phone", "Zmlyc3Q=")
            _ = try await Self.epoch(of: alice)

            try await alice.says(op: 27, keys([toBob, (bob.person.id, "other", "b3RoZXI=")], epoch))
            let first = try await bob.listener.next(op: 27)["d"]
            #expect(first?["sealed"] == "Zmlyc3Q=" && first?["epoch"] == epoch)
            #expect(first?["from_user_id"] == .string(alice.person.id) && first?["from_device_id"] == "desk")
            #expect(try await Self.refusal(of: alice) == "27: 400", "the other device is not in the room")
            let wrong: [(entries: [(String, String, String)], epoch: JSON?, why: String)] = [
                ([(bob.person.id, "phone", "c2Vjb25k")], epoch, "it has had one"),
                ([(alice.person.id, "desk", "b3du")], epoch, "that is oneself"),
                ([(carol.id, "phone", "YWJzZW50")], epoch, "who is not in the room"),
                ([toBob], .integer((epoch?.integer ?? 0) - 1), "an epoch that is over"),
                ([toBob], .integer((epoch?.integer ?? 0) + 1), "an epoch that has not come"),
            ]
            for attempt in wrong {
                try await alice.says(op: 27, keys(attempt.entries, attempt.epoch))
                #expect(try await Self.refusal(of: alice) == "27: 400", "\(attempt.why)")
            }

            // With somebody who has no key, nobody seals for them, and they for nobody.
            try await Self.takesPlace(plain)
            try await Self.connectsPlainly(plain)
            let next = try await Self.epoch(of: plain)["epoch"]
            _ = try await Self.epoch(of: alice)
            try await alice.says(op: 27, keys([(carol.id, "plain", "cGxhaW4="), toBob], next))
            #expect(try await Self.refusal(of: alice) == "27: 400")
            try await plain.says(op: 27, keys([toBob], next))
            #expect(try await Self.refusal(of: plain) == "27: 400")
            let second = try await bob.listener.next(op: 27)["d"]
            #expect(second?["sealed"] == "Zmlyc3Q=" && second?["epoch"] == next, "of what was refused nothing came")
        }
    }

    @Test(
        "it is a setting of voice channels, which stands in the audit log and in templates",
        arguments: DatabaseKind.allCases)
    func setting(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob, nest) = try await VoiceTests.pair(server)
            let path = "/channels/\(alice.channel)"
            #expect(try await alice.person.does(.GET, path)["e2ee"] == "preferred")
            #expect(try await alice.person.does(.PATCH, path, ["e2ee": "off"])["e2ee"] == "off")
            #expect(try await bob.person.does(.GET, path)["e2ee"] == "off")
            for value: JSON in ["on", "", true, .null] {
                #expect(try await alice.person.outcome(.PATCH, path, ["e2ee": value]) == "400 Invalid input")
            }
            #expect(try await bob.person.outcome(.PATCH, path, ["e2ee": "required"]) == "403 Permission denied")
            let text = try await alice.person.outcome(.PATCH, "/channels/\(nest.general)", ["e2ee": "off"])
            #expect(text == "400 Invalid input")
            let log = try await alice.person.does(.GET, "/servers/\(nest.id)/audit-logs")
            let change = (log["entries"] ?? log)[0]?["changes"]?["e2ee"]
            #expect(change == ["before": "preferred", "after": "off"])

            let made = try await alice.person.opensChannel("closed", in: nest, ["type": "voice", "e2ee": "required"])
            #expect(try await alice.person.does(.GET, "/channels/\(made)")["e2ee"] == "required")
            let template = try await alice.person.does(.POST, "/servers/\(nest.id)/templates", ["name": "all"])
            let copy = try await alice.person.does(
                .POST, "/templates/\(try template.text("code"))", ["name": "copy"])
            let channels = try await alice.person.does(.GET, "/servers/\(try copy.text("id"))/channels")
            let settings = channels.array?.filter { $0["channel_type"] == "voice" }.compactMap { $0["e2ee"]?.string }
            #expect(settings == ["off", "required"])
        }
    }
}
