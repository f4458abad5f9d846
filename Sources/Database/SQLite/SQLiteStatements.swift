import GRDB
import GRDBSQLite
import NIOConcurrencyHelpers

/// The prepared statements of SQLite's connections, a bounded number of each. GRDB's own cache keeps every text for ever.
///
/// A connection is used by one thread at a time, and so are its statements; the lock is for the table of connections.
final class SQLiteStatements: @unchecked Sendable {
    /// More than the program has statements, so that each is prepared once.
    static let capacity = 1024

    final class OfConnection {
        /// Weak, for another connection may come to lie at the same place in memory.
        fileprivate weak var database: GRDB.Database?
        fileprivate var cache: StatementCache<Statement>

        fileprivate init(_ database: GRDB.Database, capacity: Int) {
            self.database = database
            self.cache = StatementCache(capacity: capacity)
        }

        /// - Parameter database: the connection that these are of.
        func prepared(_ sql: StaticSQL, in database: GRDB.Database) throws -> Statement {
            let known = cache.statement(sql)
            if let known, sqlite3_stmt_busy(known.sqliteStatement) == 0 { return known }
            let statement = try database.makeStatement(sql: SQLiteSpelling.shared.text(of: sql))
            // Somebody who reads its rows asks the same within.
            if known == nil { _ = cache.add(statement, for: sql) }
            return statement
        }
    }

    private let capacity: Int
    private let lock = NIOLock()
    private var connections: [ObjectIdentifier: OfConnection] = [:]

    init(capacity: Int = SQLiteStatements.capacity) { self.capacity = capacity }

    /// How many statements each connection keeps. Only while nobody uses one.
    var counts: [Int] { lock.withLock { connections.values.map(\.cache.count) } }

    func ofConnection(_ database: GRDB.Database) -> OfConnection {
        lock.withLock {
            if let known = connections[ObjectIdentifier(database)], known.database === database { return known }
            connections = connections.filter { $0.value.database != nil }
            let new = OfConnection(database, capacity: capacity)
            connections[ObjectIdentifier(database)] = new
            return new
        }
    }

    /// To be called when nobody uses a connection any more.
    func removeAll() { lock.withLock { connections = [:] } }
}
