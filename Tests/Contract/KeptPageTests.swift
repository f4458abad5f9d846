import Client
import Community
import Database
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@testable import Chat
@testable import Content
@testable import WebClient

/// Pages of messages that are answered as they were written for somebody else.
@Suite("Kept pages")
struct KeptPageTests {
    /// A channel and what happens in it.
    private struct Life {
        let scene: EventTests.Scene
        let hook: String
        var random: SplitMix
        var messages: [String] = []
        var threads: [String] = []
        var polls: [String] = []

        private var people: [Person] { [scene.alice, scene.bob] }
        private var channel: String { scene.nest.general }
        var path: String { "/channels/\(channel)/messages" }

        init(_ scene: EventTests.Scene, seed: UInt64) async throws {
            self.scene = scene
            random = SplitMix(seed: seed)
            let draft: JSON = ["channel_id": .string(scene.nest.general), "name": "Builds"]
            let made = try await scene.alice.does(.POST, "/webhooks", draft)
            hook = "/webhooks/\(try made.text("id"))/\(try made.text("token"))"
        }

        private mutating func somebody() -> Person { people.randomElement(using: &random) ?? scene.alice }

        /// Lets something happen, and says what.
        mutating func goOn() async throws -> String {
            let deeds: [(String, (inout Life) async throws -> Void)] = [
                ("say", { try await $0.say(["content": "words"]) }),
                (
                    "answer",
                    { life in
                        guard let message = life.messages.randomElement(using: &life.random) else { return }
                        try await life.say(["content": "so what", "reply_to_id": .string(message)])
                    }
                ),
                (
                    "mention",
                    { life in
                        try await life.say(["content": .string("<@\(life.scene.bob.id)> and <@\(life.scene.alice.id)>")]
                        )
                    }
                ),
                ("link", { try await $0.say(["content": "see https://example.invalid/page"]) }),
                ("embed", { try await $0.say(["embeds": [["title": "A card"]]]) }),
                ("attach", { try await $0.attach() }),
                (
                    "hook",
                    { life in
                        let reply = try await life.scene.server.send(
                            .POST, life.hook + "?wait=true", ["content": "green", "username": "Robin"])
                        life.messages.append(try reply.json.text("id"))
                    }
                ),
                ("edit", { try await $0.change { ("PATCH", $0, ["content": "other words"]) } }),
                ("react", { try await $0.change { ("PUT", "\($0)/reactions/%F0%9F%91%8D", nil) } }),
                ("unreact", { try await $0.change { ("DELETE", "\($0)/reactions/%F0%9F%91%8D", nil) } }),
                ("delete", { try await $0.change { ("DELETE", $0, nil) } }),
                ("pin", { try await $0.pin(.PUT) }),
                ("unpin", { try await $0.pin(.DELETE) }),
                ("open a thread", { try await $0.openThread() }),
                (
                    "delete a thread",
                    { life in
                        guard let thread = life.threads.popLast() else { return }
                        try await life.scene.alice.does(.DELETE, "/threads/\(thread)")
                    }
                ),
                ("ask", { try await $0.ask() }),
                (
                    "vote",
                    { life in
                        guard let poll = life.polls.randomElement(using: &life.random) else { return }
                        _ = try await life.somebody().send(.POST, "/polls/\(poll)/vote", ["options": [0]])
                    }
                ),
                (
                    "be called otherwise",
                    { life in
                        // Two names that only look the same.
                        let names: [JSON] = ["Caf\u{E9}", "Cafe\u{301}", "Bird", .null]
                        let name = names.randomElement(using: &life.random) ?? .null
                        _ = try await life.somebody().send(.PATCH, "/users/@me", ["display_name": name])
                    }
                ),
                (
                    "bulk delete",
                    { life in
                        let some = Array(life.messages.shuffled(using: &life.random).prefix(2))
                        guard some.count == 2 else { return }
                        let ids = some.map(JSON.string)
                        _ = try await life.scene.alice.send(
                            .POST, life.path + "/bulk-delete", ["message_ids": .array(ids)])
                    }
                ),
            ]
            guard let deed = deeds.randomElement(using: &random) else { return "nothing" }
            try await deed.1(&self)
            return deed.0
        }

        private mutating func say(_ draft: JSON) async throws {
            let reply = try await somebody().send(.POST, path, draft)
            if reply.status == 201 { messages.append(try reply.json.text("id")) }
        }

        /// Whoever may not, does not: that is no change either.
        private mutating func change(_ request: (String) -> (method: String, path: String, body: JSON?)) async throws {
            guard let message = messages.randomElement(using: &random) else { return }
            let (method, path, body) = request("\(path)/\(message)")
            _ = try await somebody().send(HTTPMethod(rawValue: method), path, body)
        }

        private mutating func pin(_ method: HTTPMethod) async throws {
            guard let message = messages.randomElement(using: &random) else { return }
            _ = try await scene.alice.send(method, "/channels/\(channel)/pins/\(message)")
        }

        private mutating func attach() async throws {
            let author = somebody()
            let file = try await author.uploads(Array("a text".utf8), named: "text.txt", to: channel)
            messages.append(try await author.shows([file], in: channel).text("id"))
        }

        private mutating func openThread() async throws {
            guard let message = messages.randomElement(using: &random) else { return }
            let reply = try await scene.alice.send(
                .POST, "/channels/\(channel)/threads", ["name": "Talk", "message_id": .string(message)])
            if reply.status == 201 { threads.append(try reply.json.text("id")) }
        }

        private mutating func ask() async throws {
            let poll = try await scene.alice.does(
                .POST, "/polls",
                ["channel_id": .string(channel), "question": "Tea?", "options": ["yes", "no"], "duration_hours": 1])
            polls.append(try poll.text("id"))
        }
    }

    @Test(
        "whatever happens to its messages, a page is what a page is that nobody keeps", .byChance,
        arguments: DatabaseKind.allCases)
    func alike(kind: DatabaseKind) async throws {
        let seed = UInt64.random(in: 1...1_000_000)
        try await EventTests.with(kind) { scene in
            var life = try await Life(scene, seed: seed)
            for round in 0..<60 {
                let deed = try await life.goOn()
                for reader in [scene.alice, scene.bob] {
                    // Pages that go on to what is newer are kept by nobody.
                    let all = try await reader.does(.GET, life.path + "?after=1&limit=100").array ?? []
                    let newest = try await reader.does(.GET, life.path + "?limit=100").array
                    #expect(newest == all, "seed \(seed), round \(round): \(deed)")
                    guard all.count > 4, let message = all[2]["id"]?.string else { continue }
                    let before = try await reader.does(.GET, life.path + "?before=\(message)&limit=3").array
                    #expect(before == Array(all[3...].prefix(3)), "seed \(seed), round \(round): \(deed)")
                }
            }
        }
    }

    @Test("what is kept is packed for who wants that, and for nobody else", arguments: DatabaseKind.allCases)
    func packed(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let path = "/channels/\(scene.nest.general)/messages"
            for index in 0..<12 { try await scene.alice.says("words \(index)", in: scene.nest.general) }
            let plain = try await scene.alice.send(.GET, path)
            #expect(!plain.headers.contains(name: "content-encoding"))
            for reader in [scene.alice, scene.bob, scene.bob] {
                let packed = try await reader.send(.GET, path, headers: ["accept-encoding": "gzip"])
                #expect(packed.headers["content-encoding"] == ["gzip"])
                #expect(packed.headers.first(name: "vary")?.contains("Accept-Encoding") == true)
                #expect(packed.headers["content-length"] == ["\(packed.body.count)"])
                #expect(GzipReader.inflate(.init(packed.body)).map(Array.init) == plain.body)
                #expect(try await reader.send(.GET, path).body == plain.body)
            }
        }
    }

    @Test("who may read no more is answered nothing that is kept", arguments: DatabaseKind.allCases)
    func hidden(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (bob, nest) = (scene.bob, scene.nest)
            let path = "/channels/\(nest.general)/messages"
            try await scene.alice.says("a secret", in: nest.general)
            for _ in 0..<2 { #expect(try await bob.does(.GET, path).count == 1) }
            try await scene.alice.sets(bob.id, "member", in: nest.general, deny: ["messages.read"])
            #expect(try await bob.outcome(.GET, path) == "403 Permission denied")
            try await scene.alice.sets(bob.id, "member", in: nest.general, deny: ["channels.view"])
            #expect(try await bob.outcome(.GET, path) == "403 Access denied")
            #expect(try await scene.alice.does(.GET, path).count == 1)
        }
    }

    /// Nodes of the version before change messages and do not say so in the channel.
    @Test(
        "nothing is kept for longer than a minute, nor by a clock that was set back", arguments: DatabaseKind.allCases)
    func lifetime(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            try await scene.alice.says("words", in: scene.nest.general)
            let id = try ChannelID(parsing: scene.nest.general)
            let reader = try UserID(parsing: scene.bob.id)
            let (page, madeAt) = try await scene.server.onDatabase { tx in
                let channel = try Messages.place(id, for: reader, requiring: .messagesRead, tx).channel
                let messages = try MessageStore.messages(in: channel, .newest, limit: 50, for: reader, tx)
                let page = try #require(try KeptPage(messages, .newest, of: channel, tx))
                #expect(try page.isCurrent(in: channel, tx))
                // What is current is answered again as it is.
                let pages = KeptPages()
                let texts = try (0..<2).map { _ in
                    try pages.list(.newest, limit: 50, in: channel, for: reader, tx).keptText
                }
                #expect(texts[0] != nil && texts[0] === texts[1])
                return (page, tx.now)
            }
            #expect(page.isFresh(at: madeAt + .seconds(60)))
            #expect(!page.isFresh(at: madeAt + .milliseconds(60_001)))
            #expect(!page.isFresh(at: madeAt - .milliseconds(1)))
        }
    }
}
