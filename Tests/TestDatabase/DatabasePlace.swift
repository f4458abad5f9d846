public import Database
import Foundation
public import Logging

/// Where a test's database is: a file of its own, or a database of its own on a server.
public struct DatabasePlace: Sendable {
    public let kind: DatabaseKind
    /// A path, or a URL.
    public let address: String

    public func open(_ configuration: DatabaseConfiguration) async throws -> any SQLDatabase {
        switch kind {
        case .sqlite: try await SQLiteDatabase(path: address, configuration: configuration)
        case .postgresql: try await PostgreSQLDatabase(url: address, configuration: configuration)
        }
    }

    /// Opens with the usual configuration and these migrations.
    public func open(migrations: [Migration] = [], logger: Logger? = nil) async throws -> any SQLDatabase {
        try await open(
            DatabaseConfiguration(migrations: migrations, logger: logger ?? .silent, maximumConnections: 4))
    }

    public func withDatabase<Result: Sendable>(
        _ configuration: DatabaseConfiguration, isolation: isolated (any Actor)? = #isolation,
        _ body: (any SQLDatabase) async throws -> Result
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

    static func make(_ kind: DatabaseKind, like pattern: DatabasePattern? = nil) async throws -> DatabasePlace {
        switch kind {
        case .sqlite:
            return try makeFile(try await pattern?.bytes())
        case .postgresql:
            let template = try await pattern?.name() ?? "template0 ENCODING 'UTF8'"
            await PostgreSQLServer.places.enter()
            do {
                return try await makeDatabase(template: template)
            } catch {
                await PostgreSQLServer.places.leave()
                throw error
            }
        }
    }

    /// - Parameter content: what is in the file; without it there is no file yet.
    static func makeFile(_ content: Data? = nil) throws -> DatabasePlace {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(newName())
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appendingPathComponent("test.db")
        try content?.write(to: file)
        return DatabasePlace(kind: .sqlite, address: file.path)
    }

    /// A database on the server that takes none of its `places`.
    static func makeDatabase(template: String) async throws -> DatabasePlace {
        let server = try PostgreSQLServer.fromEnvironment()
        let name = newName()
        try await server.execute("CREATE DATABASE \(name) TEMPLATE \(template) STRATEGY file_copy")
        return DatabasePlace(kind: .postgresql, address: try server.url(ofDatabase: name))
    }

    private static func newName() -> String { "aviary_test_" + String(UInt64.random(in: 0 ... .max), radix: 36) }

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
