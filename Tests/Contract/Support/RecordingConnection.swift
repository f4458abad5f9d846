import Database
import Kernel

/// A connection that writes down the texts of the statements that go through it.
final class RecordingConnection: SQLConnection {
    private let inner: Transaction
    private(set) var statements: [StaticSQL] = []

    init(_ inner: Transaction) { self.inner = inner }

    var dialect: SQLDialect { inner.dialect }

    func execute(_ sql: StaticSQL, _ values: [SQLValue]) throws {
        statements.append(sql)
        try inner.execute(sql, values)
    }

    func query(_ sql: StaticSQL, _ values: [SQLValue], row: (SQLRow) throws -> Void) throws {
        statements.append(sql)
        _ = try inner.all(sql, values) { try row($0) }
    }

    /// The statements of a part of a transaction, in order.
    static func statements(of tx: Transaction, _ body: (Transaction) throws -> Void) throws -> [StaticSQL] {
        let connection = RecordingConnection(tx)
        try body(Transaction(connection, now: tx.now))
        return connection.statements
    }
}
