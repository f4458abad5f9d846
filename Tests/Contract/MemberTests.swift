import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@Suite("Members")
struct MemberTests {
    /// People who have all joined the server.
    static func flock(_ names: [String], in nest: Community, on server: TestServer) async throws -> [Person] {
        var people: [Person] = []
        for name in names {
            let person = try await server.person(name)
            try await person.joins(nest)
            people.append(person)
        }
        return people
    }

    @Test("members are listed with their names and the time they came", arguments: DatabaseKind.allCases)
    func list(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            server.clock.advance(by: .seconds(60))
            let bob = try await Self.flock(["bob"], in: nest, on: server)[0]
            try await bob.does(.PATCH, "/users/@me", ["display_name": "Bob B."])
            let members = try await alice.does(.GET, "/servers/\(nest.id)/members")
            #expect(members.column("user_id") == [alice.id, bob.id])
            #expect(
                members[1] == [
                    "user_id": .string(bob.id), "username": "bob", "display_name": "Bob B.", "avatar_url": .null,
                    "nickname": .null, "roles": [], "joined_at": .integer(server.clock.now().seconds),
                    "timeout_until": .null, "pending": false, "presence": "offline",
                ])
        }
    }

    @Test("pages go on after an id", arguments: DatabaseKind.allCases)
    func pages(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let others = try await Self.flock(["bob", "carol", "dave"], in: nest, on: server)
            let all = [alice.id] + others.map(\.id)
            let path = "/servers/\(nest.id)/members"
            #expect(try await alice.does(.GET, "\(path)?limit=2").column("user_id") == Array(all[0..<2]))
            let rest = try await alice.does(.GET, "\(path)?limit=2&after=\(all[1])")
            #expect(rest.column("user_id") == Array(all[2..<4]))
            #expect(try await alice.does(.GET, "\(path)?after=\(all[3])") == [])
        }
    }

    @Test("wrong page parameters are named", arguments: DatabaseKind.allCases)
    func wrongPages(kind: DatabaseKind) async throws {
        let wrong = [
            ("limit=0", ["limit"]), ("limit=1001", ["limit"]), ("limit=x", ["limit"]), ("limit=1.5", ["limit"]),
            ("after=x", ["after"]), ("after=-1", ["after"]), ("query=", ["query"]), ("limit=1&limit=2", ["limit"]),
            ("limit=99999999999999999999", ["limit"]), ("limit=0&after=0", ["limit", "after"]),
        ]
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            for (query, fields) in wrong {
                let reply = try await alice.send(.GET, "/servers/\(nest.id)/members?\(query)")
                #expect(reply.outcome == "400 Invalid input", "\(query)")
                #expect(reply.issues == fields, "\(query)")
            }
        }
    }

    @Test("a search takes any part of a user or display name, in any case", arguments: DatabaseKind.allCases)
    func search(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let others = try await Self.flock(["bob", "Bo_b", "carol"], in: nest, on: server)
            try await others[2].does(.PATCH, "/users/@me", ["display_name": "Émile 50%"])
            let path = "/servers/\(nest.id)/members?query="
            let expected: [(String, [String])] = [
                ("BO", ["bob", "Bo_b"]), ("bo_", ["Bo_b"]), ("ob", ["bob"]), ("%25", ["carol"]),
                ("%C3%89mile", ["carol"]),
                ("%C3%A9mi", ["carol"]), ("%C3%A9mile%2050%25", ["carol"]), ("%5C", []), ("%00", []), ("'", []),
            ]
            for (query, names) in expected {
                let reply = try await alice.send(.GET, path + query)
                #expect(reply.json.column("username") == names, "\(query): \(reply.text)")
            }
        }
    }

    @Test("twenty who join at once are all counted", arguments: DatabaseKind.allCases)
    func joinRace(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let invite = try await alice.invites(to: nest)
            let people = try await atOnce(20) { try await server.person("person\($0)") }
            let outcomes = try await atOnce(20) { try await people[$0].outcome(.POST, "/channels/invites/\(invite)") }
            #expect(outcomes == Array(repeating: "200", count: 20))
            #expect(try await alice.does(.GET, "/servers/\(nest.id)")["member_count"] == 21)
            #expect(try await alice.does(.GET, "/servers/\(nest.id)/members").count == 21)
            #expect(try await alice.does(.GET, "/channels/invites/\(invite)")["uses"] == 20)
        }
    }

    @Test("who joins twice at once is a member once", arguments: DatabaseKind.allCases)
    func doubleJoin(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let (alice, bob) = (try await server.person("alice"), try await server.person("bob"))
            let nest = try await alice.foundsServer()
            let invite = try await alice.invites(to: nest)
            let outcomes = try await atOnce(4) { _ in try await bob.outcome(.POST, "/channels/invites/\(invite)") }
            #expect(outcomes.sorted() == ["200"] + Array(repeating: "409 Already a member", count: 3))
            #expect(try await alice.does(.GET, "/servers/\(nest.id)")["member_count"] == 2)
            #expect(try await alice.does(.GET, "/channels/invites/\(invite)")["uses"] == 1)
        }
    }
}
