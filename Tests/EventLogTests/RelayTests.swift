import Dispatch
import Kernel
import Logging
import NIOConcurrencyHelpers
import TestDatabase
import TestPrograms
import Testing

@testable import Database
@testable import Events

@Suite("Events that get their positions after the commit")
struct RelayTests {
    private static let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    /// A node on a database that others write to as well, with what its listeners were given.
    private static func withNode(
        _ place: DatabasePlace, leads: Leads = .perhaps,
        _ body: @escaping @Sendable (any SQLDatabase, EventLog, NIOLockedValueBox<[Event]>) async throws -> Void
    ) async throws {
        let log = EventLog(dialect: .postgresql, logger: silent)
        let heard = NIOLockedValueBox<[Event]>([])
        log.listen { events in heard.withLockedValue { $0 += events } }
        let schema = Migration(1, "events") { dialect in
            EventLog.tables(dialect) + ["CREATE TABLE counters (id BIGINT PRIMARY KEY, value BIGINT NOT NULL)"]
        }
        let configuration = DatabaseConfiguration(
            migrations: [schema], outbox: log, logger: silent, maximumConnections: 6)
        try await place.withDatabase(configuration) { database in
            let relay = leads == .perhaps ? try Relay(url: place.address, logger: silent) : nil
            try await log.start(on: database, relay: relay)
            do {
                try await body(database, log, heard)
            } catch {
                log.stop()
                await relay?.close()
                throw error
            }
            log.stop()
            await relay?.close()
        }
    }

    private enum Leads {
        case perhaps
        case never
    }

    @Test("whether a node leads is seen by all of them")
    func leadership() async throws {
        try await TestDatabase.withPlace(.postgresql) { place in
            try await Self.withNode(place, leads: .never) { database, log, _ in
                try await #expect(database.read { try log.isLed($0) } == false)
                try await Self.withNode(place) { _, _, _ in
                    try await eventually { try await database.read { try log.isLed($0) } }
                }
                try await eventually { try await !database.read { try log.isLed($0) } }
            }
        }
    }

    @Test("with the leader's connection cut again and again, all events come once and in one order on each node")
    func cutOff() async throws {
        try await TestDatabase.withPlace(.postgresql) { place in
            try await Self.withNode(place) { one, log, heardByOne in
                try await Self.withNode(place) { two, _, heardByTwo in
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for (writer, database) in [one, two, one, two].enumerated() {
                            group.addTask {
                                for number in 0..<50 {
                                    try await database.write { tx in
                                        tx.emit(.test("SAID"), "\(writer)-\(number)", to: Audience(id: 1))
                                    }
                                }
                            }
                        }
                        group.addTask {
                            for _ in 0..<8 {
                                try await place.administer(
                                    """
                                    SELECT pg_terminate_backend(pid) FROM pg_locks
                                    WHERE locktype = 'advisory' AND objid = \(Relay.lock) AND granted
                                        AND database = (SELECT oid FROM pg_database WHERE datname = '\(place.name)')
                                    """)
                                try await one.write { tx in tx.emit(.test("CUT"), "cut", to: Audience(id: 1)) }
                            }
                        }
                        try await group.waitForAll()
                    }
                    for heard in [heardByOne, heardByTwo] {
                        try await eventually { heard.withLockedValue { $0.count } >= 208 }
                        let events = heard.withLockedValue { $0 }
                        #expect(events.count == 208)
                        #expect(zip(events, events.dropFirst()).allSatisfy { $0.position < $1.position })
                        for writer in 0..<4 {
                            let words = events.map { String(decoding: $0.payload, as: UTF8.self) }
                                .filter { $0.hasPrefix("\"\(writer)-") }
                            #expect(words == (0..<50).map { "\"\(writer)-\($0)\"" })
                        }
                    }
                    let end = try await log.newestPosition(in: one)
                    #expect(
                        heardByOne.withLockedValue { $0.map(\.position) }
                            == heardByTwo.withLockedValue { $0.map(\.position) })
                    #expect(heardByOne.withLockedValue { $0.last?.position } == end)
                }
            }
        }
    }

    @Test("whom something is for is not decided while it is on its way that somebody loses sight, or a login ends")
    func horizon() async throws {
        try await TestDatabase.withPlace(.postgresql) { place in
            try await Self.withNode(place, leads: .never) { database, log, _ in
                let horizon = { @Sendable in
                    try await log.readIfSettled(on: database) { tx in try log.horizon(tx) ?? -1 }
                }
                try await database.write { tx in tx.emit(.test("SAID"), "hello", to: Audience(id: 1)) }
                #expect(try await horizon() == 0)
                for change in [
                    { (tx: Transaction) in tx.changeSight(SightChange(lost: [Audience(id: 1)]), of: [Audience(id: 2)])
                    },
                    { tx in tx.endLogins([SessionID(rawValue: 1)], of: UserID(rawValue: 2)) },
                ] as [@Sendable (Transaction) -> Void] {
                    try await database.write { tx in
                        try tx.execute("DELETE FROM outbox")
                        change(tx)
                    }
                    #expect(try await horizon() == nil)
                }
            }
        }
    }

    @Test("what is read beside a position holds what was told up to there, and nothing else")
    func exact() async throws {
        try await TestDatabase.withPlace(.postgresql) { place in
            try await Self.withNode(place) { one, log, heard in
                try await Self.withNode(place) { two, _, _ in
                    try await one.write { tx in
                        try tx.execute("INSERT INTO counters (id, value) VALUES (1, 0), (2, 0), (3, 0)")
                    }
                    let snapshots = NIOLockedValueBox<[(id: Int64, value: Int64, position: Int64)]>([])
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for (id, database) in [(Int64(1), one), (2, two), (3, one)] {
                            group.addTask { for _ in 0..<60 { try await Self.count(id, in: database) } }
                            group.addTask {
                                for _ in 0..<40 {
                                    let (value, position) = try await log.read(on: database) { tx in
                                        try log.requireSettled(for: [Audience(id: id)], tx)
                                        let value = try tx.first(
                                            "SELECT value FROM counters WHERE id = $1", [id], { $0.integer(0) })
                                        return (value ?? -1, try log.newestPosition(tx))
                                    }
                                    snapshots.withLockedValue { $0.append((id, value, position)) }
                                }
                            }
                        }
                        try await group.waitForAll()
                    }
                    try await eventually { heard.withLockedValue { $0.count } == 180 }
                    let events = heard.withLockedValue { $0 }
                    for snapshot in snapshots.withLockedValue({ $0 }) {
                        let told = events.filter {
                            $0.position <= snapshot.position && $0.audiences == [Audience(id: snapshot.id)]
                        }
                        #expect(Int64(told.count) == snapshot.value)
                    }
                }
            }
        }
    }

    private static func count(_ id: Int64, in database: any SQLDatabase) async throws {
        try await database.write { tx in
            try tx.execute("UPDATE counters SET value = value + 1 WHERE id = $1", [id])
            tx.emit(.test("COUNTED"), "one more", to: Audience(id: id))
        }
    }

    @Test("who finds no moment at which nothing is on its way to them gives the events their positions")
    func alone() async throws {
        try await TestDatabase.withPlace(.postgresql) { place in
            // Nobody else does, so that what is written stays on its way.
            try await Self.withNode(place, leads: .never) { database, log, heard in
                try await database.write { tx in
                    try tx.execute("INSERT INTO counters (id, value) VALUES (1, 0)")
                    tx.emit(.test("SAID"), "to others", to: Audience(id: 2))
                }
                let before = try await log.read(on: database) { tx in
                    try log.requireSettled(for: [Audience(id: 1)], tx)
                    return try log.newestPosition(tx)
                }
                #expect(before == 0)
                try await Self.count(1, in: database)
                let (value, position) = try await log.read(on: database) { tx in
                    try log.requireSettled(for: [Audience(id: 1)], tx)
                    return (
                        try tx.first("SELECT value FROM counters WHERE id = 1") { $0.integer(0) },
                        try log.newestPosition(tx)
                    )
                }
                #expect(value == 1 && position == 2)
                try await eventually { heard.withLockedValue { $0.count } == 2 }
                // What somebody sees is changed for them alone, and may concern everybody.
                try await database.write { tx in
                    tx.changeSight(SightChange(gained: [Audience(id: 9)]), of: [Audience(id: 8)])
                }
                let horizon = try await log.read(on: database) { tx in try log.horizon(tx) }
                #expect(horizon == 3)
            }
        }
    }

    @Test("a leader that is frozen is none after a while, and what it did not finish is undone")
    func frozen() async throws {
        try await TestDatabase.withPlace(.postgresql) { place in
            let (entered, thaw, ended) = (
                DispatchSemaphore(value: 0), DispatchSemaphore(value: 0), NIOLockedValueBox(false)
            )
            let stuck = try PostgreSQLLeader(url: place.address, lock: 77, clock: SystemClock(), logger: Self.silent)
            stuck.start(
                PostgreSQLLeader.Work(
                    begin: { tx in try tx.execute("CREATE TABLE done (id BIGINT)") },
                    step: { tx in
                        guard !ended.withLockedValue({ $0 }) else { return false }
                        try tx.execute("INSERT INTO done VALUES (1)")
                        _ = try tx.first("SELECT 1") { $0.int(0) }
                        entered.signal()
                        thaw.wait()
                        return false
                    }, done: {}, end: { ended.withLockedValue { $0 = true } }))
            await Task.detached { entered.wait() }.value
            let next = try PostgreSQLLeader(url: place.address, lock: 77, clock: SystemClock(), logger: Self.silent)
            let hasWorked = NIOLockedValueBox(false)
            next.start(
                PostgreSQLLeader.Work(
                    begin: { tx in try tx.execute("INSERT INTO done VALUES (2)") },
                    step: { _ in
                        hasWorked.withLockedValue { $0 = true }
                        return false
                    }, done: {}, end: {}))
            try await eventually { hasWorked.withLockedValue { $0 } }
            thaw.signal()
            try await eventually { ended.withLockedValue { $0 } }
            #expect(!stuck.isLeading && next.isLeading)
            await stuck.close()
            await next.close()
            let database = try await place.open()
            let done = try await database.read { tx in try tx.all("SELECT id FROM done") { $0.int(0) } }
            await database.close()
            #expect(done == [2])
        }
    }

    @Test("what a leader does elsewhere fails once another one has begun")
    func fence() async throws {
        try await TestDatabase.withPlace(.postgresql) { place in
            try await Self.withNode(place, leads: .never) { database, _, _ in
                let first = try await database.write { tx in try Leadership.begin(tx) }
                let work = { @Sendable (term: Int64) in
                    try await database.write { tx in
                        try Leadership.require(term, tx)
                        try tx.execute("INSERT INTO counters (id, value) VALUES ($1, 1)", [term])
                    }
                }
                try await work(first)
                let second = try await database.write { tx in try Leadership.begin(tx) }
                await #expect(throws: DatabaseError.self) { try await work(first) }
                try await work(second)
                #expect(try await database.read { tx in try tx.count("SELECT 1 FROM counters") } == 2)
            }
        }
    }
}
