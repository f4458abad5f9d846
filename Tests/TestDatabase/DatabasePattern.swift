public import Database
public import Foundation

/// A database that is made once, of which each test gets a copy: that takes a small part of the time of all its migrations.
public actor DatabasePattern {
    private enum Origin {
        case migrations([Migration])
        case kept(file: URL, statements: URL)
    }

    private let origin: Origin
    private var file: Task<Data, any Error>?
    private var database: Task<String, any Error>?

    public init(_ migrations: [Migration]) { origin = .migrations(migrations) }

    /// What another program left behind: a file of SQLite's, and the statements that make such a database on PostgreSQL.
    public init(file: URL, statements: URL) { origin = .kept(file: file, statements: statements) }

    /// The bytes of the SQLite database.
    func bytes() async throws -> Data {
        let making = file ?? Task { try await makeFile() }
        file = making
        return try await making.value
    }

    /// The name of the PostgreSQL database, which nobody is connected to.
    func name() async throws -> String {
        let making = database ?? Task { try await makeDatabase() }
        database = making
        return try await making.value
    }

    private func makeFile() async throws -> Data {
        switch origin {
        case .kept(let file, _): return try Data(contentsOf: file)
        case .migrations(let migrations):
            let place = try DatabasePlace.makeFile()
            try await place.open(migrations: migrations).close()
            // Whoever closes a database last takes its log into the file.
            let bytes = try Data(contentsOf: URL(fileURLWithPath: place.address))
            await place.remove()
            return bytes
        }
    }

    /// It stays on the server, which is for things that do not stay.
    private func makeDatabase() async throws -> String {
        let place = try await DatabasePlace.makeDatabase(template: "template0 ENCODING 'UTF8'")
        switch origin {
        case .migrations(let migrations): try await place.open(migrations: migrations).close()
        case .kept(_, let statements):
            let sql = String(decoding: try Data(contentsOf: statements), as: UTF8.self)
            try await PostgreSQLServer(url: place.address).execute(sql)
        }
        return place.name
    }
}
