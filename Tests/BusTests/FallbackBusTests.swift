import Kernel
import Logging
import NIOConcurrencyHelpers
import TestDatabase
import TestPrograms
import Testing

@testable import Bus

@Suite("NATS, and PostgreSQL where NATS does not reach")
struct FallbackBusTests {
    typealias Node = BusListener<FallbackBus>

    private static let nowhere = "nats://127.0.0.1:1"

    private static func node(_ place: DatabasePlace, _ nats: String) throws -> Node {
        Node(
            FallbackBus(
                NATSBus(try NATSPlace(nats), instance: "nest", seal: .test, logger: .silent),
                or: try PostgreSQLBus(url: place.address, seal: .test, logger: .silent)))
    }

    /// Nodes that are connected by both ways.
    private static func withNodes(
        _ count: Int, _ body: ([Node], DatabasePlace, NATSServer) async throws -> Void
    ) async throws {
        try await TestDatabase.withPlace(.postgresql) { place in
            try await NATSServer.with { server in
                let nodes = try (0..<count).map { _ in try node(place, server.url) }
                do {
                    for node in nodes { try await node.connects(times: 2) }
                    try await body(nodes, place, server)
                } catch {
                    for node in nodes { await node.bus.close() }
                    throw error
                }
                for node in nodes { await node.bus.close() }
            }
        }
    }

    @Test("what is sent is heard once, and goes on by PostgreSQL when NATS dies, and by NATS when it is back")
    func dies() async throws {
        try await Self.withNodes(2) { nodes, place, server in
            // Whoever listens at PostgreSQL alone hears when that is used.
            let witness = BusListener(try PostgreSQLBus(url: place.address, seal: .test, logger: .silent))
            try await witness.connects()
            nodes[0].bus.publish([1], to: .transient)
            try await eventually { nodes[1].messages == [[1]] }
            #expect(witness.messages == [])
            await server.end()
            for node in nodes { try await node.breaks(.nats) }
            nodes[0].bus.publish([2], to: .transient)
            try await eventually { nodes[1].messages == [[1], [2]] && witness.messages == [[2]] }
            try await server.startAgain()
            for node in nodes { try await node.connects(times: 3) }
            #expect(nodes[0].bus.broken == [])
            nodes[0].bus.publish([3], to: .transient)
            try await eventually { nodes[1].messages.last == [3] }
            await witness.bus.close()
        }
    }

    @Test("a node without NATS is heard, and hears what others send, who hear that twice")
    func lonely() async throws {
        try await Self.withNodes(2) { nodes, place, _ in
            let lonely = try Self.node(place, Self.nowhere)
            let old = BusListener(try PostgreSQLBus(url: place.address, seal: .test, logger: .silent))
            try await lonely.connects()
            try await old.connects()
            lonely.bus.publish([1], to: .transient)
            for node in nodes { try await eventually { node.messages == [[1]] } }
            try await eventually { old.messages == [[1]] }
            nodes[0].bus.publish([2], to: .transient)
            nodes[0].bus.publish([], to: .log)
            try await eventually { lonely.messages == [[2]] && old.messages == [[1], [2]] }
            try await eventually { nodes[1].messages == [[1], [2], [2]] }
            try await eventually { lonely.signs.withLockedValue { $0 } == 1 }
            // A copy is no sign that somebody is lonely: else all would send copies for ever.
            #expect(nodes[0].messages == [[1]])
            await lonely.bus.close()
            await old.bus.close()
        }
    }

    @Test("NATS does not need PostgreSQL")
    func withoutPostgreSQL() async throws {
        try await Self.withNodes(2) { nodes, place, _ in
            try await place.administer("ALTER DATABASE \(place.name) ALLOW_CONNECTIONS false")
            try await place.administer(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(place.name)'")
            for node in nodes { try await node.breaks(.postgresql) }
            nodes[0].bus.publish([1], to: .transient)
            try await eventually { nodes[1].messages == [[1]] }
            try await place.administer("ALTER DATABASE \(place.name) ALLOW_CONNECTIONS true")
            for node in nodes { try await node.connects(times: 3) }
        }
    }

    @Test("what PostgreSQL is told has a title")
    func titles() {
        for subject in BusSubject.allCases {
            for isCopy in [false, true] {
                let title = BusTitle(subject: subject, isCopy: isCopy)
                #expect(BusTitle(title.text) == title)
            }
        }
        for text in ["", "*", "log**", "LOG", "log *", "*log"] { #expect(BusTitle(text) == nil, "\(text)") }
    }
}
