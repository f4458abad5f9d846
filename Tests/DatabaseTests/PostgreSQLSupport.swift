import Foundation
import Logging
import TestDatabase
import Testing

@testable import Database

/// What the tests of the PostgreSQL driver have in common.
extension DatabasePlace {
    /// Opens with limits of the test's own. With two connections there is one for writers, so that a test knows which
    /// it has.
    func withPostgreSQL(
        connections: Int = 2, maximumWaitingWriters: Int = 10_000, limits: PostgreSQLLimits = PostgreSQLLimits(),
        migrations: [Migration] = [.things], port: UInt16? = nil,
        url: String? = nil,
        logger: Logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
        isolation: isolated (any Actor)? = #isolation,
        _ body: (PostgreSQLDatabase) async throws -> Void
    ) async throws {
        let database = try await PostgreSQLDatabase(
            url: url ?? port.map(self.url(port:)) ?? address,
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

    /// Lends an address by which there are so many connections at most. The role stays, since the tables are its own.
    func withLimitedRole(
        connections: Int, isolation: isolated (any Actor)? = #isolation, _ body: (String) async throws -> Void
    ) async throws {
        let role = "limited_\(name)"
        try await administer("CREATE ROLE \(role) LOGIN CONNECTION LIMIT \(connections)")
        try await administer("ALTER DATABASE \(name) OWNER TO \(role)")
        var components = try #require(URLComponents(string: address))
        components.user = role
        try await body(components.string ?? address)
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
