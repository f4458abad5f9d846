public import Database
public import Kernel
import Logging

/// Which of the two databases a test runs on.
///
/// ```swift
/// @Test(arguments: DatabaseKind.allCases)
/// func `A server can be renamed`(_ kind: DatabaseKind) async throws {
///     try await TestDatabase.with(kind, migrations: schema) { database in … }
/// }
/// ```
public enum DatabaseKind: String, CaseIterable, Sendable, CustomStringConvertible {
    case sqlite = "SQLite"
    case postgresql = "PostgreSQL"

    public var description: String { rawValue }
}

/// Databases for tests: each new, empty and gone afterwards.
///
/// Those on PostgreSQL are made on the server at `AVIARY_TEST_POSTGRESQL`. Without it a test fails rather than
/// passing for having done nothing.
public enum TestDatabase {
    /// Lends a database of its own to `body`.
    public static func with<Result: Sendable>(
        _ kind: DatabaseKind, migrations: [Migration] = [], outbox: (any Outbox)? = nil,
        clock: any WallClock = SystemClock(), maximumConnections: Int = 4, maximumWaitingWriters: Int = 10_000,
        isolation: isolated (any Actor)? = #isolation, _ body: (any SQLDatabase) async throws -> Result
    ) async throws -> Result {
        try await withPlace(kind) { place in
            let configuration = DatabaseConfiguration(
                migrations: migrations, outbox: outbox, clock: clock, logger: .silent,
                maximumConnections: maximumConnections, maximumWaitingWriters: maximumWaitingWriters)
            return try await place.withDatabase(configuration, body)
        }
    }

    /// Runs `body` on one of each kind, one after the other.
    public static func withEach(
        migrations: [Migration] = [], outbox: (any Outbox)? = nil, clock: any WallClock = SystemClock(),
        isolation: isolated (any Actor)? = #isolation, _ body: (any SQLDatabase) async throws -> Void
    ) async throws {
        for kind in DatabaseKind.allCases {
            try await with(kind, migrations: migrations, outbox: outbox, clock: clock, body)
        }
    }

    /// Lends the place of a database, for tests that open it themselves, more than once, or at the same time.
    /// - Parameter pattern: what the database is a copy of; without one it is empty.
    public static func withPlace<Result: Sendable>(
        _ kind: DatabaseKind, like pattern: DatabasePattern? = nil, isolation: isolated (any Actor)? = #isolation,
        _ body: (DatabasePlace) async throws -> Result
    ) async throws -> Result {
        let place = try await DatabasePlace.make(kind, like: pattern)
        do {
            let result = try await body(place)
            await place.remove()
            return result
        } catch {
            await place.remove()
            throw error
        }
    }
}

extension Logger {
    /// Tests of what goes wrong would fill the log with it.
    static let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
}
