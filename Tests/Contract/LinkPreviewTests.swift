import Client
import Database
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@testable import Content
@testable import Features

@Suite("Link previews")
struct LinkPreviewTests {
    static let pages = Task { try await ScriptProgram.start("web_pages.py") }

    /// The address of a page on this machine.
    static func page(_ path: String) async throws -> String {
        "http://127.0.0.1:\(try await pages.value.firstLine)\(path)"
    }

    private static func ask(_ path: String) async throws -> String {
        let connection = try await HTTPConnection.connect(port: try #require(Int(try await pages.value.firstLine)))
        let reply = try await connection.send(.GET, path)
        await connection.close()
        return reply.text
    }

    static func requests(of path: String) async throws -> String { try await ask("/count?\(path)") }

    /// A page that does not come before it is let through.
    struct Gate: Sendable {
        let name = String(UInt64.random(in: .min ... .max))

        var path: String { "/gate?\(name)" }

        func opens() async throws { _ = try await LinkPreviewTests.ask("/open?\(name)") }

        /// Waits until it was asked for so often.
        func isAsked(times: Int) async throws {
            try await eventually { try await LinkPreviewTests.requests(of: path) == "\(times)" }
        }
    }

    static func titles(_ message: JSON?) -> [JSON?] { message?["embeds"]?.array?.map { $0["title"] } ?? [] }

    /// What is in line.
    static func line(_ server: TestServer) async throws -> Int {
        try await server.onDatabase { tx in try PreviewRequestStore.count(tx) }
    }

    /// Says something and returns the message as it is once links were looked at.
    private static func preview(_ scene: EventTests.Scene, _ text: String) async throws -> JSON {
        try await scene.alice.says(text, in: scene.nest.general)
        return try await scene.bobHears.awaits("MESSAGE_UPDATE")["d"] ?? .null
    }

    @Test("a link is shown with what the page says, and its picture comes from here", arguments: DatabaseKind.allCases)
    func preview(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let link = try await Self.page("/page?\(kind)")
            let sent = try await scene.alice.says("see \(link), it is good", in: scene.nest.general)
            #expect(sent["embeds"] == [], "nobody waits for it")
            let told = try await scene.bobHears.awaits("MESSAGE_UPDATE")["d"]
            let embed = told?["embeds"]?[0]
            #expect((embed?["title"], embed?["description"]) == ("An article", "About <birds>"))
            #expect((embed?["url"], embed?["author"]?["name"]) == (.string(link), "Nest"))
            #expect(told?["edited_at"] == .null)
            let picture = try await scene.server.fetch(try embed?["thumbnail"]?.text("url") ?? "")
            #expect((picture.status, picture.headers["content-type"]) == (200, ["image/webp"]))
            let guess = try await scene.server.fetch("/api/v1/media/previews/\(LinkPreview.hash(of: link))")
            #expect(guess.outcome == "404 Attachment not found", "nobody can ask whether a page was linked to")
            let history = try await scene.bob.does(.GET, "/channels/\(scene.nest.general)/messages")
            #expect(history[0] == told)
        }
    }

    @Test("a page is fetched once for all who link to it", arguments: DatabaseKind.allCases)
    func cache(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let path = "/plain?\(UInt64.random(in: .min ... .max))"
            let link = try await Self.page(path)
            for _ in 0..<3 { #expect(try await Self.preview(scene, link)["embeds"]?[0]?["title"] == "Only a title") }
            #expect(try await Self.requests(of: path) == "1")
            scene.server.clock.advance(by: .seconds(25 * 3600))
            #expect(try await Self.preview(scene, link)["embeds"]?.count == 1)
            #expect(try await Self.requests(of: path) == "2")
        }
    }

    @Test("a message has the previews of its links, also after it was edited", arguments: DatabaseKind.allCases)
    func edits(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (one, two) = (try await Self.page("/page?a"), try await Self.page("/plain?b"))
            let path = "/channels/\(scene.nest.general)/messages"
            let own: JSON = ["content": .string("\(one) \(two)"), "embeds": [["title": "mine"]]]
            let message = try await scene.alice.does(.POST, path, own)
            let first = try await scene.bobHears.awaits("MESSAGE_UPDATE")["d"]
            #expect((first?["embeds"]?.array ?? []).map { $0["title"] } == ["mine", "An article", "Only a title"])
            let id = try message.text("id")
            try await scene.alice.does(.PATCH, "\(path)/\(id)", ["content": .string(two)])
            var told = try await scene.bobHears.awaits("MESSAGE_UPDATE")["d"]
            while told?["embeds"]?.count != 2 { told = try await scene.bobHears.awaits("MESSAGE_UPDATE")["d"] }
            #expect((told?["embeds"]?.array ?? []).map { $0["title"] } == ["mine", "Only a title"])
            try await scene.alice.does(.PATCH, "\(path)/\(id)", ["content": "nothing", "embeds": []])
            while told?["embeds"]?.count != 0 { told = try await scene.bobHears.awaits("MESSAGE_UPDATE")["d"] }
            try await scene.alice.does(.DELETE, "\(path)/\(id)")
        }
    }

    @Test(
        "a link that is taken out has no preview from that answer on, whoever may embed now",
        arguments: DatabaseKind.allCases)
    func takenOut(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (one, two) = (try await Self.page("/page?out"), try await Self.page("/plain?in"))
            let id = try await scene.bob.says("\(one) \(two)", in: scene.nest.general).text("id")
            _ = try await scene.bobHears.awaits("MESSAGE_UPDATE")
            let path = "/channels/\(scene.nest.general)/messages/\(id)"
            let everyone = try await scene.alice.everyoneRole(of: scene.nest)
            try await scene.alice.does(
                .PUT, "/channels/\(scene.nest.general)/overwrites/\(everyone)",
                ["type": "role", "deny": ["messages.embed_links"]])
            let titles = { @Sendable (text: String) async throws -> [JSON?] in
                try await scene.bob.does(.PATCH, path, ["content": .string(text)])["embeds"]?.array?.map {
                    $0["title"]
                } ?? []
            }
            #expect(try await titles("\(two) stays") == ["Only a title"])
            #expect(try await titles("nothing") == [])
            #expect(try await titles("\(one) again") == [], "nothing is fetched at once")
        }
    }

    @Test("pages that lead inside, nowhere or never end have no preview", arguments: DatabaseKind.allCases)
    func refused(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let inside = try await Self.page("/page").replacing("127.0.0.1", with: "127.0.0.2")
            for link in [
                try await Self.page("/silent"), try await Self.page("/missing"), try await Self.page("/loop"),
                try await Self.page("/inside"), try await Self.page("/text"), inside, "http://127.0.0.1:9/",
                "http://no-such-host.invalid/", try await Self.page("/redirect?9"),
            ] {
                try await scene.alice.says(link, in: scene.nest.general)
            }
            // What comes after them is looked at by the same few workers.
            for link in ["/redirect?2", "/endless", "/huge"] {
                let told = try await Self.preview(scene, try await Self.page(link))
                let embed = told["embeds"]?[0]
                #expect(told["content"] == .string(try await Self.page(link)))
                #expect(embed?["title"] == .string(["/endless": "Endless", "/huge": "Huge"][link] ?? "An article"))
                if link == "/huge" { #expect(embed?["thumbnail"] == .null) }
            }
            for message in try await scene.alice.does(.GET, "/channels/\(scene.nest.general)/messages").array?
                .dropFirst(3) ?? []
            {
                #expect(message["embeds"] == [], "\(message["content"]?.string ?? "")")
            }
        }
    }

    @Test(
        "who may not embed links has no previews, and the module can be switched off", arguments: DatabaseKind.allCases)
    func permission(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let everyone = try await scene.alice.everyoneRole(of: scene.nest)
            try await scene.alice.does(
                .PUT, "/channels/\(scene.nest.general)/overwrites/\(everyone)",
                ["type": "role", "deny": ["messages.embed_links"]])
            let link = try await Self.page("/plain?permission")
            let refused = try await scene.bob.says(link, in: scene.nest.general)
            #expect(try await Self.preview(scene, link)["author_id"] == .string(scene.alice.id))
            let read = try await scene.bob.does(
                .GET, "/channels/\(scene.nest.general)/messages/\(try refused.text("id"))")
            #expect(read["embeds"] == [])
        }
        try await TestServer.with(kind, ["modules.link_previews": "false"]) { server in
            let alice = try await server.person("alice")
            #expect(try await server.outcome(.GET, "/media/previews/a") == "503 Module not available")
            #expect(try await alice.does(.GET, "/capabilities")["link_previews"] == false)
        }
    }

    @Test(
        "links are found in texts",
        arguments: [
            ("see https://a.org/b, and (http://c.org/d).", ["https://a.org/b", "http://c.org/d"]),
            ("<https://a.org> `https://b.org` ```\nhttps://c.org\n```", []),
            ("**https://a.org/x_y**", ["https://a.org/x_y"]),
            ("https://a.org/(b)", ["https://a.org/(b)"]), ("https://a https://localhost/ http:// https://", []),
            (
                "https://a.org https://a.org https://b.org https://c.org https://d.org",
                ["https://a.org", "https://b.org", "https://c.org"]
            ),
            ("javascript:alert(1) ftp://a.org file:///etc/passwd", []), ("[x](https://a.org/b)", ["https://a.org/b"]),
            ("日本語https://a.org/日", ["https://a.org/日"]), ("no", []),
            ("https://a.org/@everyone 、https://b.org。", ["https://a.org/@everyone", "https://b.org"]),
            ("||https://a.org||\n||b\n\nhttps://c.org||", []), ("\\`https://a.org`", ["https://a.org"]),
            ("[a](HTTPS://a.org/B)", ["HTTPS://a.org/B"]),
        ])
    func scanner(text: String, links: [String]) { #expect(LinkScanner.links(in: text) == links) }

    // MARK: In line

    @Test("what is said without links has nothing looked at", arguments: DatabaseKind.allCases)
    func nothing(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let asked = try await scene.server.statements.statements {
                try await scene.alice.says("no links :// here", in: scene.nest.general)
                try await scene.alice.says("<https://example.org>", in: scene.nest.general)
            }
            #expect(!asked.keys.contains { $0.text.contains("INSERT INTO preview_requests") })
        }
    }

    @Test("links are looked at after a restart, too", arguments: DatabaseKind.allCases)
    func restart(kind: DatabaseKind) async throws {
        let gate = Gate()
        let link = try await Self.page(gate.path)
        let told = Shared<(alice: Person, channel: String, message: String)?>(nil)
        try await TestServer.restarting(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let message = try await alice.says(link, in: nest.general).text("id")
            told.set((alice, nest.general, message))
            try await gate.isAsked(times: 1)
        } then: { server in
            let (person, channel, message) = try #require(told.value)
            let alice = Person(server: server, name: "alice", id: person.id, token: person.token)
            try await gate.opens()
            try await eventually {
                let read = try await alice.does(.GET, "/channels/\(channel)/messages/\(message)")
                return Self.titles(read) == ["Behind a gate"]
            }
            #expect(try await Self.requests(of: gate.path) == "2")
            #expect(try await Self.line(server) == 0)
        }
    }

    @Test(
        "who edits a message while its links are looked at has those of its new text", arguments: DatabaseKind.allCases)
    func editedMeanwhile(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (gate, path) = (Gate(), "/channels/\(scene.nest.general)/messages")
            let (one, two) = (try await Self.page(gate.path), try await Self.page("/page?edited"))
            let id = try await scene.alice.says(one, in: scene.nest.general).text("id")
            try await gate.isAsked(times: 1)
            try await scene.alice.does(.PATCH, "\(path)/\(id)", ["content": .string(two)])
            try await gate.opens()
            try await eventually {
                try await Self.titles(scene.alice.does(.GET, "\(path)/\(id)")) == ["An article"]
            }
            try await eventually { try await Self.line(scene.server) == 0 }
            #expect(try await Self.titles(scene.alice.does(.GET, "\(path)/\(id)")) == ["An article"])
        }
    }

    @Test(
        "a message or a channel that goes while its links are looked at takes its place in line along",
        arguments: DatabaseKind.allCases)
    func goneMeanwhile(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (gate, other) = (Gate(), try await scene.alice.opensChannel("other", in: scene.nest))
            let link = try await Self.page(gate.path)
            let id = try await scene.alice.says(link, in: scene.nest.general).text("id")
            try await scene.alice.says("\(link)", in: other)
            try await gate.isAsked(times: 2)
            try await scene.alice.does(.DELETE, "/channels/\(scene.nest.general)/messages/\(id)")
            try await scene.alice.does(.DELETE, "/channels/\(other)")
            #expect(try await Self.line(scene.server) == 1)
            try await gate.opens()
            try await eventually { try await Self.line(scene.server) == 0 }
            let next = try await Self.preview(scene, try await Self.page("/page?gone"))
            #expect(Self.titles(next) == ["An article"], "nobody was told of the others")
        }
    }

    @Test("a message that ends whoever looks at its links is not looked at for ever", arguments: DatabaseKind.allCases)
    func tooOften(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let gate = Gate()
            try await scene.alice.says(try await Self.page(gate.path), in: scene.nest.general)
            try await gate.isAsked(times: 1)
            // As after three servers that were killed while they were at it.
            try await scene.server.onDatabase { tx in
                try tx.execute("UPDATE preview_requests SET taken_until = 1, attempts = 3")
            }
            try await eventually { try await Self.line(scene.server) == 0 }
            try await gate.opens()
            #expect(try await Self.requests(of: gate.path) == "1")
        }
    }

    @Test("what waits while nobody looks at links is forgotten after a day", arguments: DatabaseKind.allCases)
    func forgotten(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["modules.link_previews": "false"]) { server in
            try await server.fill(
                3,
                """
                INSERT INTO preview_requests (message_id, created_at, due_at, attempts) VALUES ($1, $2, $2, 0)
                """, [server.clock.now()])
            server.clock.advance(by: .seconds(86_000))
            try await server.keepsUp()
            #expect(try await Self.line(server) == 3)
            server.clock.advance(by: .seconds(500))
            try await server.keepsUp()
            #expect(try await Self.line(server) == 0)
        }
    }
}

extension TestServer {
    /// Waits until the server has looked, from beginning to end, for messages whose links nobody looks at.
    func looksForLinks() async throws {
        let mark = try await onDatabase { tx in
            try RecordingConnection.statements(of: tx) { _ = try PreviewRequestStore.due(limit: 1, $0) }
        }
        for statement in mark { try await statements.waits(for: statement, times: 2) }
    }
}
