import Client
import Foundation
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

/// Devices that are told by their makers' services, as far as it differs from browsers (`PushTests`).
@Suite("Push to phones")
struct MobilePushTests {
    private static let service = Task { try await ScriptProgram.start("mobile_push_services.py") }

    private static func ask(_ path: String) async throws -> JSON {
        let connection = try await HTTPConnection.connect(port: try #require(Int(try await service.value.firstLine)))
        let reply = try await connection.send(.GET, path)
        await connection.close()
        return reply.json
    }

    private struct Scene: Sendable {
        let server: TestServer
        let alice: Person
        let bob: Person
        let nest: Community

        func received(_ device: String) async throws -> [JSON] { try await ask("/received/\(device)").array ?? [] }

        /// Waits until so many have come, and returns what the newest says.
        func hears(_ device: String, _ count: Int) async throws -> JSON {
            try await eventually { try await received(device).count >= count }
            return try await received(device).last ?? .null
        }

        func says(_ text: String) async throws {
            try await alice.says("<@\(bob.id)> \(text)", in: nest.general)
            server.clock.advance(by: .seconds(11))
        }
    }

    private static func devices() -> (ios: String, android: String) {
        (UUID().uuidString.replacing("-", with: ""), "android:\(UUID().uuidString)")
    }

    private static func with(
        _ kind: DatabaseKind, _ body: @escaping @Sendable (Scene) async throws -> Void
    ) async throws {
        let address = "http://127.0.0.1:\(try await service.value.firstLine)"
        let folder = FileManager.default.temporaryDirectory.appending(path: "aviary-phones-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let keys = try await ask("/keys")
        let (apple, google) = (folder.appending(path: "key.p8"), folder.appending(path: "account.json"))
        try keys.text("apple").write(to: apple, atomically: true, encoding: .utf8)
        try keys.text("google").write(to: google, atomically: true, encoding: .utf8)
        let settings = [
            "push.apns_key": apple.path, "push.apns_key_id": "KEY4567890", "push.apns_team_id": "TEAM567890",
            "push.apns_topic": "org.example.chat", "push.apns_address": address, "push.fcm_key": google.path,
            "push.fcm_address": address,
        ]
        try await TestServer.with(kind, settings) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let nest = try await alice.foundsServer()
            try await bob.joins(nest)
            try await body(Scene(server: server, alice: alice, bob: bob, nest: nest))
        }
    }

    @Test("an iPhone and an Android device are told what a browser is", arguments: DatabaseKind.allCases)
    func told(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let (ios, android) = Self.devices()
            #expect(
                try await scene.server.send(.GET, "/capabilities").json["push_platforms"] == ["web", "ios", "android"])
            let listed = try await scene.bob.does(
                .POST, PushTests.tokens, ["token": .string(ios), "platform": "ios", "device_id": "phone"])
            #expect(listed["platform"] == "ios" && listed["token"] == .string(String(ios.suffix(8)).lowercased()))
            try await scene.bob.does(.POST, PushTests.tokens, ["token": .string(android), "platform": "android"])
            try await scene.says("hello")

            let apple = try await scene.hears(ios.lowercased(), 1)
            let alert = apple["body"]?["aps"]?["alert"]
            #expect(alert?["title"]?.string?.hasPrefix("alice") == true && alert?["body"]?.string == "@bob hello")
            #expect(apple["priority"] == "10" && apple["collapse"] == apple["body"]?["aps"]?["thread-id"])
            #expect((86_000...87_000).contains(apple["expires_in"]?.integer ?? 0))
            let payload = apple["body"]?["aviary"]
            #expect(payload?["type"] == "mention" && payload?["channel_id"] == .string(scene.nest.general))

            let google = try await scene.hears(android, 1)
            #expect(google["payload"]?["message_id"] == payload?["message_id"])
            #expect(google["android"]?["priority"] == "HIGH")
            // Nobody can tell from it that two devices hear of the same channel.
            #expect(google["android"]?["collapse_key"] != apple["collapse"])

            let tested = try await scene.bob.does(.POST, "/users/@me/push/test")
            #expect(tested == ["success": true, "sent": 2, "failed": 0])
            #expect(try await scene.hears(android, 2)["payload"]?["type"] == "test")
        }
    }

    @Test("a preview that one does not want stands in no push to a phone", arguments: DatabaseKind.allCases)
    func preview(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let (ios, _) = Self.devices()
            try await scene.bob.does(.POST, PushTests.tokens, ["token": .string(ios), "platform": "ios"])
            try await scene.bob.does(.PUT, "/users/@me/notification-settings", ["push_preview": "none"])
            try await scene.says("secret")
            let body = try await scene.hears(ios.lowercased(), 1)["body"]
            #expect(body?["aps"]?["alert"] == ["title": "Aviary"])
            #expect(body?.text.contains("secret") == false && body?.text.contains("alice") == false)
        }
    }

    @Test(
        "what its service knows no more is forgotten, and what is busy is tried again", arguments: DatabaseKind.allCases
    )
    func gone(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let (ios, android) = Self.devices()
            try await scene.bob.does(.POST, PushTests.tokens, ["token": .string(ios), "platform": "ios"])
            try await scene.bob.does(.POST, PushTests.tokens, ["token": .string(android), "platform": "android"])
            _ = try await Self.ask("/answer/\(ios.lowercased())?status=410&reason=Unregistered")
            _ = try await Self.ask("/answer/\(android)?status=503&reason=UNAVAILABLE&retry=20")
            try await scene.says("hello")
            _ = try await scene.hears(ios.lowercased(), 1)
            _ = try await scene.hears(android, 1)
            try await eventually { try await scene.bob.does(.GET, PushTests.tokens).column("platform") == ["android"] }
            try await scene.server.sendsPushes()
            #expect(try await scene.received(android).count == 1)
            scene.server.clock.advance(by: .seconds(21))
            #expect(try await scene.hears(android, 2)["status"] == 200)
        }
    }

    @Test("what is no name of such a device is refused", arguments: DatabaseKind.allCases)
    func refused(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            for (platform, token) in [
                ("ios", "../../../../tokens"), ("ios", "0123456789abcdeg"), ("ios", "ab"), ("android", "short"),
            ] {
                let reply = try await scene.bob.send(
                    .POST, PushTests.tokens, ["token": .string(token), "platform": .string(platform)])
                #expect([reply.outcome] + reply.issues == ["400 Invalid input", "token"])
            }
        }
    }
}
