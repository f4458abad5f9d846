import CPostgreSQL
import Dispatch
import Foundation

/// The server on which the tests make their databases.
struct PostgreSQLServer: Sendable {
    static let variable = "AVIARY_TEST_POSTGRESQL"
    /// Each database in use may have two pools, and the server allows a hundred connections.
    static let places = Turnstile(places: 8)

    /// Of the database in which `execute` runs.
    let url: String

    static func fromEnvironment() throws -> PostgreSQLServer {
        guard let url = ProcessInfo.processInfo.environment[variable], !url.isEmpty else {
            throw TestDatabaseError(
                message: "\(variable) is not set: run the tests with scripts/with-postgresql, or set it to the URL "
                    + "of a server on which databases can be made")
        }
        return PostgreSQLServer(url: url)
    }

    func url(ofDatabase name: String) throws -> String {
        guard var components = URLComponents(string: url) else {
            throw TestDatabaseError(message: "\(Self.variable) is not a URL")
        }
        components.path = "/" + name
        return components.string ?? url
    }

    /// Outside of any transaction, as `CREATE DATABASE` needs it.
    func execute(_ sql: String) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            DispatchQueue.global().async {
                continuation.resume(with: Result { try executeBlocking(sql) })
            }
        }
    }

    private func executeBlocking(_ sql: String) throws {
        let connection = PQconnectdb(url)
        defer { PQfinish(connection) }
        guard PQstatus(connection) == CONNECTION_OK else {
            throw TestDatabaseError(message: "\(Self.variable): \(String(cString: PQerrorMessage(connection)))")
        }
        let result = PQexec(connection, sql)
        defer { PQclear(result) }
        let status = PQresultStatus(result)
        guard status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK else {
            throw TestDatabaseError(message: "\(sql): \(String(cString: PQerrorMessage(connection)))")
        }
    }
}

/// Lets so many in at a time; the others wait in the order of their arrival.
actor Turnstile {
    private var freePlaces: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(places: Int) { self.freePlaces = places }

    func enter() async {
        if freePlaces > 0 {
            freePlaces -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    func leave() {
        if waiting.isEmpty { freePlaces += 1 } else { waiting.removeFirst().resume() }
    }
}
