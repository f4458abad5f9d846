public import Database
import Foundation
public import Logging

/// Where a test's database is: a file of its own, or a database of its own on a server.
public struct DatabasePlace: Sendable {
    public let kind: DatabaseKind
    /// A path, or a URL.
    public let address: String

    public func open(_ configuration: DatabaseConfiguration) async throws -> any Database {
        switch kind {
        case .sqlite: try await SQLiteDatabase(path: address, configuration: configuration)
        case .postgresql: try await PostgreSQLDatabase(url: address, configuration: configuration)
        }
    }

    /// Opens with the usual configuration and these migrations.
    public func open(migrations: [Migration] = [], logger: Logger? = nil) async throws -> any Database {
        try await open(
            DatabaseConfiguration(migrations: migrations, logger: logger ?? .silent, maximumConnections: 4))
    }

    public func withDatabase<Result: Sendable>(
        _ configuration: DatabaseConfiguration, isolation: isolated (any Actor)? = #isolation,
        _ body: (any Database) async throws -> Result
    ) async throws -> Result {
        let database = try await open(configuration)
        do {
            let result = try await body(database)
            await database.close()
            return result
        } catch {
            await database.close()
            throw error
        }
    }

    /// Runs a statement from outside: on PostgreSQL, as somebody else who is connected to the server.
    public func administer(_ sql: String) async throws {
        guard kind == .postgresql else { throw TestDatabaseError(message: "SQLite has no administrator") }
        try await PostgreSQLServer.fromEnvironment().execute(sql)
    }

    /// The name of the database on its server.
    public var name: String { URL(string: address)?.lastPathComponent ?? "" }

    // MARK: Making and removing

    static func make(_ kind: DatabaseKind) async throws -> DatabasePlace {
        let name = "aviary_test_" + String(UInt64.random(in: 0 ... .max), radix: 36)
        switch kind {
        case .sqlite:
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent(name)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            return DatabasePlace(kind: kind, address: folder.appendingPathComponent("test.db").path)
        case .postgresql:
            let server = try PostgreSQLServer.fromEnvironment()
            await PostgreSQLServer.places.enter()
            do {
                try await server.execute("CREATE DATABASE \(name) TEMPLATE template0 ENCODING 'UTF8'")
            } catch {
                await PostgreSQLServer.places.leave()
                throw error
            }
            return DatabasePlace(kind: kind, address: try server.url(ofDatabase: name))
        }
    }

    /// What can't be removed is left: it is in a folder, or on a server, for things that do not stay.
    func remove() async {
        switch kind {
        case .sqlite:
            try? FileManager.default.removeItem(at: URL(fileURLWithPath: address).deletingLastPathComponent())
        case .postgresql:
            try? await administer("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
            await PostgreSQLServer.places.leave()
        }
    }
}

public struct TestDatabaseError: Error, CustomStringConvertible {
    public let message: String
    public var description: String { message }
}
