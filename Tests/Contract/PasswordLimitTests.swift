import Client
import Kernel
import NIOHTTP1
import TestDatabase
import Testing

@testable import Chat
@testable import WebAPI

@Suite("Limits where a password is asked for")
struct PasswordLimitTests {
    private static func fields(_ schema: JSONSchema?) -> [String] {
        switch schema {
        case .object(let properties): properties.map(\.name)
        case .named(_, let schema): fields(schema)
        default: []
        }
    }

    @Test("every route that takes a password has a narrow limit of its own")
    func sweep() {
        let routes = AllFeatures.documented.routes.filter { route in
            Self.fields(route.description.body).contains { $0.hasSuffix("password") }
        }
        #expect(routes.count >= 9, "the sweep finds them: \(routes.map(\.path))")
        for route in routes {
            #expect(route.bucket?.allowsHashing == true, "\(route.method) \(route.path) hashes without a limit")
        }
    }

    @Test("a server can't be given away in a loop to keep others from logging in", arguments: DatabaseKind.allCases)
    func transfer(kind: DatabaseKind) async throws {
        try await TestServer.with(kind) { server in
            let alice = try await server.person("alice")
            let nest = try await alice.foundsServer()
            let path = "/servers/\(nest.id)/transfer"
            let reply = try await alice.send(
                .POST, path, ["user_id": .string(alice.id), "password": .string(Person.password)])
            #expect(reply.headers["x-ratelimit-bucket"] == ["two_factor"])
        }
        let limits = ["rate_limiting.enabled": "true", "rate_limits.two_factor": "3/h"]
        try await TestServer.with(kind, limits) { server in
            let alice = try await server.person("alice")
            var statuses: [Int] = []
            for _ in 0..<5 {
                let reply = try await alice.send(
                    .POST, "/servers/1/transfer",
                    ["user_id": .string(alice.id), "password": .string(Person.password)])
                statuses.append(reply.status)
            }
            #expect(statuses.suffix(2) == [429, 429])
            // Confirmations share it, whatever they are for.
            let next = try await alice.send(.POST, "/auth/2fa/enable", ["password": .string(Person.password)])
            #expect(next.status == 429)
        }
    }
}
