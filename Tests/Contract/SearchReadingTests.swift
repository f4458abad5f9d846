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

/// A search finds what people read, as they read it, wherever it stands in a message.
@Suite("What a search finds")
struct SearchReadingTests {
    private static func ids(_ person: Person, _ text: String, _ more: String = "") async throws -> [String] {
        try await person.does(.GET, "/search/messages?q=\(SearchTests.encoded(text))\(more)").column("id")
    }

    /// Runs `body` while the messages are in line, and again when they are in the index.
    private static func inLineAndIndexed(
        _ kind: DatabaseKind, _ prepare: @escaping @Sendable (Person, Community) async throws -> Void,
        _ body: @escaping @Sendable (Person, Community) async throws -> Void
    ) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            try await prepare(alice, nest)
            try await body(alice, nest)
            try await SearchTests.index(server)
            try await body(alice, nest)
        }
    }

    @Test("phones' and typewriters' signs are one", arguments: DatabaseKind.allCases)
    func signs(kind: DatabaseKind) async throws {
        let pairs = [
            ("don’t worry", "don't"), ("we can't know", "can’t"), ("the red house stands", "“red house”"),
            ("das rote Haus steht", "„rote Haus“"), ("la maison rouge là", "« maison rouge »"),
            ("a blue\nbarn", "\"blue barn\""),
            ("a grand\u{A0} piano", "\"grand piano\""), ("Straße", "STRASSE"), ("IM GROSSEN", "großen"),
            ("İzmir", "izmir"),
            ("ΟΔΟΣ", "οδος"), ("e‑mail", "e-mail"), ("ﬁnale", "FINALE"), ("１２３４", "1234"),
            ("Crème brûlée", "creme brulee"), ("Łukasz und Søren", "lukasz SOREN"), ("Ænima œuvre", "aenima OEUVRE"),
            ("Đà Nẵng", "da nang"), ("今日は東京タワーへ", "「東京タワー」"),
        ]
        try await Self.inLineAndIndexed(kind) { alice, nest in
            for (text, _) in pairs { try await alice.says(text, in: nest.general) }
        } _: { (alice: Person, nest: Community) async throws -> Void in
            for (text, query) in pairs {
                #expect(try await SearchTests.finds(alice, query, in: nest.general) == [text], "\(query)")
            }
        }
    }

    @Test("an address in capitals is a link, and one in code is none", arguments: DatabaseKind.allCases)
    func links(kind: DatabaseKind) async throws {
        try await Self.inLineAndIndexed(kind) { alice, nest in
            for text in ["HTTPS://EXAMPLE.ORG", "see Http://example.org", "http:/ no", "https no", "`https://a.org`"] {
                try await alice.says(text, in: nest.general)
            }
        } _: { (alice: Person, nest: Community) async throws -> Void in
            let found = try await alice.does(.GET, "/channels/\(nest.general)/messages/search?has=link")
            #expect(Set(found.column("content")) == ["HTTPS://EXAMPLE.ORG", "see Http://example.org"])
        }
    }

    @Test("a poll is found by its question and its options", arguments: DatabaseKind.allCases)
    func polls(kind: DatabaseKind) async throws {
        try await Self.inLineAndIndexed(kind) { alice, nest in
            _ = try await alice.does(
                .POST, "/polls",
                [
                    "channel_id": .string(nest.general), "question": "Where shall the picnic be",
                    "options": ["lakeside", "hill"], "duration_hours": 1,
                ])
        } _: { (alice: Person, _: Community) async throws -> Void in
            for query in ["picnic", "LAKESIDE", "hill picnic", "\"the picnic\""] {
                #expect(try await Self.ids(alice, query).count == 1, "\(query)")
            }
            // Each text stands for itself.
            for query in ["valley", "\"be lakeside\""] { #expect(try await Self.ids(alice, query) == [], "\(query)") }
        }
    }

    @Test("a card is found by all that is read in it, and by that alone", arguments: DatabaseKind.allCases)
    func embeds(kind: DatabaseKind) async throws {
        try await Self.inLineAndIndexed(kind) { alice, nest in
            _ = try await alice.does(
                .POST, "/channels/\(nest.general)/messages",
                [
                    "content": "plain",
                    "embeds": [
                        [
                            "title": "Titmouse", "description": "a small bird", "url": "https://hidden.example",
                            "author": ["name": "Audubon"], "footer": ["text": "printed 1838"],
                            "fields": [["name": "wingspan", "value": "22 cm"]],
                        ]
                    ],
                ])
        } _: { (alice: Person, _: Community) async throws -> Void in
            for query in ["titmouse", "\"small bird\"", "audubon", "1838", "wingspan", "\"22 cm\"", "plain titmouse"] {
                #expect(try await Self.ids(alice, query).count == 1, "\(query)")
            }
            for query in ["hidden", "fields", "description"] {
                #expect(try await Self.ids(alice, query) == [], "\(query)")
            }
        }
    }

    @Test("a changed card is found by what it says now", arguments: DatabaseKind.allCases)
    func changedEmbeds(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let path = "/channels/\(nest.general)/messages"
            let id = try await alice.does(.POST, path, ["content": "c", "embeds": [["title": "before"]]]).text("id")
            try await SearchTests.index(server)
            try await alice.does(.PATCH, "\(path)/\(id)", ["embeds": [["title": "after"]]])
            for _ in 1...2 {
                #expect(try await Self.ids(alice, "before") == [])
                #expect(try await Self.ids(alice, "after") == [id])
                try await SearchTests.index(server)
            }
            try await alice.does(.DELETE, "\(path)/\(id)")
            #expect(try await Self.ids(alice, "after") == [])
        }
    }

    @Test("a file is found by its name", arguments: DatabaseKind.allCases)
    func files(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let file = try await alice.uploads(
                Array("some text".utf8), named: "Quarterly-Report.txt", to: nest.general)
            let sent = try await alice.shows([file], in: nest.general)
            for _ in 1...2 {
                for query in ["quarterly", "report.txt", "\"Quarterly–Report\""] {
                    #expect(try await Self.ids(alice, query) == [try sent.text("id")], "\(query)")
                }
                #expect(try await Self.ids(alice, "yearly") == [])
                try await SearchTests.index(server)
            }
        }
    }

    @Test("threads are searched with their channels, pins too", arguments: DatabaseKind.allCases)
    func threads(kind: DatabaseKind) async throws {
        try await Self.inLineAndIndexed(kind) { alice, nest in
            try await alice.says("needle above", in: nest.general)
            let thread = try await alice.does(.POST, "/channels/\(nest.general)/threads", ["name": "T"]).text("id")
            let message = try await alice.says("needle within", in: thread).text("id")
            try await alice.does(.PUT, "/channels/\(thread)/pins/\(message)")
            try await alice.does(.PATCH, "/threads/\(thread)", ["archived": true])
        } _: { (alice: Person, nest: Community) async throws -> Void in
            #expect(try await Self.ids(alice, "needle").count == 2)
            #expect(try await Self.ids(alice, "needle", "&server_id=\(nest.id)").count == 2)
            #expect(try await Self.ids(alice, "needle", "&server_id=\(nest.id)&pinned=true").count == 1)
            #expect(try await Self.ids(alice, "needle", "&channel_id=\(nest.general)").count == 1)
            #expect(try await Self.ids(alice, "needle", "&channel_id=\(nest.general)&pinned=true") == [])
        }
    }

    // MARK: The index

    private static func forgetVersion(_ server: TestServer) async throws {
        try await server.onDatabase { tx in
            try tx.execute("UPDATE search_state SET version = 1, next_id = 0 WHERE id = 1")
        }
    }

    @Test(
        "while the index is made anew everything is found, changed and removed as ever",
        arguments: DatabaseKind.allCases)
    func remaking(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let path = "/channels/\(nest.general)/messages"
            var sent: [String] = []
            for number in 0..<6 {
                sent.append(try await alice.says("old \(number)", in: nest.general).text("id"))
                server.clock.advance(by: .milliseconds(2))
            }
            try await SearchTests.index(server)
            let changed: @Sendable (TestServer, Int) async throws -> Void = { [sent] server, number in
                try await alice.does(.PATCH, "\(path)/\(sent[number])", ["content": .string("new \(number)")])
                try await alice.does(.DELETE, "\(path)/\(sent[number + 1])")
            }
            try await Self.forgetVersion(server)
            try await changed(server, 0)
            #expect(try await Self.ids(alice, "old") == [sent[5], sent[4], sent[3], sent[2]])
            #expect(try await Self.ids(alice, "new") == [sent[0]])
            // One step at a time, whoever does it.
            for _ in 1...4 {
                try await server.operate { _ = try await Search(parts: $0.parts).indexNext() }
                #expect(try await Self.ids(alice, "old") == [sent[5], sent[4], sent[3], sent[2]])
                #expect(try await Self.ids(alice, "new") == [sent[0]])
            }
            try await changed(server, 2)
            try await SearchTests.index(server)
            #expect(try await Self.ids(alice, "old") == [sent[5], sent[4]])
            #expect(try await Self.ids(alice, "new") == [sent[2], sent[0]])
            let state = try await server.onDatabase { tx in
                (try SearchStore.isCurrent(tx), try SearchStore.beginning(tx), try SearchStore.queued(limit: 10, tx))
            }
            #expect(state.0 && state.1 == MessageID(rawValue: 0) && state.2 == [])
            // What the index has now does not depend on the messages being read one by one.
            try await changed(server, 4)
            #expect(try await Self.ids(alice, "new") == [sent[4], sent[2], sent[0]])
            #expect(try await Self.ids(alice, "old") == [])
        }
    }

    @Test("a search ends when it has cost enough", arguments: DatabaseKind.allCases)
    func budget(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            for number in 0..<20 {
                try await alice.says("\(number) \(String(repeating: "a", count: 500))", in: nest.general)
            }
            try await SearchTests.index(server)
            let channel = try ChannelID(parsing: nest.general)
            let spent = { @Sendable (budget: SearchHunt.Budget) async throws -> (found: Int, left: SearchHunt.Budget) in
                try await server.onDatabase { tx in
                    guard let channel = try ChannelStore.channel(channel, tx) else { return (0, budget) }
                    var hunt = SearchHunt(
                        SearchQuery(terms: SearchTerm.terms(in: "aaa")), in: SearchGround(only: channel), limit: 100,
                        budget: budget)
                    return (try hunt.run(tx).count, hunt.budget)
                }
            }
            #expect(try await spent(.init()).found == 20)
            #expect(try await spent(.init(candidates: 7, text_bytes: 1 << 20)).found == 7)
            #expect(try await spent(.init(candidates: 100, text_bytes: 2000)).found == 4)
        }
    }

    @Test("somebody in hundreds of groups searches everywhere", arguments: DatabaseKind.allCases)
    func manyGroups(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let (user, template) = (try UserID(parsing: alice.id), try ChannelID(parsing: nest.general))
            try await server.onDatabase { tx in
                for number in 1...700 {
                    let id = ChannelID(rawValue: template.rawValue + 1 + Int64(number))
                    let group = Channel(
                        id: id, server: nil, name: "g\(number)", type: .group, topic: nil, position: 0, category: nil,
                        nsfw: false, slowmode_s: 0, createdAt: tx.now, lastMessage: nil, owner: user, thread: nil)
                    try ChannelStore.insert(group, tx)
                    try ChannelStore.add(user, to: id, isOpen: true, tx)
                }
            }
            let last = ChannelID(rawValue: template.rawValue + 701)
            try await alice.says("needle here", in: last.description)
            try await alice.says("needle there", in: nest.general)
            for _ in 1...2 {
                #expect(try await Self.ids(alice, "needle").count == 2)
                try await SearchTests.index(server)
            }
        }
    }
}
