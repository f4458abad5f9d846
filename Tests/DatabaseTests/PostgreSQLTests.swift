import Foundation
import Kernel
import Logging
import TestDatabase
import Testing

@testable import Database

/// What only a database across a network can do: connections that go, and a server that is away.
@Suite struct PostgreSQLTests {
    /// With one connection for writers, so that a test knows which it has.
    private func withDatabase(
        connections: Int = 2, limits: PostgreSQLLimits = PostgreSQLLimits(),
        migrations: [Migration] = [.things],
        _ body: (PostgreSQLDatabase, DatabasePlace) async throws -> Void
    ) async throws {
        try await TestDatabase.withPlace(.postgresql) { place in
            let database = try await PostgreSQLDatabase(
                url: place.address,
                configuration: DatabaseConfiguration(
                    migrations: migrations, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
                    maximumConnections: connections),
                limits: limits)
            do {
                try await body(database, place)
            } catch {
                await database.close()
                throw error
            }
            await database.close()
        }
    }

    private func killAll(_ place: DatabasePlace) async throws {
        try await place.administer(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(place.name)'")
    }

    private func process(_ tx: Transaction) throws -> Int {
        try tx.first("SELECT pg_backend_pid()") { $0.int(0) } ?? 0
    }

    // MARK: Lost connections

    @Test func `A connection that is killed between transactions is replaced unnoticed`() async throws {
        try await withDatabase { database, place in
            for id in 1...5 {
                let (writer, reader) = (
                    try await database.write(process), try await database.read(process)
                )
                try await killAll(place)
                // Only writes, so that its commit goes out with its first statement.
                try await database.write { try $0.addThing(id) }
                try await #expect(database.thingCount() == id)
                try await #expect(database.write(process) != writer)
                try await #expect(database.read(process) != reader)
            }
        }
    }

    @Test func `A connection that is killed before the commit makes the transaction run again`() async throws {
        try await withDatabase { database, place in
            let runs = Counter()
            let hasBegun = Signal()
            let mayGoOn = Barrier()
            async let processes = database.write { tx in
                let run = runs.increment()
                try tx.addThing(1, amount: run)
                let process = try self.process(tx)
                if run == 1 {
                    hasBegun.fire()
                    mayGoOn.wait()
                    try tx.addThing(2)
                    _ = try tx.thingCount()
                }
                return process
            }
            await hasBegun.wait()
            try await killAll(place)
            mayGoOn.open()
            _ = try await processes
            #expect(runs.value == 2)
            try await #expect(database.read { try $0.amount(1) } == 2)
            try await #expect(database.thingCount() == 1)
        }
    }

    @Test func `A closure that makes another error of a lost connection runs again all the same`() async throws {
        try await withDatabase { database, place in
            let runs = Counter()
            let result = try await database.write { tx in
                guard runs.increment() == 1 else { return "through" }
                do {
                    _ = try tx.exists("SELECT pg_terminate_backend(pg_backend_pid())")
                    _ = try tx.exists("SELECT 1")
                } catch {
                    throw Refusal("something else")
                }
                return "not noticed"
            }
            #expect(result == "through")
        }
    }

    @Test func `A reader whose connection is killed reads again`() async throws {
        try await withDatabase { database, _ in
            let runs = Counter()
            try await database.read { tx in
                if runs.increment() == 1 { _ = try tx.exists("SELECT pg_terminate_backend(pg_backend_pid())") }
                _ = try tx.thingCount()
            }
            #expect(runs.value == 2)
        }
    }

    /// A trigger that waits for the commit, and ends the connection in the middle of it.
    private static let fatalCommits = Migration(2, "fatal commits") { _ in
        [
            """
            CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(1); RETURN NULL; END $$
            """,
            """
            CREATE CONSTRAINT TRIGGER dying AFTER INSERT ON things DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW WHEN (NEW.amount = 666) EXECUTE FUNCTION die()
            """,
        ]
    }

    @Test func `A connection that goes during the commit leaves the writer in doubt, and is not tried again`()
        async throws
    {
        try await withDatabase(migrations: [.things, Self.fatalCommits]) { database, _ in
            let runs = Counter()
            await expect(.commitUncertain) {
                try await database.write { tx in
                    runs.increment()
                    try tx.addThing(1, amount: 666)
                }
            }
            #expect(runs.value == 1)
            try await database.write { try $0.addThing(1) }
        }
    }

    // MARK: Outages

    @Test func `A server that comes back soon is waited for`() async throws {
        try await withDatabase { database, place in
            try await place.administer("ALTER DATABASE \(place.name) WITH ALLOW_CONNECTIONS false")
            try await killAll(place)
            async let writing: Void = database.write { try $0.addThing(1) }
            async let reading = database.thingCount()
            try await Task.sleep(for: .milliseconds(300))
            try await place.administer("ALTER DATABASE \(place.name) WITH ALLOW_CONNECTIONS true")
            try await writing
            _ = try await reading
            try await #expect(database.thingCount() == 1)
        }
    }

    @Test func `A server that stays away is reported, at once after a while, until it is back`() async throws {
        var limits = PostgreSQLLimits()
        limits.outageBudget = .milliseconds(300)
        try await withDatabase(limits: limits) { database, place in
            try await place.administer("ALTER DATABASE \(place.name) WITH ALLOW_CONNECTIONS false")
            try await killAll(place)
            for _ in 0..<5 {
                await expect(.unavailable) { try await database.write { try $0.addThing(1) } }
                await expect(.unavailable) { _ = try await database.thingCount() }
            }
            try await place.administer("ALTER DATABASE \(place.name) WITH ALLOW_CONNECTIONS true")
            var isBack = false
            for _ in 0..<200 where !isBack {
                isBack = (try? await database.thingCount()) == 0
                if !isBack { try await Task.sleep(for: .milliseconds(50)) }
            }
            #expect(isBack)
            try await database.write { try $0.addThing(1) }
        }
    }

    @Test func `A server that never answers is given up`() async throws {
        var limits = PostgreSQLLimits()
        limits.connectTimeout = .milliseconds(200)
        limits.outageBudget = .milliseconds(300)
        let listener = try SilentListener()
        await expect(.unavailable) {
            _ = try await PostgreSQLDatabase(
                url: "postgres://nobody@127.0.0.1:\(listener.port)/nothing?sslmode=disable",
                configuration: DatabaseConfiguration(migrations: [], logger: Logger(label: "test")), limits: limits)
        }
        listener.close()
    }

    @Test func `A statement that takes too long is ended`() async throws {
        var limits = PostgreSQLLimits()
        limits.statementTimeout = .milliseconds(100)
        try await withDatabase(limits: limits) { database, _ in
            await expect(.unavailable) {
                try await database.read { tx in _ = try tx.exists("SELECT pg_sleep(10)") }
            }
            try await #expect(database.thingCount() == 0)
        }
    }

    @Test func `A server that falls silent counts as gone`() async throws {
        var limits = PostgreSQLLimits()
        limits.silenceTimeout = .milliseconds(200)
        limits.outageBudget = .milliseconds(100)
        try await withDatabase(limits: limits) { database, _ in
            await expect(.unavailable) {
                try await database.read { tx in _ = try tx.exists("SELECT pg_sleep(3)") }
            }
            try await #expect(database.thingCount() == 0)
        }
    }

    @Test(arguments: ["mysql://localhost/x", "postgres://localhost:notaport/x", "postgres://localhost/x?nonsense=1"])
    func `A URL that can't be understood is refused`(_ url: String) async throws {
        await expect(.unavailable) {
            _ = try await PostgreSQLDatabase(
                url: url, configuration: DatabaseConfiguration(migrations: [], logger: Logger(label: "test")))
        }
    }

    // MARK: Sessions

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
                    configuration: DatabaseConfiguration(migrations: [], logger: Logger(label: "test")))
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
            let raise: @Sendable (Transaction, Int, Int) throws -> Void = { tx, first, second in
                runs.increment()
                _ = try tx.count("UPDATE things SET amount = amount + 1 WHERE id = $1 RETURNING id", [first])
                locks.increment()
                while locks.value < 2 { Thread.sleep(forTimeInterval: 0.001) }
                _ = try tx.count("UPDATE things SET amount = amount + 1 WHERE id = $1 RETURNING id", [second])
            }
            async let one: Void = database.write { try raise($0, 1, 2) }
            async let other: Void = database.write { try raise($0, 2, 1) }
            _ = try await (one, other)
            try await #expect(database.read { [try $0.amount(1), try $0.amount(2)] } == [2, 2])
            #expect(runs.value > 2)
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
                        try tx.first(StaticSQL(generated: "SELECT CAST($1 AS BIGINT) + \(number)"), [round]) {
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
                    try tx.first(StaticSQL(generated: "SELECT \(number) * CAST($1 AS BIGINT)"), [2]) { $0.int(0) } ?? 0
                }
            }
            #expect(many == (1...30).map { $0 * 2 })
            _ = try await database.write(preparedCount)
            try await #expect(database.write(preparedCount) <= 10)
        }
    }

    @Test func `A statement that could not be prepared can be later`() async throws {
        try await withDatabase { database, _ in
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

    @Test func `A task that is cancelled while it waits leaves the queue`() async throws {
        try await withDatabase { database, _ in
            let isStuck = Signal()
            let mayGoOn = Barrier()
            let runs = Counter()
            async let stuck: Void = database.write { _ in
                isStuck.fire()
                mayGoOn.wait()
            }
            await isStuck.wait()
            let waiting = Task {
                try await database.write { _ in
                    runs.increment()
                    return
                }
            }
            try await Task.sleep(for: .milliseconds(20))
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
            mayGoOn.open()
            try await stuck
            try await database.write { try $0.addThing(1) }
            #expect(runs.value == 0)
        }
    }

    @Test func `Those that wait when the database is closed are refused`() async throws {
        try await withDatabase { database, _ in
            let isStuck = Signal()
            let mayGoOn = Barrier()
            async let stuck: Void = database.write { _ in
                isStuck.fire()
                mayGoOn.wait()
            }
            await isStuck.wait()
            let waiting = Task { try await database.write { try $0.addThing(1) } }
            try await Task.sleep(for: .milliseconds(20))
            async let closing: Void = database.close()
            await expect(.closed) { try await waiting.value }
            mayGoOn.open()
            try await stuck
            await closing
        }
    }
}
