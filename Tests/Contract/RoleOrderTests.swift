import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@Suite("The order of roles")
struct RoleOrderTests {
    @Test("one event tells of all that have moved, however many they are", arguments: DatabaseKind.allCases)
    func oneEvent(kind: DatabaseKind) async throws {
        try await EventTests.with(kind) { scene in
            let (alice, nest, hears) = (scene.alice, scene.nest, scene.bobHears)
            let roles = "/servers/\(nest.id)/roles"
            var ids: [String] = []
            for index in 0..<6 {
                ids.append(try await alice.makesRole("r\(index)", in: nest))
                let positions = try await hears.hears("GUILD_ROLE_CREATE")["d"]?["positions"]
                // Each is made below the others.
                #expect((positions?.object?.count ?? 0) == index)
                #expect(positions?[ids[0]] == (index == 0 ? nil : .integer(Int64(index + 1))))
            }
            try await alice.does(.PATCH, roles, [["id": .string(ids[5]), "position": 6]])
            var event = try await hears.hears("GUILD_ROLE_UPDATE")["d"]
            #expect(event?["positions"]?.object?.count == 5)
            try await Self.expectPlaces(event, alice, roles)
            let changed = try await alice.does(.PATCH, "\(roles)/\(ids[5])", ["position": 1, "name": "low"])
            event = try await hears.hears("GUILD_ROLE_UPDATE")["d"]
            #expect(event?["role"] == changed)
            #expect(event?["positions"]?.object?.count == 5)
            try await Self.expectPlaces(event, alice, roles)
            try await alice.does(.DELETE, "\(roles)/\(ids[5])")
            event = try await hears.hears("GUILD_ROLE_DELETE")["d"]
            #expect(event?["role_id"]?.string == ids[5])
            #expect(event?["positions"]?.object?.count == 5)
            try await Self.expectPlaces(event, alice, roles)
            // What stays where it was is not told.
            try await alice.does(.PATCH, roles, [["id": .string(ids[0]), "position": 5]])
            try await alice.does(.PATCH, "\(roles)/\(ids[0])", ["position": 5])
            try await scene.nothingReached(hears)
        }
    }

    private static func expectPlaces(_ event: JSON?, _ person: Person, _ roles: String) async throws {
        let listed = try await person.does(.GET, roles)
        for (id, position) in event?["positions"]?.object ?? [:] {
            #expect(listed.array?.first { $0["id"]?.string == id }?["position"] == position)
        }
    }

    @Test("the log has the old and the new place of those that were named", arguments: DatabaseKind.allCases)
    func audit(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let first = try await alice.makesRole("first", in: nest)
            _ = try await alice.makesRole("second", in: nest)
            try await alice.does(.PATCH, "/servers/\(nest.id)/roles", [["id": .string(first), "position": 1]])
            let log = try await alice.does(.GET, "/servers/\(nest.id)/audit-logs?limit=1")
            #expect(
                log[0]?["changes"] == ["positions": ["before": [first: 2], "after": [first: 1]]])
        }
    }

    @Test("roles and channels are reordered only so often", arguments: DatabaseKind.allCases)
    func bucket(kind: DatabaseKind) async throws {
        let settings = ["rate_limiting.enabled": "true", "rate_limits.server_reorder": "2/h"]
        try await TestServer.with(kind, settings) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let role = try await alice.makesRole("role", in: nest)
            let channels: JSON = [["id": .string(nest.general), "position": 5]]
            let roles: JSON = [["id": .string(role), "position": 1]]
            #expect(try await alice.outcome(.PATCH, "/servers/\(nest.id)/channels", channels) == "200")
            #expect(try await alice.outcome(.PATCH, "/servers/\(nest.id)/roles", roles) == "200")
            let refused = try await alice.send(.PATCH, "/servers/\(nest.id)/roles", roles)
            #expect(refused.outcome == "429 Rate limited")
            #expect(refused.headers.first(name: "x-ratelimit-bucket") == "server.reorder")
        }
    }
}
