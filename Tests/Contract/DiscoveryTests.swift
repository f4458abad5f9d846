import Client
import Foundation
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

@testable import Community

@Suite("Discovery")
struct DiscoveryTests {
    private static func listing(
        _ summary: String, tags: [JSON] = ["birds"], category: String = "community", language: JSON = .null
    ) -> JSON {
        [
            "enabled": true, "summary": .string(summary), "tags": .array(tags), "category": .string(category),
            "language": language,
        ]
    }

    private static func lists(
        _ name: String, by person: Person, _ listing: JSON = listing("A place for everybody")
    ) async throws -> Community {
        let nest = try await person.foundsServer(name)
        try await person.does(.PUT, "/servers/\(nest.id)/discovery", listing)
        return nest
    }

    private static func names(_ person: Person, _ query: String = "") async throws -> [String] {
        let page = try await person.does(.GET, "/discovery/servers\(query)")
        return (page["servers"]?.array ?? []).compactMap { $0["name"]?.string }
    }

    @Test("a listed server is found, previewed and joined like by an invite", arguments: DatabaseKind.allCases)
    func joining(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let nest = try await Self.lists("Nest", by: alice)
            let path = "/servers/\(nest.id)"
            try await alice.does(.PUT, "\(path)/rules", ["enabled": true, "rules": ["Be kind"]])
            let found = try await bob.does(.GET, "/discovery/servers")
            let entry: JSON = [
                "id": .string(nest.id), "name": "Nest", "icon_url": .null, "summary": "A place for everybody",
                "tags": ["birds"], "category": "community", "language": .null, "member_count": 1, "online_count": 0,
                "joined": false,
            ]
            #expect(found == ["servers": [entry], "total": 1])
            let preview = try await bob.does(.GET, "\(path)/preview")
            #expect(preview["rules"] == ["Be kind"] && preview["emojis"] == [])
            #expect(preview.keys.isDisjoint(with: ["owner_id", "channels", "members", "description"]))
            let aliceHears = try await alice.listens()
            #expect(try await bob.does(.POST, "\(path)/join") == ["success": true, "server_id": .string(nest.id)])
            let joined = try await aliceHears.hears("GUILD_MEMBER_ADD")["d"]
            #expect(joined?["member"]?["user_id"] == .string(bob.id) && joined?["member"]?["pending"] == true)
            #expect(try await bob.outcome(.POST, "\(path)/join") == "409 Already a member")
            #expect(try await bob.does(.GET, "/discovery/servers")["servers"]?[0]?["joined"] == true)
            #expect(try await bob.outcome(.PUT, "\(path)/discovery", Self.listing("Mine from now on")).hasPrefix("403"))
            try await alice.does(.PUT, "\(path)/bans/\(bob.id)", [:])
            #expect(try await bob.outcome(.POST, "\(path)/join") == "403 Banned from this server")
        }
    }

    @Test("what is not listed is gone at once, from everywhere", arguments: DatabaseKind.allCases)
    func gone(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let root = try await server.administrator()
            let nest = try await Self.lists("Nest", by: alice)
            let path = "/servers/\(nest.id)"
            func expectGone() async throws {
                #expect(try await Self.names(bob) == [])
                #expect(try await bob.does(.GET, "/discovery/tags") == [])
                #expect(try await bob.outcome(.GET, "\(path)/preview") == "403 Access denied")
                #expect(try await bob.outcome(.POST, "\(path)/join") == "403 Access denied")
                #expect(try await alice.outcome(.POST, "\(path)/bump") == "403 Access denied")
            }
            #expect(try await bob.does(.GET, "/discovery/tags") == [["name": "birds", "server_count": 1]])
            var off = Self.listing("A place for everybody").object ?? [:]
            off["enabled"] = false
            try await alice.does(.PUT, "\(path)/discovery", .object(off))
            try await expectGone()
            try await alice.does(.PUT, "\(path)/discovery", Self.listing("A place for everybody"))
            #expect(try await Self.names(bob) == ["Nest"])
            try await root.does(.PUT, "/admin/discovery/\(nest.id)", ["status": "hidden", "reason": "spam"])
            try await expectGone()
            // What an administrator hid no server brings back.
            let tried = try await alice.does(.PUT, "\(path)/discovery", Self.listing("Another place altogether"))
            #expect(tried["status"] == "hidden" && tried["reason"] == "spam")
            try await expectGone()
            try await root.does(.PUT, "/admin/discovery/\(nest.id)", ["status": "listed"])
            #expect(try await Self.names(bob) == ["Nest"])
            try await alice.does(.DELETE, path)
            #expect(try await Self.names(bob) == [])
            #expect(try await bob.outcome(.GET, "\(path)/preview") == "404 Server not found")
            #expect(try await root.outcome(.PUT, "/admin/discovery/\(nest.id)", ["status": "listed"]).hasPrefix("404"))
        }
    }

    @Test(
        "where administrators decide, nothing is shown before, and nothing changed after",
        arguments: DatabaseKind.allCases)
    func approval(kind: DatabaseKind) async throws {
        try await TestServer.with(kind, ["discovery.approval": "true"]) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let root = try await server.administrator()
            let nest = try await Self.lists("Nest", by: alice)
            let (path, admin) = ("/servers/\(nest.id)/discovery", "/admin/discovery/\(nest.id)")
            func status() async throws -> JSON? { try await alice.does(.GET, path)["status"] }
            #expect(try await status() == "pending")
            #expect(try await Self.names(bob) == [])
            #expect(try await bob.outcome(.GET, "/admin/discovery") == "403 Admin access required")
            #expect(
                try await root.does(.GET, "/admin/discovery?status=pending&after=1&limit=5").column("name") == ["Nest"])
            try await root.does(.PUT, admin, ["status": "listed"])
            #expect(try await Self.names(bob) == ["Nest"])
            try await alice.does(.PUT, path, Self.listing("A place for everybody"))
            #expect(try await status() == "listed", "it is the same")
            try await alice.does(.PUT, path, Self.listing("Cheap watches for everybody"))
            #expect(try await status() == "pending")
            try await root.does(.PUT, admin, ["status": "listed"])
            try await alice.does(.PATCH, "/servers/\(nest.id)", ["name": "Watches"])
            #expect(try await status() == "pending", "the name stands in the directory, too")
            try await root.does(.PUT, admin, ["status": "rejected", "reason": "no shops"])
            #expect(try await alice.does(.GET, path)["reason"] == "no shops")
            try await alice.does(.PUT, path, Self.listing("We talk about old watches"))
            #expect(try await status() == "pending")
            // What is said while the server is switched off waits all the same.
            let quiet = try await alice.foundsServer("Quiet")
            var listing = Self.listing("We are quiet people").object ?? [:]
            listing["enabled"] = false
            try await alice.does(.PUT, "/servers/\(quiet.id)/discovery", .object(listing))
            listing["enabled"] = true
            let enabled = try await alice.does(.PUT, "/servers/\(quiet.id)/discovery", .object(listing))
            #expect(enabled["status"] == "pending")
            let log = try await root.does(.GET, "/admin/audit-logs")
            #expect((log.array ?? []).contains { $0["action"] == "discovery.update" })
            #expect(
                try await root.outcome(.PUT, "/admin/discovery/999", ["status": "listed"]) == "404 Server not found")
            let shy = try await bob.foundsServer("Shy")
            #expect(
                try await root.outcome(.PUT, "/admin/discovery/\(shy.id)", ["status": "listed"])
                    == "404 Resource not found")
        }
    }

    @Test("servers are found by what they say, in any script, in an order that stays", arguments: DatabaseKind.allCases)
    func finding(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            _ = try await Self.lists(
                "Vögel", by: alice, Self.listing("Straße der Singvögel", tags: ["nature"], language: "de"))
            let birds = try await Self.lists(
                "Birdwatch", by: alice, Self.listing("We look at vogel and others", tags: ["nature", "walks"]))
            server.clock.advance(by: .seconds(60))
            _ = try await Self.lists(
                "鳥の会", by: alice, Self.listing("ﾊﾞｰﾄﾞｳｫｯﾁﾝｸﾞの仲間たち", tags: ["jp"], category: "science", language: "ja"))
            #expect(try await Self.names(bob, "?q=VOGEL") == ["Vögel", "Birdwatch"], "a name counts most")
            #expect(try await Self.names(bob, "?q=strasse") == ["Vögel"])
            let japanese = "バード".addingPercentEncoding(withAllowedCharacters: .urlQueryAllowed) ?? ""
            #expect(try await Self.names(bob, "?q=\(japanese)") == ["鳥の会"])
            #expect(try await Self.names(bob, "?q=walks") == ["Birdwatch"])
            #expect(try await Self.names(bob, "?q=%25") == [])
            #expect(try await Self.names(bob, "?q=%00") == ["Vögel", "Birdwatch", "鳥の会"])
            #expect(try await Self.names(bob, "?tag=nature&language=de") == ["Vögel"])
            #expect(try await Self.names(bob, "?category=science") == ["鳥の会"])
            #expect(try await Self.names(bob, "?sort=new").first == "鳥の会")
            try await bob.does(.POST, "/servers/\(birds.id)/join")
            #expect(try await Self.names(bob, "?sort=members").first == "Birdwatch")
            try await alice.does(.POST, "/servers/\(birds.id)/bump")
            #expect(try await Self.names(bob, "?sort=bumped").first == "Birdwatch")
            let pages = try await [0, 1, 2].asyncMap { try await Self.names(bob, "?limit=1&offset=\($0)") }
            #expect(pages.flatMap(\.self) == (try await Self.names(bob)))
            #expect(try await bob.does(.GET, "/discovery/servers?limit=1")["total"] == 3)
            for query in ["?offset=1001", "?sort=best", "?category=none", "?limit=0"] {
                #expect(try await bob.outcome(.GET, "/discovery/servers\(query)") == "400 Invalid input", "\(query)")
            }
            let categories = try await bob.does(.GET, "/discovery/categories").array ?? []
            #expect(categories.contains(["name": "science", "server_count": 1]))
            // Another name is found at once.
            try await alice.does(.PATCH, "/servers/\(birds.id)", ["name": "Ornithology"])
            #expect(try await Self.names(bob, "?q=ornith") == ["Ornithology"])
        }
    }

    @Test("what was said while nobody looked is looked at once somebody does, and no decision is undone")
    func review() {
        let texts = Listing.Texts(summary: "A place for everybody", tags: [], category: .other, language: nil)
        let others = Listing.Texts(summary: "Another place", tags: [], category: .other, language: nil)
        func after(_ status: Listing.Status, listed: Bool, _ new: Listing.Texts, _ review: Listing.Review)
            -> Listing.Status
        {
            let old = Listing(
                server: ServerID(rawValue: 1), isEnabled: false, texts: texts, status: status,
                listedAt: listed ? Timestamp(seconds: 1) : nil)
            return Listing.status(after: old, new, review)
        }
        #expect(
            Listing.status(after: nil, texts, .before) == .pending
                && Listing.status(after: nil, texts, .none) == .listed)
        #expect(after(.listed, listed: false, texts, .before) == .pending)
        #expect(after(.listed, listed: true, texts, .before) == .listed)
        #expect(after(.listed, listed: true, others, .before) == .pending)
        #expect(after(.listed, listed: true, others, .none) == .listed)
        for review in [Listing.Review.before, .none] {
            #expect(after(.hidden, listed: true, others, review) == .hidden)
            #expect(after(.rejected, listed: true, others, review) == .pending)
            #expect(after(.rejected, listed: true, texts, review) == .rejected)
            #expect(after(.pending, listed: true, others, review) == .pending)
        }
    }

    @Test("a server is put on top once in two hours", arguments: DatabaseKind.allCases)
    func bumping(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let nest = try await Self.lists("Nest", by: alice)
            try await bob.joins(nest)
            #expect(try await bob.outcome(.POST, "/servers/\(nest.id)/bump") == "403 Permission denied")
            let bump = try await alice.does(.POST, "/servers/\(nest.id)/bump")
            #expect(bump["bumped_at"] == .integer(server.clock.now().seconds))
            server.clock.advance(by: .seconds(7199))
            let early = try await alice.send(.POST, "/servers/\(nest.id)/bump")
            #expect(early.status == 429)
            server.clock.advance(by: .seconds(1))
            try await alice.does(.POST, "/servers/\(nest.id)/bump")
        }
    }

    @Test("who is invisible is not counted as there", arguments: DatabaseKind.allCases)
    func online(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let nest = try await Self.lists("Nest", by: alice)
            try await alice.does(.PATCH, "/servers/\(nest.id)/widget", ["enabled": true])
            func counts() async throws -> [JSON?] {
                [
                    try await bob.does(.GET, "/servers/\(nest.id)/preview")["online_count"],
                    try await server.send(.GET, "/servers/\(nest.id)/widget.json").json["presence_count"],
                ]
            }
            let hears = try await alice.listens()
            try await eventually { try await counts() == [1, 1] }
            #expect(try await Self.names(bob, "?sort=active") == ["Nest"])
            try await alice.does(.PUT, "/users/@me/presence", ["status": "invisible"])
            try await eventually { try await counts() == [0, 0] }
            _ = hears
        }
    }

    @Test("odd listings are refused", arguments: DatabaseKind.allCases)
    func odd(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let path = "/servers/\(nest.id)/discovery"
            #expect(try await alice.does(.GET, path)["enabled"] == false)
            let refused: [JSON] = [
                Self.listing("short"), Self.listing(String(repeating: "x", count: 301)),
                Self.listing("A place for everybody", tags: ["Birds"]), Self.listing("A place for us", tags: ["x"]),
                Self.listing("A place for everybody", tags: (0..<11).map { .string("tag\($0)") }),
                Self.listing("A place for everybody", category: "nothing"),
                Self.listing("A place for everybody", language: "x"),
                Self.listing("\u{200B}\u{200B}          \u{200B}"),
            ]
            for listing in refused {
                #expect(try await alice.outcome(.PUT, path, listing) == "400 Invalid input", "\(listing)")
            }
        }
    }
}

extension Sequence where Element: Sendable {
    fileprivate func asyncMap<Result>(_ body: (Element) async throws -> Result) async rethrows -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await body(element)) }
        return results
    }
}
