import Client
import Database
import Foundation
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@testable import Chat
@testable import Community
@testable import Content
@testable import Features

@Suite("Search")
struct SearchTests {
    static func encoded(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }

    /// The texts that a search finds in a channel.
    static func finds(_ person: Person, _ text: String, in channel: String, _ more: String = "") async throws
        -> [String]
    {
        let found = try await person.does(
            .GET, "/channels/\(channel)/messages/search?content=\(encoded(text))\(more)")
        return (found.array ?? []).compactMap { $0["content"]?.string }
    }

    /// Puts everything in line into the index, as the server does by and by.
    static func index(_ server: TestServer) async throws {
        try await server.operate { while try await Search(parts: $0.parts).indexNext() {} }
    }

    @Test("the segments of the index are put together, by nothing but the task for that")
    func merges() async throws {
        try await TestServer.with(.sqlite) { server in
            let alice = try await server.person("alice")
            let channel = try await alice.foundsServer().general
            for number in 1...60 {
                try await alice.says("bird \(number)", in: channel)
                try await Self.index(server)
            }
            let (segments, rest) = try await server.onDatabase { tx in
                let segments = try tx.first("SELECT COUNT(DISTINCT segid) FROM message_search_idx") { $0.int(0) }
                return (segments, try SearchStore.merge(tx))
            }
            #expect(segments ?? 0 <= 9 && !rest)
            for number in [1, 16, 60] {
                #expect(try await Self.finds(alice, "bird \(number)", in: channel).contains("bird \(number)"))
            }
            // Left to itself, it has a segment more with each change, and does nothing before there are sixteen.
            for number in 1...10 {
                try await server.onDatabase { tx in
                    try SearchStore.insert(MessageID(rawValue: Int64(number)), [Int32(number)], tx)
                }
            }
            let left = try await server.onDatabase { tx in
                try tx.first("SELECT COUNT(DISTINCT segid) FROM message_search_idx") { $0.int(0) }
            }
            #expect(left == segments.map { $0 + 10 })
        }
    }

    @Test("what is new keeps the index from nothing that is older", arguments: DatabaseKind.allCases)
    func older(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let channel = try await alice.foundsServer().general
            for number in 1...3 { try await alice.says("old words \(number)", in: channel) }
            try await Self.index(server)
            try await server.onDatabase { tx in
                try tx.execute("UPDATE search_state SET version = version - 1")
                try SearchIndex.perform(.beginAnew, tx)
            }
            try await alice.says("new words", in: channel)
            try await Self.index(server)
            let (waiting, beginning) = try await server.onDatabase { tx in
                (try SearchStore.queued(limit: 100, tx).count, try SearchStore.beginning(tx).rawValue)
            }
            #expect(waiting == 0 && beginning == 0)
            #expect(try await Self.finds(alice, "words", in: channel).count == 4)
        }
    }

    @Test("what changes while it is being indexed is indexed as it is", arguments: DatabaseKind.allCases)
    func change(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let channel = try await alice.foundsServer().general
            let edited = try await alice.says("first words", in: channel).text("id")
            let deleted = try await alice.says("last words", in: channel).text("id")
            try await alice.says("other words", in: channel)
            // The server's own loop may have been quicker; then there is nothing left to be stale.
            let step = try await server.onDatabase { tx in try SearchIndex.next(tx) }
            try await alice.does(.PATCH, "/channels/\(channel)/messages/\(edited)", ["content": "second thoughts"])
            try await alice.does(.DELETE, "/channels/\(channel)/messages/\(deleted)")
            try await server.onDatabase { tx in try SearchIndex.perform(step, tx) }
            try await Self.index(server)
            #expect(try await Self.finds(alice, "words", in: channel) == ["other words"])
            #expect(try await Self.finds(alice, "thoughts", in: channel) == ["second thoughts"])
        }
    }

    @Test(
        "a message is found the moment it is sent, and gone when it is deleted", arguments: DatabaseKind.allCases,
        [false, true])
    func life(kind: DatabaseKind, isIndexed: Bool) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let path = "/channels/\(nest.general)/messages"
            let id = try await alice.says("The quick brown fox", in: nest.general).text("id")
            let other = try await alice.says("another text", in: nest.general).text("id")
            if isIndexed { try await Self.index(server) }
            for term in ["quick", "QUICK", "uic", "q", "qu", "brown fox", "fox quick", "\"quick brown\""] {
                #expect(try await Self.finds(alice, term, in: nest.general) == ["The quick brown fox"], "\(term)")
            }
            for term in ["quack", "\"brown quick\"", "quick text"] {
                #expect(try await Self.finds(alice, term, in: nest.general) == [], "\(term)")
            }
            try await alice.does(.PATCH, "\(path)/\(id)", ["content": "The slow brown fox"])
            #expect(try await Self.finds(alice, "quick", in: nest.general) == [])
            #expect(try await Self.finds(alice, "slow", in: nest.general) == ["The slow brown fox"])
            if isIndexed { try await Self.index(server) }
            #expect(try await Self.finds(alice, "quick", in: nest.general) == [])
            #expect(try await Self.finds(alice, "slow", in: nest.general) == ["The slow brown fox"])
            try await alice.does(.DELETE, "\(path)/\(id)")
            #expect(try await Self.finds(alice, "slow", in: nest.general) == [])
            try await alice.does(
                .POST, "\(path)/bulk-delete", ["message_ids": [.string(other), .string(id)]])
            #expect(try await Self.finds(alice, "text", in: nest.general) == [])
        }
    }

    @Test("filters narrow a search", arguments: DatabaseKind.allCases, [false, true])
    func filters(kind: DatabaseKind, isIndexed: Bool) async throws {
        try await EventTests.with(kind) { scene in
            let (server, alice, bob, nest) = (scene.server, scene.alice, scene.bob, scene.nest)
            let start = server.clock.now().seconds
            let first = try await alice.says("alpha see https://example.org", in: nest.general).text("id")
            server.clock.advance(by: .seconds(10))
            try await bob.says("alpha beta", in: nest.general)
            server.clock.advance(by: .seconds(10))
            let third = try await alice.says("alpha <@\(bob.id)>", in: nest.general).text("id")
            try await alice.does(
                .POST, "/channels/\(nest.general)/messages", ["content": "alpha card", "embeds": [["title": "t"]]])
            try await alice.does(.PUT, "/channels/\(nest.general)/pins/\(third)")
            if isIndexed { try await Self.index(server) }
            let find = { @Sendable (filter: String) async throws -> [String] in
                try await Self.finds(bob, "alpha", in: nest.general, filter)
            }
            #expect(try await find("").count == 4)
            #expect(try await find("&limit=1") == ["alpha card"])
            #expect(try await find("&from=\(bob.id)") == ["alpha beta"])
            #expect(try await find("&has=link") == ["alpha see https://example.org"])
            #expect(try await find("&has=embed") == ["alpha card"])
            #expect(try await find("&mentions=\(bob.id)") == ["alpha <@\(bob.id)>"])
            #expect(try await find("&pinned=true") == ["alpha <@\(bob.id)>"])
            #expect(try await find("&before=\(start + 5)") == ["alpha see https://example.org"])
            #expect(try await find("&after=\(first)&before=\(third)") == ["alpha beta"])
            #expect(try await find("&from=\(alice.id)&pinned=false").count == 2)
            for query in ["content=a&has=fish", "", "content=%20", "limit=0&content=a", "content=a&from=x"] {
                let outcome = try await bob.outcome(.GET, "/channels/\(nest.general)/messages/search?\(query)")
                #expect(outcome == "400 Invalid input", "\(query)")
            }
        }
    }

    @Test("whole words come first when the best are wanted", arguments: DatabaseKind.allCases)
    func best(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            for text in ["a cat", "the cat and the cat", "concatenate", "cat"] {
                try await alice.says(text, in: nest.general)
                server.clock.advance(by: .milliseconds(2))
            }
            #expect(
                try await Self.finds(alice, "cat", in: nest.general, "&sort=best")
                    == ["the cat and the cat", "cat", "a cat", "concatenate"])
            #expect(
                try await Self.finds(alice, "cat", in: nest.general)
                    == ["cat", "concatenate", "the cat and the cat", "a cat"])
        }
    }

    @Test("nobody finds what they can't see now", arguments: DatabaseKind.allCases, [false, true])
    func visibility(kind: DatabaseKind, isIndexed: Bool) async throws {
        try await EventTests.with(kind) { scene in
            let (server, alice, bob, nest) = (scene.server, scene.alice, scene.bob, scene.nest)
            let secret = try await alice.opensChannel("secret", in: nest)
            try await alice.says("treasure open", in: nest.general)
            try await alice.says("treasure secret", in: secret)
            let notes = try await alice.does(.GET, "/users/@me/notes").text("id")
            try await alice.says("treasure noted", in: notes)
            let talk = try await alice.conversation(with: bob)
            try await alice.says("treasure told", in: talk)
            let thread = try await alice.does(.POST, "/channels/\(secret)/threads", ["name": "T"]).text("id")
            try await alice.says("treasure threaded", in: thread)
            if isIndexed { try await Self.index(server) }
            let find = { @Sendable (person: Person, place: String) async throws -> Set<String> in
                let found = try await person.does(.GET, "/search/messages?q=treasure\(place)")
                return Set(
                    (found.array ?? []).compactMap {
                        $0["content"]?.string?.split(separator: " ").last.map(String.init)
                    })
            }
            #expect(try await find(alice, "") == ["open", "secret", "noted", "told", "threaded"])
            #expect(try await find(bob, "") == ["open", "secret", "told", "threaded"])
            try await alice.closes(secret, in: nest)
            #expect(try await find(bob, "") == ["open", "told"])
            #expect(try await find(bob, "&server_id=\(nest.id)") == ["open"])
            #expect(try await find(alice, "&server_id=\(nest.id)") == ["open", "secret", "threaded"])
            #expect(try await find(bob, "&channel_id=\(talk)") == ["told"])
            for (place, outcome) in [
                ("channel_id=\(secret)", "403 Access denied"), ("channel_id=\(thread)", "403 Access denied"),
                ("channel_id=\(notes)", "403 Access denied"), ("server_id=1", "404 Server not found"),
                ("channel_id=1", "404 Channel not found"),
            ] {
                #expect(try await bob.outcome(.GET, "/search/messages?q=treasure&\(place)") == outcome)
            }
            #expect(
                try await bob.outcome(.GET, "/channels/\(secret)/messages/search?content=treasure")
                    == "403 Access denied")
            try await bob.does(.POST, "/servers/\(nest.id)/leave")
            #expect(try await find(bob, "") == ["told"])
        }
    }

    @Test("people and servers are found by those who know them", arguments: DatabaseKind.allCases)
    func names(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, bob) = (scene.alice, scene.bob)
            let bobby = try await scene.server.person("bobby")
            #expect(try await alice.does(.GET, "/search/users?q=bo").column("username") == ["bob"])
            #expect(try await alice.does(.GET, "/search/users?q=BOBBY").column("username") == ["bobby"])
            try await alice.befriends(bobby)
            #expect(try await alice.does(.GET, "/search/users?q=bo").column("username") == ["bob", "bobby"])
            #expect(try await alice.does(.GET, "/search/users?q=%25") == [])
            _ = try await bob.foundsServer("Bob's den")
            #expect(try await bob.does(.GET, "/search/servers?q=den").column("name") == ["Bob's den"])
            #expect(try await alice.does(.GET, "/search/servers?q=den") == [])
        }
    }

    static let alphabets: [String] = [
        "abcdeé ", "абвгдё ", "αβγδές ", "ابتثمح ", "אבגדהו ", "कखगघाि ", "กขคงิ ", "東京都日本語 ", "かがきぎカガ ", "한국어말 ", "😀🚀❤👍🏽 ",
    ]

    @Test("a search finds what reading everything finds, in every script", arguments: DatabaseKind.allCases, [1, 2])
    func bruteForce(kind: DatabaseKind, seed: UInt64) async throws {
        try await TestServer.with(kind) { server in
            var random = SplitMix(seed: seed)
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            var texts: [String] = []
            for alphabet in Self.alphabets {
                let letters = Array(alphabet)
                for _ in 0..<8 {
                    let text = String((0..<12).map { _ in letters[Int(random.next() % UInt64(letters.count))] })
                    guard let content = try? MessageContent(text, maximumLength: 100) else { continue }
                    try await alice.says(content.text, in: nest.general)
                    texts.append(content.text)
                }
                // A part is in the index, a part in line.
                if random.next() % 2 == 0 { try await Self.index(server) }
            }
            for _ in 0..<80 {
                let letters = Array(Self.alphabets[Int(random.next() % UInt64(Self.alphabets.count))])
                let length = 1 + Int(random.next() % 4)
                let query = String((0..<length).map { _ in letters[Int(random.next() % UInt64(letters.count))] })
                let terms = SearchTerm.terms(in: query)
                guard !terms.isEmpty else { continue }
                let expected = texts.filter { text in terms.allSatisfy { SearchText(text).contains($0) } }
                let found = try await Self.finds(alice, query, in: nest.general, "&limit=100")
                #expect(found == expected.reversed(), "seed \(seed), \(query.debugDescription)")
            }
        }
    }
}
