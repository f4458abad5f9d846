import Client
import Database
import Foundation
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@testable import Content

@Suite("Push")
struct PushTests {
    /// A push service of the tests' own, whose browsers read what comes (`push_service.py`).
    static let service = Task { try await ScriptProgram.start("push_service.py") }

    static func ask(_ path: String) async throws -> JSON {
        let connection = try await HTTPConnection.connect(port: try #require(Int(try await service.value.firstLine)))
        let reply = try await connection.send(.GET, path)
        await connection.close()
        return reply.json
    }

    /// A browser that somebody has subscribed.
    struct Device: Sendable {
        let name: String
        let draft: JSON
        let id: String

        /// What has come, as the browser has decrypted it.
        func received() async throws -> [JSON] { try await ask("/received/\(name)").array ?? [] }

        /// Waits until so many have come, and returns what the newest says.
        func hears(_ count: Int) async throws -> JSON {
            try await eventually { try await received().count >= count }
            let all = try await received()
            #expect(all.count == count, "\(all)")
            return all.last ?? .null
        }

        func answers(_ status: Int, times: Int = 1, retry: Int? = nil) async throws {
            let pause = retry.map { "&retry=\($0)" } ?? ""
            _ = try await ask("/answer/\(name)?status=\(status)&times=\(times)\(pause)")
        }
    }

    static let tokens = "/users/@me/push/tokens"

    /// Alice, her friend Bob in her server, and what Bob's browser hears.
    struct Scene: Sendable {
        let server: TestServer
        let alice: Person
        let bob: Person
        let nest: Community
        let device: Device

        /// Lets the time go by after which what is unread is pushed.
        func waits(_ seconds: Int = 11) { server.clock.advance(by: .seconds(seconds)) }

        /// Says something to Bob, which is pushed.
        @discardableResult
        func says(_ text: String = "hello", in channel: String? = nil) async throws -> String {
            let id = try await alice.says("<@\(bob.id)> \(text)", in: channel ?? nest.general).text("id")
            waits()
            return id
        }

        /// Nothing has come but what was there, and does not.
        func nothingComes(after count: Int = 0) async throws {
            waits()
            try await server.sendsPushes()
            #expect(try await device.received().count == count)
        }
    }

    static func with(
        _ kind: DatabaseKind, _ settings: [String: String] = [:],
        _ body: @escaping @Sendable (Scene) async throws -> Void
    ) async throws {
        let own = ["push.internal_hosts": "127.0.0.1:\(try await service.value.firstLine)"]
        try await TestServer.with(kind, own.merging(settings) { $1 }) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let nest = try await alice.foundsServer()
            try await bob.joins(nest)
            try await body(
                Scene(server: server, alice: alice, bob: bob, nest: nest, device: try await bob.subscribes()))
        }
    }

    // MARK: Devices

    @Test(
        "a device is added, listed without what it is secret by, replaced and removed", arguments: DatabaseKind.allCases
    )
    func devices(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let (bob, alice) = (scene.bob, scene.alice)
            let listed = try await bob.does(.GET, Self.tokens)
            let token = try scene.device.draft.text("token")
            #expect(listed.count == 1)
            #expect(listed[0]?["token"] == .string(String(token.suffix(8))))
            #expect(listed[0]?["platform"] == "web" && listed[0]?["current"] == true)
            #expect(
                listed[0]?.keys == ["id", "platform", "token", "device_id", "app_version", "current", "created_at"])
            #expect(try await alice.does(.GET, Self.tokens) == [])
            let again = try await bob.does(.POST, Self.tokens, scene.device.draft)
            #expect(try await bob.does(.GET, Self.tokens).column("id") == [try again.text("id")])
            let others = try await alice.outcome(.DELETE, "\(Self.tokens)/\(try again.text("id"))")
            #expect(others == "404 Resource not found")
            for list in [Self.tokens, "/features/push/tokens"] {
                #expect(try await bob.outcome(.DELETE, "\(list)/7") == "404 Resource not found")
            }
            try await bob.does(.DELETE, "\(Self.tokens)/\(try again.text("id"))")
            #expect(try await bob.does(.GET, Self.tokens) == [])
            let alias = "/features/push/tokens"
            let record = try await bob.does(.POST, alias, scene.device.draft)
            #expect(record["success"] == true && record["token_record"]?["platform"] == "web")
            #expect(try await bob.does(.GET, alias)["tokens"]?.count == 1)
            let name = token.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            try await bob.does(.DELETE, "\(alias)/\(name)")
            #expect(try await bob.does(.GET, alias)["tokens"] == [])
        }
    }

    @Test("what is no device of a push service is refused", arguments: DatabaseKind.allCases)
    func refusals(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let good = scene.device.draft
            let refused = { @Sendable (change: [String: JSON]) async throws -> [String] in
                let draft = (good.object ?? [:]).merging(change) { $1 }
                let reply = try await scene.bob.send(.POST, Self.tokens, .object(draft))
                return [reply.outcome] + reply.issues
            }
            for address in [
                "http://push.example.org/x", "https://localhost/x", "https://10.0.0.1/x",
                "https://[::1]/x", "https://2130706433/x", "https://0x7f.0.0.1/x",
                "https://0177.0.0.1/x", "https://169.254.169.254/x", "https://user@push.example.org/x",
                "ftp://push.example.org/x", "https:///x", "word", "https://a b/",
                "https://push.example.org/\u{0}", "https://push.example.org/ü", "https://localhost./x",
                "https://a.localhost./x",
            ] {
                #expect(try await refused(["token": .string(address)]) == ["400 Invalid input", "token"], "\(address)")
            }
            #expect(try await refused(["keys": .null]) == ["400 Invalid input", "keys"])
            #expect(try await refused(["keys": ["p256dh": "A", "auth": "B"]]) == ["400 Invalid input", "keys"])
            let keys = good["keys"] ?? .null
            let point = try keys.text("p256dh")
            let bent = String(point.dropLast(2)) + (point.hasSuffix("AA") ? "BB" : "AA")
            #expect(
                try await refused(["keys": ["p256dh": .string(bent), "auth": keys["auth"] ?? .null]])
                    == ["400 Invalid input", "keys"])
            #expect(try await refused(["platform": "fax"]) == ["400 Invalid input", "platform"])
            #expect(
                try await refused(["token": .string("https://" + String(repeating: "a", count: 4096))])
                    == ["400 Invalid input", "token"])
            #expect(try await refused(["platform": "ios"]) == ["503 Module not available"])
            #expect(try await refused(["platform": "android"]) == ["503 Module not available"])
            #expect(try await refused(["token": "https://push.example.org/x"]) == ["201"])
        }
    }

    @Test("only the operator's hosts are sent to, if there are any", arguments: DatabaseKind.allCases)
    func allowedHosts(kind: DatabaseKind) async throws {
        try await Self.with(kind, ["push.allowed_hosts": "push.example.org, 127.0.0.1"]) { scene in
            let add = { @Sendable (address: String) async throws -> String in
                let draft = (scene.device.draft.object ?? [:]).merging(["token": .string(address)]) { $1 }
                return try await scene.bob.outcome(.POST, Self.tokens, .object(draft))
            }
            let outcomes = [
                try await add("https://push.example.org/x"), try await add("https://push.example.com/x"),
                try await add("https://sub.push.example.org/x"),
            ]
            #expect(outcomes == ["201", "400 Invalid input", "400 Invalid input"])
        }
    }

    @Test("a device ends with its login, and goes to whoever logs in there next", arguments: DatabaseKind.allCases)
    func endsWithLogin(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let other = try await scene.bob.onAnotherDevice()
            #expect(try await other.does(.GET, Self.tokens)[0]?["current"] == false)
            try await scene.says()
            _ = try await scene.device.hears(1)
            try await scene.bob.does(.POST, "/auth/logout")
            #expect(try await other.does(.GET, Self.tokens) == [])
            try await scene.says("secret")
            try await scene.nothingComes(after: 1)
            try await scene.alice.does(.POST, Self.tokens, scene.device.draft)
            #expect(try await other.does(.GET, Self.tokens) == [])
            #expect(try await scene.alice.does(.GET, Self.tokens).count == 1)
        }
    }

    @Test("pushes are signed by the key that browsers subscribe with", arguments: DatabaseKind.allCases)
    func key(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let key = try await scene.server.send(.GET, "/push/vapid-key").json.text("public_key")
            #expect(Base64URL.decode(key)?.count == 65)
            try await scene.says()
            #expect(try await scene.device.hears(1)["claims"]?["key"] == .string(key))
        }
    }

    @Test("a server without push says so", arguments: DatabaseKind.allCases)
    func switchedOff(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["modules.push": "false"]) { server in
            let alice = try await server.person("alice")
            #expect(try await alice.outcome(.GET, Self.tokens) == "503 Module not available")
            #expect(try await alice.outcome(.GET, "/push/vapid-key") == "503 Module not available")
            #expect(try await alice.outcome(.POST, "/users/@me/push/test") == "503 Module not available")
            #expect(try await server.send(.GET, "/capabilities").json["push"] == false)
        }
    }

    // MARK: What is told

    @Test(
        "a mention that nobody reads comes to the browser, encrypted, with all that a client needs",
        arguments: DatabaseKind.allCases)
    func mention(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let hidden = try await scene.alice.opensChannel("vault", in: scene.nest)
            try await scene.alice.closes(hidden, in: scene.nest)
            let id = try await scene.says("**look** ||secret|| <#\(scene.nest.general)> <#\(hidden)>")
            let push = try await scene.device.hears(1)
            let notification = try await scene.bob.does(.GET, "/users/@me/notifications")[0]
            let payload: JSON = [
                "type": "mention", "notification_id": notification?["id"] ?? .null, "title": "alice (#general)",
                "body": "@bob look ▒▒▒ #general", "server_id": .string(scene.nest.id),
                "channel_id": .string(scene.nest.general), "message_id": .string(id), "unread_count": 1, "read": [],
            ]
            #expect(push["payload"] == payload)
            #expect(push["ttl"] == "86400" && push["urgency"] == "high")
            #expect(push["topic"]?.string?.wholeMatch(of: /[A-Za-z0-9_-]{32}/) != nil)
            #expect(push["topic"]?.string?.contains(scene.nest.general) == false)
            let claims = push["claims"]
            #expect(claims?["exp"]?.integer ?? 0 > scene.server.clock.now().seconds)
            try await scene.nothingComes(after: 1)
        }
    }

    @Test(
        "private messages come, and of servers everything where one wants to hear everything",
        arguments: DatabaseKind.allCases)
    func messages(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let private_ = try await scene.alice.conversation(with: scene.bob)
            try await scene.alice.says("just us", in: private_)
            scene.waits()
            let first = try await scene.device.hears(1)["payload"]
            #expect(first?["type"] == "message" && first?["title"] == "alice" && first?["body"] == "just us")
            #expect(first?["server_id"] == .null && first?["notification_id"] == .null)
            try await scene.alice.says("to nobody", in: scene.nest.general)
            try await scene.nothingComes(after: 1)
            let settings = "/users/@me/notification-settings/servers/\(scene.nest.id)"
            try await scene.bob.does(.PUT, settings, ["level": "all"])
            try await scene.alice.says("to all", in: scene.nest.general)
            scene.waits()
            let second = try await scene.device.hears(2)
            #expect(second["payload"]?["type"] == "message" && second["payload"]?["body"] == "to all")
            #expect(second["payload"]?["unread_count"] == 2 && second["urgency"] == "normal")
            try await scene.says("named")
            #expect(try await scene.device.hears(3)["payload"]?["type"] == "mention", "once, as what it is")
            try await scene.nothingComes(after: 3)
            try await scene.bob.does(.PUT, settings, ["level": .null])
            try await scene.alice.says("@everyone, come", in: scene.nest.general)
            scene.waits()
            #expect(try await scene.device.hears(4)["payload"]?["body"] == "@everyone, come")
            try await scene.bob.does(.PUT, settings, ["suppress_everyone": true])
            try await scene.alice.says("@everyone, come", in: scene.nest.general)
            try await scene.nothingComes(after: 4)
        }
    }

    @Test(
        "what is read, deleted, out of sight, from somebody blocked or unwanted does not come",
        arguments: DatabaseKind.allCases)
    func withheld(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let (alice, bob, general) = (scene.alice, scene.bob, scene.nest.general)
            let settings = "/users/@me/notification-settings"
            let mention = { @Sendable in try await alice.says("<@\(bob.id)>", in: general).text("id") }
            _ = try await mention()
            try await bob.does(.POST, "/channels/\(general)/messages/ack")
            try await scene.nothingComes()

            try await alice.does(.DELETE, "/channels/\(general)/messages/\(try await mention())")
            try await scene.nothingComes()

            let cases: [(String, JSON, JSON)] = [
                ("/channels/\(general)", ["level": "none"], ["level": .null]),
                ("/channels/\(general)", ["push": false], ["push": .null]),
                ("/servers/\(scene.nest.id)", ["muted_until": 253_402_300_799], ["muted_until": .null]),
            ]
            for (place, wish, back) in cases {
                try await bob.does(.PUT, settings + place, wish)
                _ = try await mention()
                try await scene.nothingComes()
                try await bob.does(.PUT, settings + place, back)
            }

            try await bob.does(.PUT, "/users/@me/presence", ["status": "dnd"])
            _ = try await mention()
            try await scene.nothingComes()
            try await bob.does(.PUT, "/users/@me/presence", ["status": "online"])

            try await bob.does(.PUT, settings, ["quiet_hours": ["from": "00:00", "to": "23:59"]])
            scene.server.clock.set(
                Timestamp(seconds: scene.server.clock.now().seconds / 86_400 * 86_400 + 86_400 + 43_200))
            _ = try await mention()
            try await scene.nothingComes()
            try await bob.does(.PUT, settings, ["quiet_hours": .null])

            _ = try await mention()
            try await alice.closes(general, in: scene.nest)
            try await scene.nothingComes()

            let private_ = try await alice.conversation(with: bob)
            try await alice.says("hello", in: private_)
            try await bob.does(.POST, "/relationships/block", ["user_id": .string(alice.id)])
            try await scene.nothingComes()
        }
    }

    @Test("who is there is not told, and who has only left a page open is", arguments: DatabaseKind.allCases)
    func active(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let listener = try await scene.bob.listens()
            try await scene.says("one")
            try await scene.nothingComes()
            try await listener.socket.send(["op": 3, "d": ["status": "idle"]])
            try await eventually {
                try await scene.alice.does(.GET, "/users/\(scene.bob.id)/presence")["status"] == "idle"
            }
            try await scene.says("two")
            #expect(try await scene.device.hears(1)["payload"]?["body"] == "@bob two")
        }
    }

    @Test("a push says as much as its reader lets it", arguments: DatabaseKind.allCases)
    func previews(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let settings = "/users/@me/notification-settings"
            try await scene.bob.does(.PUT, settings, ["push_preview": "sender"])
            try await scene.says("secret")
            let sender = try await scene.device.hears(1)["payload"]
            #expect(sender?["title"] == "alice (#general)" && sender?["body"] == .null)
            try await scene.bob.does(.PUT, settings, ["push_preview": "none"])
            try await scene.says("secret")
            let none = try await scene.device.hears(2)["payload"]
            #expect(none?["title"] == "Aviary" && none?["body"] == .null && none?.text.contains("alice") == false)
            try await scene.bob.does(.PUT, settings, ["push_preview": "full"])
            try await scene.alice.does(.PATCH, "/channels/\(scene.nest.general)", ["nsfw": true])
            try await scene.says("secret")
            #expect(try await scene.device.hears(3)["payload"]?["body"] == .null, "for adults")
        }
    }

    @Test("what was read is named in the next push, so that it goes from the screen", arguments: DatabaseKind.allCases)
    func cleared(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            try await scene.says("one")
            let first = try await scene.device.hears(1)["payload"]
            try await scene.says("two")
            #expect(try await scene.device.hears(2)["payload"]?["read"] == [])
            try await scene.bob.does(.POST, "/channels/\(scene.nest.general)/messages/ack")
            let private_ = try await scene.alice.conversation(with: scene.bob)
            try await scene.alice.says("three", in: private_)
            scene.waits()
            let read = try await scene.device.hears(3)["payload"]?["read"]?.array ?? []
            #expect(read.count == 2 && read.contains(first?["notification_id"] ?? .null))
            try await scene.alice.says("four", in: private_)
            scene.waits()
            #expect(try await scene.device.hears(4)["payload"]?["read"] == [], "once")
        }
    }

    @Test(
        "a friend request, what moderators did and a reminder come without a channel", arguments: DatabaseKind.allCases)
    func others(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            try await scene.alice.does(.POST, "/relationships", ["user_id": .string(scene.bob.id)])
            scene.waits()
            let request = try await scene.device.hears(1)
            #expect(request["payload"]?["type"] == "friend_request" && request["payload"]?["title"] == "alice")
            #expect(request["topic"] == .null && request["payload"]?["unread_count"] == 1)
            let soon = scene.server.clock.now().seconds + 61
            try await scene.bob.does(
                .POST, "/users/@me/reminders", ["note": "tea", "remind_at": .integer(soon)])
            scene.waits(62)
            try await scene.server.doesDueWork()
            scene.waits()
            let reminder = try await scene.device.hears(2)["payload"]
            #expect(reminder?["type"] == "reminder" && reminder?["body"] == "tea" && reminder?["title"] == "Aviary")
        }
    }

    // MARK: Push services that fail

    @Test(
        "a device that the push service does not know any more is forgotten", arguments: DatabaseKind.allCases,
        [404, 410])
    func gone(kind: DatabaseKind, status: Int) async throws {
        try await Self.with(kind) { scene in
            try await scene.device.answers(status)
            try await scene.says()
            _ = try await scene.device.hears(1)
            try await eventually { try await scene.bob.does(.GET, Self.tokens) == [] }
        }
    }

    @Test(
        "a push service that asks for patience gets it, for an hour, and then no more", arguments: DatabaseKind.allCases
    )
    func patience(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            try await scene.device.answers(429, retry: 120)
            try await scene.says()
            _ = try await scene.device.hears(1)
            try await scene.server.waitsForPushes()
            scene.waits(100)
            try await scene.server.sendsPushes()
            #expect(try await scene.device.received().count == 1)
            try await scene.device.answers(503)
            scene.waits(21)
            _ = try await scene.device.hears(2)
            try await scene.server.waitsForPushes()
            scene.waits(601)
            _ = try await scene.device.hears(3)
            try await scene.nothingComes(after: 3)

            try await scene.device.answers(500, times: 50)
            try await scene.says("never")
            for _ in 0..<12 {
                try await scene.server.sendsPushes()
                scene.waits(601)
            }
            let tries = try await scene.device.received().count - 3
            #expect((5...8).contains(tries), "\(tries)")
            try await scene.nothingComes(after: tries + 3)
        }
    }

    @Test(
        "what was said last comes last, also when the push service fails in between", arguments: DatabaseKind.allCases)
    func order(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let talk = try await scene.alice.conversation(with: scene.bob)
            for number in 0..<5 { try await scene.alice.says("\(number)", in: talk) }
            scene.waits()
            _ = try await scene.device.hears(5)
            try await scene.device.answers(503)
            try await scene.alice.says("old", in: talk)
            scene.waits()
            _ = try await scene.device.hears(6)
            try await scene.alice.says("new", in: talk)
            scene.waits()
            _ = try await scene.device.hears(8)
            let bodies = try await scene.device.received().map { $0["payload"]?["body"]?.string }
            #expect(bodies == ["0", "1", "2", "3", "4", "old", "old", "new"])
        }
    }

    @Test("a redirect is not followed, and a refusal not repeated", arguments: DatabaseKind.allCases)
    func refused(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            for (status, count) in [(302, 1), (400, 2), (413, 3)] {
                try await scene.device.answers(status)
                try await scene.says()
                _ = try await scene.device.hears(count)
                try await scene.nothingComes(after: count)
            }
            #expect(try await scene.bob.does(.GET, Self.tokens).count == 1)
        }
    }

    @Test(
        "what waits comes after a restart, and what was being sent is not sent again", arguments: DatabaseKind.allCases)
    func restart(kind: DatabaseKind) async throws {
        let own = ["push.internal_hosts": "127.0.0.1:\(try await Self.service.value.firstLine)"]
        try await TestDatabase.withPlace(kind) { place in
            let url = kind == .sqlite ? "sqlite:\(place.address)" : place.address
            let (clock, left) = (ManualClock(SystemClock().now()), Shared<(Device, String)?>(nil))
            try await TestServer.with(databaseURL: url, clock: clock, own) { server in
                let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
                let private_ = try await alice.conversation(with: bob)
                let device = try await bob.subscribes()
                try await alice.says("lost", in: private_)
                // As if the server had died between taking it and hearing what became of it.
                try await server.onDatabase { tx in
                    try tx.execute("UPDATE pushes SET taken_at = $1, attempts = 1", [tx.now])
                }
                try await alice.says("waiting", in: private_)
                left.set((device, try await server.send(.GET, "/push/vapid-key").json.text("public_key")))
            }
            let (device, key) = try #require(left.value)
            clock.advance(by: .seconds(11))
            try await TestServer.with(databaseURL: url, clock: clock, own) { server in
                let push = try await device.hears(1)
                #expect(push["payload"]?["body"] == "waiting")
                #expect(push["claims"]?["key"] == .string(key))
                clock.advance(by: .seconds(200))
                try await server.keepsUp()
                try await server.sendsPushes()
                #expect(try await device.received().count == 1)
                let isLeft = try await server.onDatabase { tx in try tx.exists("SELECT 1 FROM pushes WHERE NOT is_sent")
                }
                #expect(!isLeft)
            }
        }
    }

    // MARK: Trying

    @Test("a test says on how many devices it came", arguments: DatabaseKind.allCases)
    func test(kind: DatabaseKind) async throws {
        try await Self.with(kind) { scene in
            let second = try await scene.bob.subscribes()
            try await second.answers(410)
            let result = try await scene.bob.does(.POST, "/users/@me/push/test")
            #expect(result == ["success": true, "sent": 1, "failed": 1])
            #expect(try await scene.device.hears(1)["payload"]?["type"] == "test")
            #expect(try await scene.bob.does(.GET, Self.tokens).count == 1)
            #expect(try await scene.alice.does(.POST, "/users/@me/push/test")["sent"] == 0)
        }
    }

    @Test("devices and tests have limits of their own")
    func limits() async throws {
        try await Self.with(.sqlite, ["rate_limiting.enabled": "true"]) { scene in
            for _ in 0..<3 { try await scene.bob.does(.POST, "/users/@me/push/test") }
            #expect(try await scene.bob.outcome(.POST, "/users/@me/push/test") == "429 Rate limited")
            for _ in 0..<9 { _ = try await scene.bob.outcome(.DELETE, "\(Self.tokens)/7") }
            #expect(try await scene.bob.outcome(.DELETE, "\(Self.tokens)/7") == "429 Rate limited")
        }
    }
}

extension Person {
    /// Has a browser told of what they miss.
    func subscribes() async throws -> PushTests.Device {
        let browser = try await PushTests.ask("/subscribe")
        let draft: JSON = [
            "token": browser["token"] ?? .null, "keys": browser["keys"] ?? .null, "platform": "web",
            "device_id": "browser", "app_version": "1",
        ]
        let record = try await does(.POST, PushTests.tokens, draft)
        return PushTests.Device(name: try browser.text("name"), draft: draft, id: try record.text("id"))
    }
}

extension TestServer {
    /// Waits until the server has looked, from beginning to end, for pushes that are due by now.
    func sendsPushes() async throws {
        let mark = try await onDatabase { tx in
            try RecordingConnection.statements(of: tx) { _ = try PushQueueStore.due(limit: 1, $0) }
        }
        for statement in mark { try await statements.waits(for: statement, times: 2) }
    }

    /// Waits until no push is on its way.
    func waitsForPushes() async throws {
        try await eventually {
            try await onDatabase { tx in
                try !tx.exists("SELECT 1 FROM pushes WHERE taken_at IS NOT NULL AND NOT is_sent")
            }
        }
    }
}
