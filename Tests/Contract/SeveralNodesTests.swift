import Client
import Foundation
import Kernel
import NIOHTTP1
import TestDatabase
import TestPrograms
import Testing

/// Several servers on one database, behind whatever leads people to them.
@Suite("Several nodes")
struct SeveralNodesTests {
    /// Two nodes, each with a clock of its own.
    static func with(
        _ settings: [String: String] = [:], skew: Duration = .zero,
        _ body: @escaping @Sendable (TestServer, TestServer) async throws -> Void
    ) async throws {
        try await TestDatabase.withPlace(.postgresql) { place in
            let now = SystemClock().now()
            let (clock, other) = (ManualClock(now), ManualClock(now + skew))
            try await TestServer.with(databaseURL: place.address, clock: clock, settings) { first in
                try await TestServer.with(databaseURL: place.address, clock: other, settings) { second in
                    try await body(first, second)
                }
            }
        }
    }

    @Test("who is connected to one node hears what is said on another one, that writes nothing")
    func live() async throws {
        try await Self.with { first, second in
            let (alice, bob) = (try await first.person("alice"), try await first.person("bob"))
            let nest = try await alice.foundsServer()
            try await bob.joins(nest)
            let listener = try await bob.on(second).listens()
            for number in 0..<20 {
                let said = try await alice.says("\(number)", in: nest.general)
                #expect(try await listener.awaits("MESSAGE_CREATE")["d"]?["id"] == .string(said.text("id")))
            }
        }
    }

    @Test("what a node says whose clock is behind is newer than what was read, and unread", arguments: [-5000, 5000])
    func skewed(skew_ms: Int) async throws {
        try await Self.with(skew: .milliseconds(skew_ms)) { first, second in
            let (alice, bob) = (try await first.person("alice"), try await first.person("bob"))
            let nest = try await alice.foundsServer()
            try await bob.joins(nest)
            var newest = ""
            func says(_ person: Person) async throws {
                let id = try await person.says("hello", in: nest.general).text("id")
                #expect(try #require(Int64(id)) > Int64(newest) ?? 0)
                newest = id
            }
            for round in 0..<10 {
                try await says(alice)
                try await bob.does(.POST, "/channels/\(nest.general)/messages/ack?message_id=\(newest)")
                // Whoever takes back what was read makes no room for what comes.
                if round.isMultiple(of: 2) {
                    try await alice.does(.DELETE, "/channels/\(nest.general)/messages/\(newest)")
                }
                try await says(alice.on(second))
                #expect(try await ReadStateTests.unread(bob, nest.general)["unread_count"] == 1)
                try await bob.does(.POST, "/channels/\(nest.general)/messages/ack?message_id=\(newest)")
            }
        }
    }
}

extension Person {
    /// The same login, on another node.
    func on(_ server: TestServer) -> Person { Person(server: server, name: name, id: id, token: token) }
}
