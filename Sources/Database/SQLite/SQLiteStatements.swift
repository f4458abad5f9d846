import GRDB
import NIOConcurrencyHelpers

/// The prepared statements of SQLite's connections, a bounded number of each. GRDB's own cache keeps every text for ever.
///
/// A connection is used by one thread at a time, and so are its statements; the lock is for the table of connections.
final class SQLiteStatements: @unchecked Sendable {
    /// More than the program has statements, so that each is prepared once.
    static let capacity = 512

    private final class Connection {
        /// Weak, for another connection may come to lie at the same place in memory.
        weak var database: GRDB.Database?
        var cache: StatementCache<Statement>

        init(_ database: GRDB.Database, capacity: Int) {
            self.database = database
            self.cache = StatementCache(capacity: capacity)
        }
    }

    private let capacity: Int
    private let lock = NIOLock()
    private var connections: [ObjectIdentifier: Connection] = [:]

    init(capacity: Int = SQLiteStatements.capacity) { self.capacity = capacity }

    func prepared(_ sql: String, in database: GRDB.Database) throws -> Statement {
        let connection = connection(of: database)
        if let known = connection.cache.statement(sql) { return known }
        let statement = try database.makeStatement(sql: sql)
        _ = connection.cache.add(statement, for: sql)
        return statement
    }

    /// How many statements each connection keeps. Only while nobody uses one.
    var counts: [Int] { lock.withLock { connections.values.map(\.cache.count) } }

    private func connection(of database: GRDB.Database) -> Connection {
        lock.withLock {
            if let known = connections[ObjectIdentifier(database)], known.database === database { return known }
            connections = connections.filter { $0.value.database != nil }
            let new = Connection(database, capacity: capacity)
            connections[ObjectIdentifier(database)] = new
            return new
        }
    }

    /// To be called when nobody uses a connection any more.
    func removeAll() { lock.withLock { connections = [:] } }
}
