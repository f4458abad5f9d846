import Foundation
import Logging
import TestDatabase

@testable import Database

/// What the tests of the PostgreSQL driver have in common.
extension DatabasePlace {
    /// Opens with limits of the test's own. With two connections there is one for writers, so that a test knows which
    /// it has.
    func withPostgreSQL(
        connections: Int = 2, maximumWaitingWriters: Int = 10_000, limits: PostgreSQLLimits = PostgreSQLLimits(),
        migrations: [Migration] = [.things], port: UInt16? = nil,
        logger: Logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
        isolation: isolated (any Actor)? = #isolation,
        _ body: (PostgreSQLDatabase) async throws -> Void
    ) async throws {
        let database = try await PostgreSQLDatabase(
            url: url(port: port),
            configuration: DatabaseConfiguration(
                migrations: migrations, logger: logger, maximumConnections: connections,
                maximumWaitingWriters: maximumWaitingWriters),
            limits: limits)
        do {
            try await body(database)
        } catch {
            await database.close()
            throw error
        }
        await database.close()
    }

    private func url(port: UInt16?) -> String {
        guard let port, var components = URLComponents(string: address) else { return address }
        components.port = Int(port)
        return components.string ?? address
    }

    /// Lends a wire to the server of this database.
    func withWire(
        isolation: isolated (any Actor)? = #isolation, _ body: (FaultyWire) async throws -> Void
    ) async throws {
        let port = URLComponents(string: address)?.port ?? 5432
        let wire = try FaultyWire(toPort: UInt16(port))
        defer { wire.close() }
        try await body(wire)
    }

    /// Ends the connections to this database, on the server's side.
    func killConnections() async throws {
        try await administer("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(name)'")
    }

    func allowConnections(_ isAllowed: Bool) async throws {
        try await administer("ALTER DATABASE \(name) WITH ALLOW_CONNECTIONS \(isAllowed)")
    }
}

extension Transaction {
    /// The server's process that runs the transaction: one for each connection.
    func serverProcess() throws -> Int { try first("SELECT pg_backend_pid()") { $0.int(0) } ?? 0 }
}
