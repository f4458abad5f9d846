import Database
import Kernel
import TestDatabase
import Testing

@Suite struct MigrationTests {
    /// Adds a line to a table that tells which steps ran.
    private static func step(_ number: Int) -> Migration {
        Migration(number, "step \(number)") { _ in
            [
                "CREATE TABLE IF NOT EXISTS steps (step BIGINT NOT NULL)",
                "INSERT INTO steps (step) VALUES (\(sql: String(number)))",
            ]
        }
    }

    private static let broken = Migration(3, "broken") { _ in
        ["CREATE TABLE half_done (id BIGINT)", "INSERT INTO no_such_table (id) VALUES (1)"]
    }

    private func steps(in database: any SQLDatabase) async throws -> [Int] {
        // In the order of insertion, as nothing else is said and nothing was deleted.
        try await database.read { tx in try tx.all("SELECT step FROM steps") { $0.int(0) } }
    }

    private func steps(at place: DatabasePlace, _ migrations: [Migration]) async throws -> [Int] {
        let database = try await place.open(migrations: migrations)
        let steps = try await steps(in: database)
        await database.close()
        return steps
    }

    @Test(arguments: DatabaseKind.allCases)
    func `Migrations run in the order of their numbers, each once`(_ kind: DatabaseKind) async throws {
        try await TestDatabase.withPlace(kind) { place in
            try await #expect(steps(at: place, [Self.step(2), Self.step(1)]) == [1, 2])
            try await #expect(steps(at: place, [Self.step(1), Self.step(2)]) == [1, 2])
            let more = [Self.step(4), Self.step(3), Self.step(2), Self.step(1)]
            try await #expect(steps(at: place, more) == [1, 2, 3, 4])
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func `What was applied and when is written down`(_ kind: DatabaseKind) async throws {
        let clock = ManualClock(Timestamp(seconds: 1_750_000_000))
        try await TestDatabase.with(kind, migrations: [Self.step(1), Self.step(7)], clock: clock) { database in
            let applied = try await database.read { tx in
                try tx.all("SELECT number, name, applied_at FROM schema_migrations ORDER BY number") { row in
                    "\(row.int(0)) \(row.text(1)) \(row.timestamp(2).seconds)"
                }
            }
            #expect(applied == ["1 step 1 1750000000", "7 step 7 1750000000"])
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func `A migration that fails leaves nothing, and the next start can do better`(_ kind: DatabaseKind) async throws {
        try await TestDatabase.withPlace(kind) { place in
            try await #expect(steps(at: place, [Self.step(1)]) == [1])
            await expect(.statement) {
                _ = try await place.open(migrations: [Self.step(1), Self.step(2), Self.broken])
            }
            let database = try await place.open(migrations: [Self.step(1)])
            try await #expect(steps(in: database) == [1])
            await expect(.statement) {
                try await database.read { tx in _ = try tx.exists("SELECT id FROM half_done") }
            }
            await database.close()
            try await #expect(steps(at: place, [Self.step(1), Self.step(2), Self.step(3)]) == [1, 2, 3])
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func `Of several that start at the same time one migrates and the others wait for it`(
        _ kind: DatabaseKind
    ) async throws {
        try await TestDatabase.withPlace(kind) { place in
            let migrations = (1...20).map(Self.step)
            try await withThrowingTaskGroup(of: [Int].self) { group in
                for _ in 0..<4 { group.addTask { try await steps(at: place, migrations) } }
                for try await steps in group { #expect(steps == Array(1...20)) }
            }
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func `A schema that is newer than the program is refused and left alone`(_ kind: DatabaseKind) async throws {
        try await TestDatabase.withPlace(kind) { place in
            _ = try await steps(at: place, [Self.step(1), Self.step(5)])
            let error = await #expect(throws: DatabaseError.self) {
                _ = try await place.open(migrations: [Self.step(1), Self.step(2)])
            }
            guard case .newerSchema(found: 5, known: 2) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect("\(DatabaseError.newerSchema(found: 5, known: 2))".contains("newer version (its schema is 5"))
            try await #expect(steps(at: place, [Self.step(1), Self.step(5)]) == [1, 5])
        }
    }

    @Test(arguments: DatabaseKind.allCases)
    func `What is written is still there after closing and opening again`(_ kind: DatabaseKind) async throws {
        try await TestDatabase.withPlace(kind) { place in
            let first = try await place.open(migrations: [.things])
            try await first.write { try $0.addThing(1, amount: 42) }
            await first.close()
            let second = try await place.open(migrations: [.things])
            try await #expect(second.read { try $0.amount(1) } == 42)
            await second.close()
        }
    }
}
