import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@Suite("Pins, emoji, polls and pictures")
struct SmallRuleTests {
    @Test("a pinned message that goes changes the channel's pins, however it goes", arguments: DatabaseKind.allCases)
    func pins(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let device = try await bob.listens()
            func pinned() async throws -> String {
                let message = try await alice.says("pin", in: nest.general).text("id")
                try await alice.does(.PUT, "/channels/\(nest.general)/pins/\(message)")
                _ = try await device.awaits("CHANNEL_PINS_UPDATE")
                return message
            }
            let path = "/channels/\(nest.general)/messages"
            try await alice.does(.DELETE, "\(path)/\(try await pinned())")
            #expect(try await device.awaits("CHANNEL_PINS_UPDATE")["d"]?["channel_id"] == .string(nest.general))
            let two: JSON = [
                "message_ids": [
                    .string(try await pinned()), .string(try await alice.says("x", in: nest.general).text("id")),
                ]
            ]
            try await alice.does(.POST, "\(path)/bulk-delete", two)
            _ = try await device.awaits("CHANNEL_PINS_UPDATE")
            // One that was not pinned changes nothing.
            let plain = try await alice.says("plain", in: nest.general).text("id")
            try await alice.does(.DELETE, "\(path)/\(plain)")
            _ = try await device.awaits("MESSAGE_DELETE")
            try await alice.says("end", in: nest.general)
            try await device.hearsNothing(before: "MESSAGE_CREATE", matching: "end")
        }
    }

    @Test("an emoji is the same with and without the sign for colour", arguments: DatabaseKind.allCases)
    func emoji(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let message = try await alice.says("react", in: nest.general).text("id")
            let path = "/channels/\(nest.general)/messages/\(message)/reactions"
            let pairs = [
                ("%C2%A9", "%C2%A9%EF%B8%8F"),
                ("%F0%9F%8F%B3%E2%80%8D%F0%9F%8C%88", "%F0%9F%8F%B3%EF%B8%8F%E2%80%8D%F0%9F%8C%88"),
                ("%E2%9D%A4", "%E2%9D%A4%EF%B8%8F"), ("1%E2%83%A3", "1%EF%B8%8F%E2%83%A3"),
            ]
            for (index, (bare, full)) in pairs.enumerated() {
                #expect(try await alice.outcome(.PUT, "\(path)/\(bare)") == "200", "\(bare)")
                #expect(try await bob.outcome(.PUT, "\(path)/\(full)") == "200", "\(full)")
                let counts = try await alice.does(.GET, path)
                #expect(counts.count == index + 1 && counts.array?.last?["count"] == 2, "\(bare)")
                #expect(try await bob.does(.GET, "\(path)/\(full)").count == 2)
            }
            for text in ["1", "%23", "a", "%C2%A9a", "%F0%9F%8F%B3%F0%9F%8C%88", "%C2%A9%C2%A9"] {
                #expect(try await alice.outcome(.PUT, "\(path)/\(text)") == "400 Invalid input", "\(text)")
            }
        }
    }

    @Test("a poll's options differ", arguments: DatabaseKind.allCases)
    func polls(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            for options in [["yes", "yes"], ["yes", " YES "], ["caf\u{E9}", "cafe\u{301}"]] as [[JSON]] {
                let draft: JSON = [
                    "channel_id": .string(scene.nest.general), "question": "?", "options": .array(options),
                    "duration_hours": 1,
                ]
                let outcome = try await scene.alice.outcome(.POST, "/polls", draft)
                #expect(outcome == "400 Invalid input", "\(options)")
            }
        }
    }

    @Test("a server's default picture says nothing of its name", arguments: DatabaseKind.allCases)
    func pictures(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let secret = try await alice.foundsServer("Zebra Quartet")
            let picture = try await server.send(.GET, "/avatars/servers/\(secret.id)")
            #expect(picture.status == 200 && picture.text.contains("<svg"))
            #expect(!picture.text.contains("<text") && !picture.text.contains("Z"))
            #expect(try await server.send(.GET, "/avatars/users/\(alice.id)").text.contains(">A<"))
        }
    }
}
