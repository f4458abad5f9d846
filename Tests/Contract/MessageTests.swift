import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@Suite("Messages")
struct MessageTests {
    @Test("a message is returned whole, and reads the same afterwards", arguments: DatabaseKind.allCases)
    func send(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            try await alice.does(.PATCH, "/users/@me", ["display_name": "Alice A."])
            let nest = try await alice.foundsServer()
            let reply = try await alice.send(.POST, "/channels/\(nest.general)/messages", ["content": " hi\n there "])
            #expect(reply.status == 201)
            let sent = reply.json
            #expect(
                sent == [
                    "id": sent["id"] ?? .null, "channel_id": .string(nest.general), "server_id": .string(nest.id),
                    "author_id": .string(alice.id), "author_username": "alice", "author_display_name": "Alice A.",
                    "author_avatar_url": .null, "type": "default", "content": " hi\n there ",
                    "created_at": .integer(server.clock.now().seconds), "edited_at": .null, "reply_to_id": .null,
                    "reply_to": .null, "attachments": [], "embeds": [], "mentions": [], "mention_roles": [],
                    "mention_everyone": false, "pinned": false, "reactions": [], "webhook_id": .null, "nonce": .null,
                    "thread_id": .null, "poll": .null, "stickers": [], "voice": .null, "forward": .null,
                    "read_count": .null, "delivery_count": .null,
                ])
            let path = "/channels/\(nest.general)/messages"
            let id = try sent.text("id")
            #expect(try await alice.does(.GET, "\(path)/\(id)") == sent)
            #expect(try await alice.does(.GET, path) == [sent])
        }
    }

    @Test("a message without anything to see has no content", arguments: DatabaseKind.allCases)
    func empty(kind: DatabaseKind) async throws {
        let bodies: [JSON] = [
            [:], ["content": .null], ["content": ""], ["content": " "], ["content": "\n\t \r"],
            ["content": "\u{3000}\u{2003}"],
            ["content": "\u{200B}\u{200D}\u{FEFF}"], ["content": "\u{2800}"], ["content": "\u{3164}"],
            ["content": "\u{301}"],
            ["content": "", "attachments": [], "embeds": []],
        ]
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let path = "/channels/\(nest.general)/messages"
            for body in bodies {
                #expect(
                    try await alice.outcome(.POST, path, body)
                        == "400 Message must have content, attachments, or embeds", "\(body)")
            }
            let message = try await alice.says("hello", in: nest.general).text("id")
            #expect(
                try await alice.outcome(.PATCH, "\(path)/\(message)", ["content": " "])
                    == "400 Message must have content, attachments, or embeds")
            #expect(try await alice.reads(nest.general) == ["hello"])
        }
    }

    @Test(
        "4,000 scalars are a message, 4,001 are not", arguments: DatabaseKind.allCases)
    func length(kind: DatabaseKind) async throws {
        let units = [
            ("a", 1), ("👍", 1), ("é", 1), ("e\u{301}", 2), ("👩\u{200D}🚀", 3), ("👨\u{200D}👩\u{200D}👧\u{200D}👦", 7),
        ]
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let path = "/channels/\(nest.general)/messages"
            for (unit, scalars) in units {
                let units = String(repeating: unit, count: 4000 / scalars)
                let full = units + String(repeating: "x", count: 4000 % scalars)
                let sent = try await alice.says(full, in: nest.general)
                #expect(sent["content"]?.string.map { Array($0.utf8) } == Array(full.utf8), "\(unit)")
                let reply = try await alice.send(.POST, path, ["content": .string(full + "x")])
                #expect(reply.outcome == "400 Invalid input", "\(unit)")
                #expect(reply.issues == ["content"], "\(unit)")
                let edit = try await alice.send(
                    .PATCH, "\(path)/\(try sent.text("id"))", ["content": .string(full + "x")])
                #expect(edit.outcome == "400 Invalid input", "\(unit)")
            }
        }
    }

    @Test("control characters are refused, any script is kept as it was sent", arguments: DatabaseKind.allCases)
    func characters(kind: DatabaseKind) async throws {
        let kept = [
            "a\nb\tc\r\nd", "مرحبا \u{202B}RTL\u{202C}", "e\u{301} é", "\u{1F3F4}\u{E0067}\u{E0062}",
            "\u{FFFD}\u{10FFFF}",
            "a\u{200B}b", "<script>alert(1)</script>", "\\u0000 '; DROP TABLE users; --", "\"quoted\" \\ %s ${x}",
        ]
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let path = "/channels/\(nest.general)/messages"
            for content in kept {
                let sent = try await alice.says(content, in: nest.general)
                let read = try await alice.does(.GET, "\(path)/\(try sent.text("id"))")
                #expect(read["content"]?.string.map { Array($0.utf8) } == Array(content.utf8))
            }
            for content in ["a\u{0}b", "\u{0}", "a\u{7}", "a\u{1B}[31m", "a\u{7F}", "a\u{9B}"] {
                let outcome = try await alice.outcome(.POST, path, ["content": .string(content)])
                #expect(outcome.hasPrefix("400 "), "\(content.debugDescription): \(outcome)")
            }
            for body: JSON in [
                ["content": 5], ["content": ["a"]], ["content": "a", "nonce": "\u{0}"], ["content": "a", "nonce": 7],
            ] {
                #expect(try await alice.outcome(.POST, path, body) == "400 Invalid input", "\(body)")
            }
        }
    }

    @Test("a category or a forum takes no messages", arguments: DatabaseKind.allCases)
    func channelTypes(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            for (type, outcome) in [
                ("category", "400 Invalid input"), ("forum", "400 Invalid input"), ("voice", "201"),
                ("announcement", "201"),
            ] {
                let channel = try await alice.opensChannel(type, in: nest, ["type": .string(type)])
                let sent = try await alice.outcome(.POST, "/channels/\(channel)/messages", ["content": "a"])
                #expect(sent == outcome, "\(type)")
            }
        }
    }

    @Test("a reply shows what it answers, until that is gone", arguments: DatabaseKind.allCases)
    func replies(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let other = try await alice.opensChannel("other", in: nest)
            let path = "/channels/\(nest.general)/messages"
            let question = try await alice.says("six times nine?", in: nest.general).text("id")
            let reply = try await alice.does(.POST, path, ["content": "42", "reply_to_id": .string(question)])
            #expect(reply["type"] == "reply")
            #expect(
                reply["reply_to"] == [
                    "id": .string(question), "author_id": .string(alice.id), "author_username": "alice",
                    "content": "six times nine?",
                ])
            try await alice.does(.DELETE, "\(path)/\(question)")
            let orphan = try await alice.does(.GET, "\(path)/\(try reply.text("id"))")
            #expect(orphan["reply_to_id"]?.string == question)
            #expect(orphan["reply_to"] == .null)
            let elsewhere = try await alice.says("elsewhere", in: other).text("id")
            for unknown in [question, "1", elsewhere] {
                let body: JSON = ["content": "a", "reply_to_id": .string(unknown)]
                #expect(try await alice.outcome(.POST, path, body) == "404 Message not found")
            }
        }
    }

    @Test("a nonce counts for its author, its channel and a day", arguments: DatabaseKind.allCases)
    func nonces(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let nest = try await alice.foundsServer()
            try await bob.joins(nest)
            let other = try await alice.opensChannel("other", in: nest)
            let send = { (person: Person, channel: String, content: String) in
                try await person.send(
                    .POST, "/channels/\(channel)/messages", ["content": .string(content), "nonce": "n"])
            }
            let first = try await send(alice, nest.general, "one")
            #expect(first.status == 201)
            let again = try await send(alice, nest.general, "two")
            #expect(again.status == 200)
            #expect(again.json == first.json)
            #expect(try await send(alice, other, "three").status == 201)
            #expect(try await send(bob, nest.general, "four").status == 201)
            server.clock.advance(by: .seconds(24 * 3600))
            #expect(try await send(alice, nest.general, "five").status == 201)
            #expect(try await alice.reads(nest.general) == ["five", "four", "one"])
        }
    }

    @Test("a nonce that many send at once makes one message", arguments: DatabaseKind.allCases)
    func nonceAtOnce(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            // The place is known by then, so that all that is asked is asked together.
            try await alice.says("before", in: nest.general)
            for _ in 0..<3 {
                let answers = try await atOnce(24) { number in
                    let body: JSON = ["content": "once", "nonce": .string("n\(number % 3)")]
                    let sent = try await alice.send(.POST, "/channels/\(nest.general)/messages", body)
                    return (sent.status, try sent.json.text("id"))
                }
                #expect(Set(answers.map(\.0)).isSubset(of: [200, 201]))
                #expect(Set(answers.map(\.1)).count == 3)
                #expect(try await alice.reads(nest.general) == ["once", "once", "once", "before"])
            }
        }
    }

    @Test(
        "a nonce that is sent twice at once is answered twice, also where one may not send twice",
        arguments: DatabaseKind.allCases)
    func nonceAtOnceInSlowMode(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let nest = try await alice.foundsServer()
            try await bob.joins(nest)
            try await alice.does(.PATCH, "/channels/\(nest.general)", ["slowmode_seconds": 60])
            try await alice.says("before", in: nest.general)
            let answers = try await atOnce(8) { _ in
                try await bob.send(.POST, "/channels/\(nest.general)/messages", ["content": "once", "nonce": "n"])
            }
            #expect(answers.map(\.status).sorted() == Array(repeating: 200, count: 7) + [201])
            #expect(Set(try answers.map { try $0.json.text("id") }).count == 1)
        }
    }

    @Test("what was sent and deleted is not sent again", arguments: DatabaseKind.allCases)
    func deletedNonce(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let path = "/channels/\(nest.general)/messages"
            let sent = try await alice.says("once", in: nest.general, nonce: "n")
            try await alice.does(.DELETE, "\(path)/\(try sent.text("id"))")
            let outcome = try await alice.outcome(.POST, path, ["content": "once", "nonce": "n"])
            #expect(outcome == "404 Message not found")
            #expect(try await alice.reads(nest.general) == [])
        }
    }

    @Test("slow mode makes members wait, not those who may pass it", arguments: DatabaseKind.allCases)
    func slowMode(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let nest = try await alice.foundsServer()
            try await bob.joins(nest)
            let path = "/channels/\(nest.general)/messages"
            try await alice.does(.PATCH, "/channels/\(nest.general)", ["slowmode_seconds": 10])
            try await bob.says("one", in: nest.general, nonce: "n")
            server.clock.advance(by: .milliseconds(2500))
            let slowed = try await bob.send(.POST, path, ["content": "two"])
            #expect(slowed.outcome == "429 Rate limited")
            #expect(slowed.json["error"]?["retry_after"] == .number(7.5))
            #expect(slowed.headers["retry-after"] == ["8"])
            #expect(try await bob.outcome(.POST, path, ["content": "one", "nonce": "n"]) == "200")
            #expect(try await bob.outcome(.POST, path, ["content": " "]).hasPrefix("400"))
            try await alice.says("three", in: nest.general)
            try await alice.says("four", in: nest.general)
            server.clock.advance(by: .milliseconds(7500))
            try await bob.says("five", in: nest.general)
            #expect(try await alice.reads(nest.general) == ["five", "four", "three", "one"])
        }
    }
}
