import Foundation
import Logging
import TestDatabase
import TestPrograms
import Testing

@testable import Database

/// What the PostgreSQL driver does besides what every database does.
@Suite struct PostgreSQLTests {
    private func withDatabase(
        connections: Int = 2, maximumWaitingWriters: Int = 10_000, limits: PostgreSQLLimits = PostgreSQLLimits(),
        _ body: (PostgreSQLDatabase, DatabasePlace) async throws -> Void
    ) async throws {
        try await TestDatabase.withPlace(.postgresql) { place in
            try await place.withPostgreSQL(
                connections: connections, maximumWaitingWriters: maximumWaitingWriters, limits: limits
            ) { try await body($0, place) }
        }
    }

    // MARK: Sessions

    @Test(arguments: ["mysql://localhost/x", "postgres://localhost:notaport/x", "postgres://localhost/x?nonsense=1"])
    func `A URL that can't be understood is refused`(_ url: String) async throws {
        var limits = PostgreSQLLimits()
        limits.outageBudget = .milliseconds(100)
        await expect(.unavailable) {
            _ = try await PostgreSQLDatabase(
                url: url,
                configuration: DatabaseConfiguration(
                    migrations: [], logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })),
                limits: limits)
        }
    }

    @Test func `Commits wait for the disk even where the server's setting says otherwise`() async throws {
        try await TestDatabase.withPlace(.postgresql) { place in
            try await place.administer("ALTER DATABASE \(place.name) SET synchronous_commit = off")
            let database = try await place.open()
            let setting = try await database.write { tx in
                try tx.first("SELECT current_setting('synchronous_commit')") { $0.text(0) }
            }
            #expect(setting == "on")
            await database.close()
        }
    }

    @Test func `Writers are serializable and readers can't be disturbed`() async throws {
        try await withDatabase { database, _ in
            let isolation: @Sendable (Transaction) throws -> String? = { tx in
                try tx.first(
                    "SELECT current_setting('transaction_isolation') || ' ' || current_setting('transaction_read_only')"
                ) { $0.text(0) }
            }
            try await #expect(database.write(isolation) == "serializable off")
            try await #expect(database.read(isolation) == "repeatable read on")
        }
    }

    @Test func `A database that is not in UTF-8 is refused`() async throws {
        try await TestDatabase.withPlace(.postgresql) { place in
            let name = place.name + "_ascii"
            try await place.administer("CREATE DATABASE \(name) TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'")
            await expect(.unavailable) {
                _ = try await PostgreSQLDatabase(
                    url: place.address.replacingOccurrences(of: place.name, with: name),
                    configuration: DatabaseConfiguration(
                        migrations: [], logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })))
            }
            try await place.administer("DROP DATABASE \(name) WITH (FORCE)")
        }
    }

    // MARK: Conflicts

    @Test func `Transactions that lock each other out both come through`() async throws {
        try await withDatabase(connections: 4) { database, _ in
            try await database.write { tx in
                try tx.addThing(1)
                try tx.addThing(2)
            }
            let runs = Counter()
            let locks = Counter()
            let haveBoth = Barrier()
            let raise: @Sendable (Transaction, Int, Int) throws -> Void = { tx, first, second in
                runs.increment()
                _ = try tx.count("UPDATE things SET amount = amount + 1 WHERE id = $1 RETURNING id", [first])
                if locks.increment() == 2 { haveBoth.open() }
                haveBoth.wait()
                _ = try tx.count("UPDATE things SET amount = amount + 1 WHERE id = $1 RETURNING id", [second])
            }
            async let one: Void = database.write(.own) { try raise($0, 1, 2) }
            async let other: Void = database.write(.own) { try raise($0, 2, 1) }
            _ = try await (one, other)
            try await #expect(database.read { [try $0.amount(1), try $0.amount(2)] } == [2, 2])
            #expect(runs.value > 2)
        }
    }

    @Test func `Writers that keep colliding go one by one, and so get through`() async throws {
        var limits = PostgreSQLLimits()
        limits.attemptsBesideOthers = 2
        limits.maximumAttempts = 3
        limits.outageBudget = .zero
        try await withDatabase(connections: 12, limits: limits) { database, _ in
            try await database.write { try $0.addThing(1) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 1...100 {
                    group.addTask {
                        try await database.write { tx in try tx.setAmount(1, (try tx.amount(1) ?? 0) + 1) }
                    }
                }
                try await group.waitForAll()
            }
            try await #expect(database.read { try $0.amount(1) } == 100)
        }
    }

    @Test func `Writers of several nodes that keep colliding get through as well`() async throws {
        var limits = PostgreSQLLimits()
        limits.attemptsBesideOthers = 2
        limits.maximumAttempts = 5
        limits.outageBudget = .zero
        try await TestDatabase.withPlace(.postgresql) { place in
            try await place.withPostgreSQL(connections: 6, limits: limits) { first in
                try await place.withPostgreSQL(connections: 6, limits: limits) { second in
                    try await first.write { try $0.addThing(1) }
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for node in [first, second] {
                            for _ in 1...100 {
                                group.addTask {
                                    try await node.write(.own) { tx in
                                        try tx.setAmount(1, (try tx.amount(1) ?? 0) + 1)
                                    }
                                }
                            }
                        }
                        try await group.waitForAll()
                    }
                    try await #expect(first.read { try $0.amount(1) } == 200)
                }
            }
        }
    }

    @Test func `Groups of several nodes change rows in one order, so that no two wait for each other`() async throws {
        try await TestDatabase.withPlace(.postgresql) { place in
            try await place.withPostgreSQL { first in
                try await place.withPostgreSQL { second in
                    try await first.write { tx in for id in 1...4 { try tx.addThing(id) } }
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for number in 0..<400 {
                            let node = number % 2 == 0 ? first : second
                            let id = Int.random(in: 1...4)
                            group.addTask {
                                try await node.write(.same(Int64(id))) { tx in
                                    try tx.setAmount(id, (try tx.amount(id) ?? 0) + 1)
                                }
                            }
                        }
                        try await group.waitForAll()
                    }
                }
            }
            // What a connection has met is counted by its end.
            try await place.withPostgreSQL { database in
                try await eventually {
                    try await database.read { tx in
                        try tx.first(
                            """
                            SELECT COUNT(*) FROM pg_stat_activity
                            WHERE datname = current_database() AND pid <> pg_backend_pid()
                            """
                        ) { $0.int(0) } ?? 0 <= 1
                    }
                }
                let (sum, circles) = try await database.read { tx in
                    let sum = try tx.first("SELECT CAST(SUM(amount) AS BIGINT) FROM things") { $0.int(0) }
                    let circles = try tx.first(
                        "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
                    ) { $0.int(0) }
                    return (sum, circles)
                }
                #expect(sum == 400)
                #expect(circles == 0)
            }
        }
    }

    @Test func `Who comes after an answer sees what was answered, also beside others who began before it`() async throws
    {
        try await TestDatabase.withPlace(.postgresql) { place in
            try await place.withPostgreSQL { database in
                try await place.withPostgreSQL { other in
                    let (isInside, mayGoOn) = (Signal(), Barrier())
                    async let early: Void = database.write { tx in
                        _ = try tx.amount(1)
                        isInside.fire()
                        mayGoOn.wait()
                    }
                    await isInside.wait()
                    try await other.write { try $0.addThing(1) }
                    async let late = database.write { try $0.amount(1) }
                    // The late one waits for the only thread that writes.
                    let reader = Task { try await database.read { try $0.amount(1) } }
                    #expect(try await reader.value == 0)
                    mayGoOn.open()
                    try await early
                    #expect(try await late == 0)
                }
            }
        }
    }

    @Test func `A connection is given up that is silent within a transaction`() async throws {
        try await withDatabase { database, _ in
            let pause = try await database.read { tx in
                try tx.first("SELECT current_setting('idle_in_transaction_session_timeout')") { $0.text(0) }
            }
            #expect(pause == "5s")
        }
    }

    @Test func `Who hangs on one node does not hold up those who collide on another`() async throws {
        try await TestDatabase.withPlace(.postgresql) { place in
            try await place.withPostgreSQL(connections: 6) { first in
                try await place.withPostgreSQL { second in
                    try await first.write { try $0.addThing(1) }
                    let (isStuck, mayGoOn) = (Signal(), Barrier())
                    async let stuck: Void = second.write { tx in
                        try tx.addThing(2)
                        isStuck.fire()
                        mayGoOn.wait()
                    }
                    await isStuck.wait()
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for _ in 1...30 {
                            group.addTask {
                                try await first.write(.own) { tx in try tx.setAmount(1, (try tx.amount(1) ?? 0) + 1) }
                            }
                        }
                        try await group.waitForAll()
                    }
                    try await #expect(first.read { try $0.amount(1) } == 30)
                    mayGoOn.open()
                    try await stuck
                }
            }
        }
    }

    @Test func `An error that the closure swallows still dooms the transaction`() async throws {
        try await withDatabase { database, _ in
            try await database.write { try $0.addThing(1) }
            await expect(.uniqueViolation) {
                try await database.write { tx in
                    try tx.addThing(2)
                    _ = try? tx.count("INSERT INTO things (id, name, amount) VALUES (1, 'x', 1) RETURNING id")
                }
            }
            try await #expect(database.thingCount() == 1)
        }
    }

    @Test func `The violated constraint is named`() async throws {
        try await withDatabase { database, _ in
            try await database.write { try $0.addThing(1) }
            let error = await #expect(throws: DatabaseError.self) {
                try await database.write { try $0.addThing(2, name: "thing 1") }
            }
            guard case .uniqueViolation("things_name_key") = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    // MARK: Prepared statements

    private func preparedCount(_ tx: Transaction) throws -> Int {
        try tx.first("SELECT COUNT(*) FROM pg_prepared_statements") { $0.int(0) } ?? 0
    }

    @Test func `Prepared statements are bounded, and those that went can come again`() async throws {
        var limits = PostgreSQLLimits()
        limits.maximumPreparedStatements = 8
        try await withDatabase(limits: limits) { database, _ in
            for round in 1...3 {
                for number in 1...30 {
                    let value = try await database.write { tx in
                        try tx.first("SELECT CAST($1 AS BIGINT) + \(sql: String(number))", [round]) {
                            $0.int(0)
                        }
                    }
                    #expect(value == round + number)
                }
                // What one transaction evicts goes with the next one.
                try await #expect(database.write(preparedCount) <= 10)
            }
            let many = try await database.write { tx in
                try (1...30).map { number in
                    try tx.first("SELECT \(sql: String(number)) * CAST($1 AS BIGINT)", [2]) { $0.int(0) } ?? 0
                }
            }
            #expect(many == (1...30).map { $0 * 2 })
            _ = try await database.write(preparedCount)
            try await #expect(database.write(preparedCount) <= 10)
        }
    }

    @Test func `A statement that could not be prepared can be later`() async throws {
        try await withDatabase { database, _ in
            let process = try await database.write { try $0.serverProcess() }
            for _ in 0..<3 {
                await expect(.statement) {
                    try await database.write { tx in
                        try tx.execute("INSERT INTO later (id) VALUES ($1)", [1])
                        try tx.execute("UPDATE things SET amount = amount + $1", [3])
                    }
                }
                // Thrown before anybody has looked at what became of the statements.
                await #expect(throws: Refusal()) {
                    try await database.write { tx in
                        try tx.execute("INSERT INTO later (id) VALUES ($1)", [1])
                        try tx.execute("DELETE FROM things WHERE amount = $1", [12345])
                        throw Refusal()
                    }
                }
            }
            try await database.write { tx in
                try tx.execute("CREATE TABLE later (id BIGINT)")
                try tx.execute("INSERT INTO later (id) VALUES ($1)", [1])
                try tx.execute("DELETE FROM things WHERE amount = $1", [12345])
                try tx.execute("UPDATE things SET amount = amount + $1", [3])
            }
            try await #expect(database.read { try $0.count("SELECT id FROM later") } == 1)
            // Not because the connection was given up.
            try await #expect(database.write { try $0.serverProcess() } == process)
        }
    }

    @Test func `A statement whose table has changed since it was prepared runs again on a new connection`()
        async throws
    {
        try await withDatabase { database, _ in
            let query: @Sendable (Transaction) throws -> [Int] = { tx in
                try tx.all("SELECT * FROM things WHERE id = $1", [1]) { $0.int(0) }
            }
            try await database.write { try $0.addThing(1) }
            try await #expect(database.read(query) == [1])
            try await database.write { try $0.execute("ALTER TABLE things ADD COLUMN more BIGINT") }
            try await #expect(database.read(query) == [1])
        }
    }

    // MARK: The queue

    /// Two who want to write where only one may wait: when the one is turned away, the other stands in line.
    /// - Returns: what becomes of that one.
    private static func oneWaiting(
        for database: PostgreSQLDatabase, _ body: @escaping @Sendable () -> Void
    ) async -> Task<Void, any Error> {
        let isFull = Signal()
        let writers = (1...2).map { _ in
            Task {
                do {
                    try await database.write { _ in body() }
                } catch DatabaseError.overloaded {
                    isFull.fire()
                }
            }
        }
        await isFull.wait()
        return Task {
            try await withTaskCancellationHandler {
                for writer in writers { try await writer.value }
            } onCancel: {
                for writer in writers { writer.cancel() }
            }
        }
    }

    @Test func `A task that is cancelled while it waits leaves the queue`() async throws {
        try await withDatabase(maximumWaitingWriters: 1) { database, _ in
            let isStuck = Signal()
            let mayGoOn = Barrier()
            let runs = Counter()
            async let stuck: Void = database.write { _ in
                isStuck.fire()
                mayGoOn.wait()
            }
            await isStuck.wait()
            let waiting = await Self.oneWaiting(for: database) { runs.increment() }
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
            mayGoOn.open()
            try await stuck
            try await database.write { try $0.addThing(1) }
            #expect(runs.value == 0)
        }
    }

    @Test func `A database that is dropped lets go of its connections`() async throws {
        try await TestDatabase.withPlace(.postgresql) { place in
            var database: (any SQLDatabase)? = try await place.open(migrations: [.things])
            _ = try await database?.thingCount()
            database = nil
            // Possible only when nobody is connected.
            var isGone = false
            for _ in 0..<100 where !isGone {
                isGone = (try? await place.administer("DROP DATABASE \(place.name)")) != nil
            }
            #expect(isGone)
        }
    }

    @Test func `Those that wait when the database is closed are refused`() async throws {
        try await withDatabase(maximumWaitingWriters: 1) { database, _ in
            let isStuck = Signal()
            let mayGoOn = Barrier()
            async let stuck: Void = database.write { _ in
                isStuck.fire()
                mayGoOn.wait()
            }
            await isStuck.wait()
            let waiting = await Self.oneWaiting(for: database) {}
            async let closing: Void = database.close()
            await expect(.closed) { try await waiting.value }
            mayGoOn.open()
            try await stuck
            await closing
        }
    }
}
