import Foundation
import GRDB
import Kernel
import NIOConcurrencyHelpers

/// The statements of a transaction on SQLite.
final class SQLiteConnection: SQLConnection {
    private let db: GRDB.Database

    init(_ db: GRDB.Database) { self.db = db }

    func execute(_ sql: StaticSQL, _ values: [SQLValue]) throws {
        let statement = try prepare(sql, values)
        try statement.execute()
    }

    func query(_ sql: StaticSQL, _ values: [SQLValue], row: (SQLRow) throws -> Void) throws {
        let rows = try Row.fetchCursor(try prepare(sql, values))
        let columns = SQLiteColumns()
        while let current = try rows.next() {
            columns.row = current
            try row(SQLRow(columns))
        }
    }

    private func prepare(_ sql: StaticSQL, _ values: [SQLValue]) throws -> Statement {
        let statement = try db.cachedStatement(sql: SQLitePlaceholders.shared.numbered(sql))
        statement.setUncheckedArguments(StatementArguments(values.map(\.databaseValue)))
        return statement
    }
}

/// Turns `$1` into `?1`, SQLite's spelling of a numbered parameter. Each statement is looked at once.
private final class SQLitePlaceholders: Sendable {
    static let shared = SQLitePlaceholders()
    /// Statements are written in the source; the few that are generated vary in the length of a list.
    private static let maximumCount = 4096

    private let known = NIOLockedValueBox<[StaticSQL: String]>([:])

    func numbered(_ sql: StaticSQL) -> String {
        known.withLockedValue { known in
            if let text = known[sql] { return text }
            let text = sql.text.replacing(/\$(\d+)/) { "?\($0.1)" }
            if known.count >= Self.maximumCount { known.removeAll() }
            known[sql] = text
            return text
        }
    }
}

private final class SQLiteColumns: SQLColumns {
    var row = Row()

    func isNull(_ column: Int) -> Bool { row.hasNull(atIndex: column) }
    func integer(_ column: Int) -> Int64 { row[column] }
    func double(_ column: Int) -> Double { row[column] }
    func bool(_ column: Int) -> Bool { row[column] }
    func text(_ column: Int) -> String { row[column] }

    func bytes(_ column: Int) -> [UInt8] {
        let data: Data = row[column]
        return [UInt8](data)
    }
}

extension SQLValue {
    fileprivate var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let value): value.databaseValue
        case .double(let value): value.databaseValue
        case .bool(let value): value.databaseValue
        case .text(let value): value.databaseValue
        case .bytes(let value): Data(value).databaseValue
        }
    }
}

extension DatabaseError {
    init(_ error: GRDB.DatabaseError) {
        let message = error.message ?? error.resultCode.description
        switch error.extendedResultCode {
        case .SQLITE_CONSTRAINT_UNIQUE, .SQLITE_CONSTRAINT_PRIMARYKEY: self = .uniqueViolation(message)
        default:
            switch error.resultCode {
            case .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_CORRUPT, .SQLITE_NOTADB,
                .SQLITE_NOMEM, .SQLITE_BUSY:
                self = .unavailable(message)
            default: self = .statement(sql: error.sql ?? "", message: message)
            }
        }
    }
}
