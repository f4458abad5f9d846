import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@Suite("Who is told by a text")
struct MentionGrammarTests {
    private typealias Scene = EventTests.Scene

    /// How often bob has been spoken to, by all three ways of asking.
    private static func told(_ scene: Scene) async throws -> [Int] {
        let channel = scene.nest.general
        let unread = try await scene.bob.does(.GET, "/channels/\(channel)/messages/unread")["mention_count"]?.integer
        let all = try await scene.bob.does(.GET, "/users/@me/unread")["mention_counts"]?[channel]?.integer
        let notifications = try await scene.bob.does(.GET, "/users/@me/notifications").count
        return [Int(unread ?? 0), Int(all ?? 0), notifications]
    }

    @Test("what is shown as code, as a link or escaped tells nobody", arguments: DatabaseKind.allCases)
    func silent(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let at = "<@\(scene.bob.id)>"
            for text in [
                "`\(at)`", "```\n\(at)\n\n@everyone\n```", "> - ```\n>   \(at)\n>   ```", "\\\(at)", "\\@everyone",
                "https://social.example/@everyone", "https://a.org/?\(at.dropFirst().dropLast())@here",
                "[x](https://a.org/@here)", "[\(at) @everyone](https://a.org)", "<https://a.org/@everyone>",
                "me@everyone.org", "||```\(at)```||",
            ] {
                let sent = try await scene.alice.says(text, in: scene.nest.general)
                #expect(sent["mentions"] == [], "\(text)")
                #expect(sent["mention_everyone"] == false, "\(text)")
            }
            #expect(try await Self.told(scene) == [0, 0, 0])
        }
    }

    @Test("what is shown as a mention tells whom it names", arguments: DatabaseKind.allCases)
    func told(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let at = "<@\(scene.bob.id)>"
            let texts = [
                "it`s late\n\n\(at) look at `file`", "\\`\(at)\\`", "\(at) `x`", "``\(at)`", "||\(at)||", "```\n\(at)",
                "https://a.org/ \(at)", "[\(at)](javascript:x)", "**\(at)**", "# \(at)",
            ]
            for text in texts {
                let sent = try await scene.alice.says(text, in: scene.nest.general)
                #expect(sent["mentions"]?.count == 1, "\(text)")
            }
            #expect(try await Self.told(scene) == [texts.count, texts.count, texts.count])
            let everyone = try await scene.alice.says("みなさん@everyone見て", in: scene.nest.general)
            #expect(everyone["mention_everyone"] == true)
        }
    }

    @Test("an edit reads the text by the same grammar", arguments: DatabaseKind.allCases)
    func edited(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let at = "<@\(scene.bob.id)>"
            let path = "/channels/\(scene.nest.general)/messages"
            let id = try await scene.alice.says(at, in: scene.nest.general).text("id")
            let quiet = try await scene.alice.does(.PATCH, "\(path)/\(id)", ["content": .string("`\(at)`")])
            #expect(quiet["mentions"] == [])
            let loud = try await scene.alice.does(.PATCH, "\(path)/\(id)", ["content": .string("\\`\(at)\\`")])
            #expect(loud["mentions"]?.count == 1)
        }
    }

    @Test("a mention after many ids that are nobody's is one", arguments: DatabaseKind.allCases)
    func many(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let nobody = (1...120).map { "<@\($0)>" }.joined()
            let sent = try await scene.alice.says("\(nobody) <@\(scene.bob.id)>", in: scene.nest.general)
            #expect(sent["mentions"] == [["id": .string(scene.bob.id), "username": "bob", "display_name": .null]])
        }
    }

    @Test("an edit keeps to whom the message might speak to, until it says otherwise", arguments: DatabaseKind.allCases)
    func remembered(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob) = (scene.alice, scene.bob)
            let path = "/channels/\(scene.nest.general)/messages"
            let text = "<@\(bob.id)> @everyone"
            let id = try await alice.does(
                .POST, path, ["content": .string(text), "allowed_mentions": ["parse": []]]
            ).text("id")
            func edit(_ content: String, _ allowed: JSON? = nil) async throws -> [JSON?] {
                var body: [String: JSON] = ["content": .string(content)]
                body["allowed_mentions"] = allowed
                let message = try await alice.does(.PATCH, "\(path)/\(id)", .object(body))
                return [(message["mentions"]?.count).map { .integer(Int64($0)) }, message["mention_everyone"]]
            }
            #expect(try await edit("\(text).") == [0, false])
            #expect(try await edit("\(text)!", ["parse": ["everyone"]]) == [0, true])
            #expect(try await edit("\(text)?") == [0, true], "what an edit says is remembered as well")
            #expect(try await edit("\(text)?!", ["users": [.string(bob.id)]]) == [1, false])
            #expect(try await edit("\(text)?!.") == [1, false])
            let told = try await bob.does(.GET, "/users/@me/notifications")
            #expect(told.column("type") == ["mention"], "once it might speak to them, and once only")
        }
    }

    @Test("an answer that told nobody stays so when it is edited", arguments: DatabaseKind.allCases)
    func silentAnswer(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let path = "/channels/\(scene.nest.general)/messages"
            let question = try await scene.bob.says("?", in: scene.nest.general).text("id")
            let answer: [String: JSON] = ["content": "!", "reply_to_id": .string(question)]
            let loud = try await scene.alice.does(.POST, path, .object(answer)).text("id")
            #expect(
                try await scene.alice.does(.PATCH, "\(path)/\(loud)", ["content": "!!"])["mentions"]?.count == 1)
            let silent = answer.merging(["allowed_mentions": ["replied_user": false]]) { $1 }
            let quiet = try await scene.alice.does(.POST, path, .object(silent)).text("id")
            #expect(
                try await scene.alice.does(.PATCH, "\(path)/\(quiet)", ["content": "!!"])["mentions"]?.count == 0)
        }
    }
}
