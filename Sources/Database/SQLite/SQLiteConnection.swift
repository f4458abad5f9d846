import Foundation
import GRDB
import GRDBSQLite
import Kernel
import NIOConcurrencyHelpers

/// The statements of a transaction on SQLite.
final class SQLiteConnection: SQLConnection {
    let dialect = SQLDialect.sqlite

    private let db: GRDB.Database
    private let statements: SQLiteStatements

    init(_ db: GRDB.Database, _ statements: SQLiteStatements) {
        self.db = db
        self.statements = statements
    }

    func execute(_ sql: StaticSQL, _ values: [SQLValue]) throws {
        let statement = try prepare(sql, values)
        try resettingAfterFailure(statement) { try statement.execute() }
    }

    func query(_ sql: StaticSQL, _ values: [SQLValue], row: (SQLRow) throws -> Void) throws {
        let statement = try prepare(sql, values)
        try resettingAfterFailure(statement) {
            let rows = try Row.fetchCursor(statement)
            let columns = SQLiteColumns(statement.sqliteStatement)
            // The cursor only steps; the columns are read from SQLite itself, without the detour over GRDB's rows.
            while try rows.next() != nil { try row(SQLRow(columns)) }
        }
    }

    /// A statement that has failed says so once more when it is reset, which GRDB would end the program for at its next use.
    private func resettingAfterFailure(_ statement: Statement, _ body: () throws -> Void) throws {
        do {
            try body()
        } catch {
            sqlite3_reset(statement.sqliteStatement)
            throw error
        }
    }

    private func prepare(_ sql: StaticSQL, _ values: [SQLValue]) throws -> Statement {
        let statement = try statements.prepared(SQLitePlaceholders.shared.numbered(sql), in: db)
        // As existentials: for values of one type GRDB makes a key path each time, which takes longer.
        statement.setUncheckedArguments(
            StatementArguments(values.map { $0.databaseValue as (any DatabaseValueConvertible)? }))
        return statement
    }
}

/// Turns `$1` into `?1`, SQLite's spelling of a numbered parameter, and `= ANY ($1)` into what SQLite has for it: a list in
/// JSON. Each statement is looked at once.
final class SQLitePlaceholders: Sendable {
    static let shared = SQLitePlaceholders()
    /// Statements are written in the source, so there are far fewer.
    private static let maximumCount = 4096

    private let known = NIOLockedValueBox<[StaticSQL: String]>([:])

    /// Everything that the process has asked SQLite for; tests look at the plans.
    var statements: [StaticSQL] { known.withLockedValue { Array($0.keys) } }

    func numbered(_ sql: StaticSQL) -> String {
        known.withLockedValue { known in
            if let text = known[sql] { return text }
            let text = sql.text
                .replacing(/= ANY \((\$\d+)\)/) { "IN (SELECT value FROM json_each(\($0.1)))" }
                .replacing(/<> ALL \((\$\d+)\)/) { "NOT IN (SELECT value FROM json_each(\($0.1)))" }
                .replacing(/\$(\d+)/) { "?\($0.1)" }
            if known.count >= Self.maximumCount { known.removeAll() }
            known[sql] = text
            return text
        }
    }
}

/// The columns of the row that a statement stands on.
private final class SQLiteColumns: SQLColumns {
    private let statement: OpaquePointer

    init(_ statement: OpaquePointer) { self.statement = statement }

    func isNull(_ column: Int) -> Bool { sqlite3_column_type(statement, Int32(column)) == SQLITE_NULL }

    private func requireValue(_ column: Int) {
        precondition(!isNull(column), "column \(column) is NULL, or there is none")
    }

    func integer(_ column: Int) -> Int64 {
        requireValue(column)
        return sqlite3_column_int64(statement, Int32(column))
    }

    func double(_ column: Int) -> Double {
        requireValue(column)
        return sqlite3_column_double(statement, Int32(column))
    }

    func bool(_ column: Int) -> Bool { integer(column) != 0 }

    func text(_ column: Int) -> String {
        requireValue(column)
        let text = sqlite3_column_text(statement, Int32(column))
        let count = Int(sqlite3_column_bytes(statement, Int32(column)))
        return String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self)
    }

    func bytes(_ column: Int) -> [UInt8] {
        requireValue(column)
        let bytes = sqlite3_column_blob(statement, Int32(column))
        let count = Int(sqlite3_column_bytes(statement, Int32(column)))
        return [UInt8](UnsafeRawBufferPointer(start: bytes, count: count))
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
        case .integers(let values): "[\(values.map(String.init).joined(separator: ","))]".databaseValue
        case .texts(let values): JSON.array(values.map { .string($0) }).text.databaseValue
        }
    }
}

extension DatabaseError {
    init(_ error: GRDB.DatabaseError) {
        let message = error.message ?? error.resultCode.description
        switch error.extendedResultCode {
        case .SQLITE_CONSTRAINT_UNIQUE, .SQLITE_CONSTRAINT_PRIMARYKEY: self = .uniqueViolation(message)
        // An index of words contradicts what it is an index of, in the rows of this statement; everything else is readable.
        case .SQLITE_CORRUPT_VTAB: self = .statement(sql: error.sql ?? "", message: message)
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
