import Bus
import Database
import Events
import Kernel
import Logging
import NIOConcurrencyHelpers
import TestDatabase
import TestPrograms
import Testing

@Suite("The event log of several nodes")
struct SeveralNodesTests {
    /// A log on a database that others write to as well.
    private static func withNode(
        _ place: DatabasePlace, listening: Bool,
        _ body: (any SQLDatabase, NIOLockedValueBox<[Event]>) async throws -> Void
    ) async throws {
        let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let log = EventLog(dialect: .postgresql, logger: silent)
        let heard = NIOLockedValueBox<[Event]>([])
        log.listen { events in heard.withLockedValue { $0 += events } }
        let schema = Migration(1, "events") { EventLog.tables($0) }
        let configuration = DatabaseConfiguration(
            migrations: [schema], outbox: log, logger: silent, maximumConnections: 2)
        let bus = listening ? try PostgreSQLBus(url: place.address, seal: BusSeal(secret: [1]), logger: silent) : nil
        try await place.withDatabase(configuration) { database in
            let relay = try Relay(url: place.address, logger: silent)
            try await log.start(on: database, bus: bus, relay: relay)
            bus?.start()
            do {
                try await body(database, heard)
            } catch {
                log.stop()
                await relay.close()
                await bus?.close()
                throw error
            }
            log.stop()
            await relay.close()
            await bus?.close()
        }
    }

    @Test("what one node writes another one tells that writes nothing", arguments: [true, false])
    func otherNode(listening: Bool) async throws {
        try await TestDatabase.withPlace(.postgresql) { place in
            try await Self.withNode(place, listening: listening) { _, heard in
                try await Self.withNode(place, listening: listening) { other, _ in
                    for number in 1...(listening ? 20 : 3) {
                        try await other.write { tx in tx.emit(.test("SAID"), "\(number)", to: Audience(id: 1)) }
                        try await eventually { heard.withLockedValue { $0.count } == number }
                    }
                    let positions = heard.withLockedValue { $0.map(\.position) }
                    #expect(positions == positions.sorted() && Set(positions).count == (listening ? 20 : 3))
                }
            }
        }
    }

    @Test("while the connections for words are cut again and again, nothing is missed and nothing comes twice")
    func cutOff() async throws {
        try await TestDatabase.withPlace(.postgresql) { place in
            try await Self.withNode(place, listening: true) { _, heard in
                try await Self.withNode(place, listening: true) { other, _ in
                    for number in 1...60 {
                        if number % 5 == 0 {
                            try await place.administer(
                                """
                                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                                WHERE datname = '\(place.name)' AND (query LIKE '%pg_notify%' OR query = 'LISTEN aviary')
                                """)
                        }
                        try await other.write { tx in tx.emit(.test("SAID"), "\(number)", to: Audience(id: 1)) }
                    }
                    try await eventually { heard.withLockedValue { $0.count } >= 60 }
                    let positions = heard.withLockedValue { $0.map(\.position) }
                    #expect(positions == positions.sorted() && Set(positions).count == 60)
                }
            }
        }
    }
}
