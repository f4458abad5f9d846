import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@testable import Content
@testable import Features

@Suite("Keyword alerts")
struct KeywordAlertTests {
    private static let path = "/users/@me/keyword-alerts"

    private static func told(_ person: Person) async throws -> [JSON] {
        for _ in 0..<2 { try await person.server.doesDueWork() }
        return (try await person.does(.GET, "/users/@me/notifications").array ?? []).filter { $0["type"] == "keyword" }
    }

    @Test(
        "whole words are found as search folds them, and anywhere in scripts without spaces",
        arguments: [
            ("release", "The RELEASE is out!", true), ("release", "released", false), ("cafe", "im Café", true),
            ("release notes", "the release\n notes", true), ("c++", "I like C++.", true), ("c++", "c++x", false),
            ("straße", "STRASSE", true), ("会議", "明日の会議です", true), ("会議", "会 議", false),
            ("iphone", "iPhoneを買う", true), ("회의", "회의는 내일", true), ("ｱﾆﾒ", "アニメ", true),
            ("naïve", "naive", true), ("ab", "cab", false), (":-)", "fine :-)", true), ("don't", "don’t", true),
            ("สวัสดี", "เขาพูดสวัสดีครับ", true), ("x y", "x y", true),
        ])
    func words(keyword: String, text: String, isThere: Bool) throws {
        let keyword = try #require(Keyword(keyword))
        let text = SearchText(text)
        #expect(keyword.isIn(text) == isThere)
        if isThere { #expect(Keyword.pieces(of: text).contains(keyword.hint), "the index would not find it") }
    }

    @Test("one is told of a word that one waits for, once a minute in a channel", arguments: DatabaseKind.allCases)
    func telling(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (server, alice, bob, general) = (scene.server, scene.alice, scene.bob, scene.nest.general)
            #expect(
                try await bob.does(.GET, Self.path) == ["keywords": [], "server_ids": .null, "exclude_channel_ids": []])
            try await alice.says("an apple before", in: general)
            let wanted: JSON = ["keywords": ["apple", "会議"]]
            #expect(try await bob.does(.PUT, Self.path, wanted)["keywords"] == ["apple", "会議"])
            #expect(try await bob.does(.GET, Self.path)["keywords"] == ["apple", "会議"])
            let message = try await alice.says("An APPLE a day", in: general).text("id")
            try await alice.says("another apple", in: general)
            let told = try await Self.told(bob)
            #expect(told.count == 1)
            #expect(told.first?["keyword"] == "apple" && told.first?["note"] == .null)
            #expect(told.first?["message_id"]?.string == message && told.first?["user_id"]?.string == alice.id)
            #expect(told.first?["channel_id"]?.string == general && told.first?["server_id"]?.string == scene.nest.id)
            try await scene.bobHears.awaits("NOTIFICATION_CREATE")
            let other = try await alice.opensChannel("other", in: scene.nest)
            try await alice.says("明日の会議です", in: other)
            #expect(try await Self.told(bob).first?["keyword"] == "会議")
            server.clock.advance(by: .seconds(61))
            try await alice.says("apples, apple", in: general)
            #expect(try await Self.told(bob).count == 3)
            // A poll asks in words, too; what is handed on was said elsewhere.
            let asked = try await alice.opensChannel("asked", in: scene.nest)
            try await alice.does(
                .POST, "/channels/\(asked)/messages",
                ["poll": ["question": "Pear or apple?", "options": ["one", "two"]]])
            let handed = try await alice.opensChannel("handed", in: scene.nest)
            try await alice.does(
                .POST, "/channels/\(handed)/messages",
                ["forward": ["channel_id": .string(general), "message_id": .string(message)]])
            #expect(try await Self.told(bob).count == 4)
            // Whom it names is told once.
            server.clock.advance(by: .seconds(61))
            try await alice.says("<@\(bob.id)> apple", in: general)
            #expect(try await Self.told(bob).count == 4)
        }
    }

    @Test("one is not told of what is not one's to hear", arguments: DatabaseKind.allCases)
    func silence(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob, nest) = (scene.alice, scene.bob, scene.nest)
            let carol = try await scene.server.person("carol")
            try await carol.joins(nest)
            let (hidden, muted) = (
                try await alice.opensChannel("hidden", in: nest), try await alice.opensChannel("muted", in: nest)
            )
            let (excluded, own) = (
                try await alice.opensChannel("excluded", in: nest), try await bob.foundsServer("Den")
            )
            try await alice.closes(hidden, in: nest)
            try await carol.joins(own)
            try await bob.does(.POST, "/relationships/block", ["user_id": .string(carol.id)])
            try await bob.does(
                .PUT, "/users/@me/notification-settings/channels/\(muted)", ["muted_until": .integer(253_402_300_799)])
            try await bob.does(
                .PUT, Self.path,
                [
                    "keywords": ["secret"], "server_ids": [.string(nest.id)],
                    "exclude_channel_ids": [.string(excluded)],
                ])
            let thread = try await alice.does(.POST, "/channels/\(excluded)/threads", ["name": "t"]).text("id")
            let aside = try await alice.does(
                .POST, "/channels/\(nest.general)/threads", ["name": "t", "thread_type": "private"]
            ).text("id")
            let talk = try await alice.conversation(with: bob)
            for channel in [hidden, muted, excluded, thread, aside, talk] {
                try await alice.says("a secret", in: channel)
            }
            try await bob.says("my secret", in: nest.general)
            try await carol.says("her secret", in: nest.general)
            try await carol.says("a secret elsewhere", in: own.general)
            let bot = try await alice.makesBot()
            try await alice.brings(bot, to: nest)
            _ = try await bot.send(.POST, "/channels/\(nest.general)/messages", ["content": "its secret"])
            let hook = try await alice.does(.POST, "/webhooks", ["channel_id": .string(nest.general), "name": "H"])
            _ = try await scene.server.send(
                .POST, "/webhooks/\(try hook.text("id"))/\(try hook.text("token"))", ["content": "its secret"])
            let gone = try await alice.says("a secret taken back", in: nest.general).text("id")
            try await alice.does(.DELETE, "/channels/\(nest.general)/messages/\(gone)")
            #expect(try await Self.told(bob) == [])
            // The one that was taken back may have been told for a moment, and one a minute is told.
            scene.server.clock.advance(by: .seconds(61))
            try await alice.says("the secret", in: nest.general)
            #expect(try await Self.told(bob).count == 1)
            try await bob.does(.PUT, Self.path, ["keywords": []])
            scene.server.clock.advance(by: .seconds(61))
            try await alice.says("the secret", in: nest.general)
            #expect(try await Self.told(bob).count == 1)
        }
    }

    @Test("there are bounds to what one may wait for", arguments: DatabaseKind.allCases)
    func bounds(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let refused: [JSON] = [
                [:], ["keywords": "a"], ["keywords": ["a"]], ["keywords": [.string(String(repeating: "a", count: 51))]],
                ["keywords": ["\u{200B}\u{200B}"]], ["keywords": ["  "]],
                ["keywords": .array((0..<51).map { .string("word\($0)") })],
                ["keywords": ["ok"], "server_ids": ["x"]],
                ["keywords": ["ok"], "exclude_channel_ids": .array((1...101).map { .integer($0) })],
            ]
            for body in refused {
                #expect(try await alice.outcome(.PUT, Self.path, body) == "400 Invalid input", "\(body)")
            }
            #expect(
                try await alice.outcome(.PUT, Self.path, ["keywords": .array((0..<50).map { .string("word\($0)") })])
                    == "200")
        }
    }

    @Test("without the module there is nothing of it", arguments: DatabaseKind.allCases)
    func module(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["modules.keyword_alerts": "false"]) { server in
            let alice = try await server.person("alice")
            #expect(try await alice.outcome(.GET, Self.path) == "503 Module not available")
            #expect(try await alice.outcome(.PUT, Self.path, ["keywords": ["word"]]) == "503 Module not available")
            #expect(try await server.send(.GET, "/capabilities").json["keyword_alerts"] == false)
        }
    }
}
