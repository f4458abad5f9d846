import Client
import Database
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@testable import Chat

/// People are found by any part of any word of any of their names.
@Suite("Finding people")
struct NameSearchTests {
    struct Scene: Sendable {
        let server: TestServer
        let alice: Person
        let nest: Community
        let zoe: Person
    }

    private static func with(
        _ kind: DatabaseKind, _ body: @escaping @Sendable (Scene) async throws -> Void
    ) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let zoe = try await server.person("black.bird")
            try await zoe.joins(nest)
            try await zoe.does(.PATCH, "/users/@me", ["display_name": "Zoë Blättermann"])
            try await alice.does(.PATCH, "/servers/\(nest.id)/members/\(zoe.id)", ["nickname": "Die Große Straße"])
            try await body(Scene(server: server, alice: alice, nest: nest, zoe: zoe))
        }
    }

    private static let found = [
        "zoe", "ZOË", "zoe\u{308}", "oe", "blatter", "mann", "black", "bird", "ack.b", "@black", "strasse", "GROSSE",
        "die zoe",
        "bird strasse blätter",
    ]
    private static let notFound = ["zoeblatter", "zoe alice", "%", "_", "\u{200B}", "nobody", "blackbird"]

    @Test("in a server", arguments: DatabaseKind.allCases)
    func members(kind: DatabaseKind) async throws {
        try await Self.with(kind) { (scene: Scene) async throws -> Void in
            let find = { @Sendable (query: String) async throws -> [String] in
                try await scene.alice.does(
                    .GET, "/servers/\(scene.nest.id)/members?query=\(SearchTests.encoded(query))"
                ).column("user_id")
            }
            for query in Self.found { #expect(try await find(query) == [scene.zoe.id], "\(query)") }
            for query in Self.notFound { #expect(try await find(query) == [], "\(query)") }
            #expect(try await find("l") == [scene.alice.id, scene.zoe.id])
        }
    }

    @Test("among those whom one knows", arguments: DatabaseKind.allCases)
    func users(kind: DatabaseKind) async throws {
        try await Self.with(kind) { (scene: Scene) async throws -> Void in
            let find = { @Sendable (person: Person, query: String) async throws -> [String] in
                try await person.does(.GET, "/search/users?q=\(SearchTests.encoded(query))").column("id")
            }
            for query in Self.found { #expect(try await find(scene.alice, query) == [scene.zoe.id], "\(query)") }
            for query in Self.notFound { #expect(try await find(scene.alice, query) == [], "\(query)") }
            let stranger = try await scene.server.person("stranger")
            #expect(try await find(stranger, "zoe") == [])
            #expect(try await find(stranger, "strasse") == [])
            #expect(try await find(stranger, "BLACK.bird") == [scene.zoe.id], "by the exact name")
        }
    }

    @Test("through the gateway", arguments: DatabaseKind.allCases)
    func gateway(kind: DatabaseKind) async throws {
        try await Self.with(kind) { (scene: Scene) async throws -> Void in
            let listener = try await scene.alice.listens()
            for (query, found) in [("zoe", [scene.zoe.id]), ("mann", [scene.zoe.id]), ("nobody", [])] {
                try await listener.socket.send(
                    ["op": 8, "d": ["server_id": .string(scene.nest.id), "query": .string(query)]])
                let chunk = try await listener.awaits("GUILD_MEMBERS_CHUNK")
                #expect(chunk["d"]?["members"]?.column("user_id") == found)
                #expect(chunk["d"]?["nonce"] == .null)
            }
        }
    }

    @Test("through the gateway, the one whose user name it is first", arguments: DatabaseKind.allCases)
    func exactName(kind: DatabaseKind) async throws {
        try await Self.with(kind) { (scene: Scene) async throws -> Void in
            for name in ["wrenling", "wrenlet", "wren"] { try await scene.server.person(name).joins(scene.nest) }
            let stranger = try await scene.server.person("wrens")
            let listener = try await scene.alice.listens()
            for (query, first) in [("WREN", "wren"), (stranger.name, nil)] {
                try await listener.socket.send(
                    [
                        "op": 8,
                        "d": [
                            "server_id": .string(scene.nest.id), "query": .string(query), "limit": 1,
                            "nonce": .string("for \(query)"),
                        ],
                    ])
                let answer = try await listener.awaits("GUILD_MEMBERS_CHUNK")["d"]
                #expect(answer?["members"]?.column("username") == (first.map { [$0] } ?? []))
                #expect(answer?["nonce"]?.string == "for \(query)")
            }
        }
    }

    @Test("page by page, each person once", arguments: DatabaseKind.allCases)
    func pages(kind: DatabaseKind) async throws {
        try await Self.with(kind) { (scene: Scene) async throws -> Void in
            var expected: Set<String> = []
            for number in 0..<7 {
                let person = try await scene.server.person("flock\(number)")
                try await person.joins(scene.nest)
                expected.insert(person.id)
            }
            for (path, key) in [
                ("/servers/\(scene.nest.id)/members?query=LOCK", "user_id"), ("/search/users?q=l%C3%B6ck", "id"),
            ] {
                var found: [String] = []
                var after = ""
                repeat {
                    let page = try await scene.alice.does(.GET, "\(path)&limit=3\(after)").column(key)
                    found += page
                    after = page.last.map { "&after=\($0)" } ?? ""
                } while !after.isEmpty
                #expect(found.count == 7)
                #expect(Set(found) == expected)
            }
        }
    }

    @Test("one's servers", arguments: DatabaseKind.allCases)
    func servers(kind: DatabaseKind) async throws {
        try await Self.with(kind) { (scene: Scene) async throws -> Void in
            _ = try await scene.alice.foundsServer("Café d’été")
            for query in ["cafe", "d'ete", "ETE caf"] {
                let found = try await scene.alice.does(.GET, "/search/servers?q=\(SearchTests.encoded(query))")
                #expect(found.column("name") == ["Café d’été"], "\(query)")
            }
            #expect(try await scene.alice.does(.GET, "/search/servers?q=%25") == [])
        }
    }
}
