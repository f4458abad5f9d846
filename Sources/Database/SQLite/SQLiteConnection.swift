import Foundation
import GRDB
import GRDBSQLite
import Kernel

/// The statements of a transaction on SQLite.
final class SQLiteConnection: SQLConnection {
    let dialect = SQLDialect.sqlite

    private let db: GRDB.Database
    private let statements: SQLiteStatements.OfConnection
    /// Whether a statement that writes has failed so that a part of it may stay, uncounted, as within an index of words.
    var mayBeTorn = false

    init(_ db: GRDB.Database, _ statements: SQLiteStatements) {
        self.db = db
        self.statements = statements.ofConnection(db)
    }

    func execute(_ sql: StaticSQL, _ values: [SQLValue]) throws { try run(sql, values) { _ in } }

    func query(_ sql: StaticSQL, _ values: [SQLValue], row: (SQLRow) throws -> Void) throws {
        try run(sql, values, row)
    }

    /// Binds and steps by SQLite's own functions: GRDB's way over its values, arguments and rows takes longer than most statements.
    private func run(_ sql: StaticSQL, _ values: [SQLValue], _ body: (SQLRow) throws -> Void) throws {
        let statement = try statements.prepared(sql, in: db)
        let handle = statement.sqliteStatement
        // Others may take its place among those that are kept while it runs. What has failed says so once more at its reset.
        defer { withExtendedLifetime(statement) { _ = sqlite3_reset(handle) } }
        guard sqlite3_bind_parameter_count(handle) == values.count else {
            throw DatabaseError.statement(sql: sql.text, message: "\(values.count) values are given")
        }
        for (index, value) in values.enumerated() {
            try require(value.bind(to: handle, at: Int32(index + 1)), SQLITE_OK, sql)
        }
        var row: SQLRow?
        while true {
            let code = sqlite3_step(handle)
            guard code == SQLITE_ROW else { return try end(code, of: handle, sql) }
            let current = row ?? SQLRow(SQLiteColumns(handle))
            row = current
            try body(current)
        }
    }

    /// A statement that still runs when the time is over is broken off (`SQLITE_INTERRUPT`).
    func within<Result>(_ limit: Duration, _ body: () throws -> Result) rethrows -> Result {
        var end = ContinuousClock.now + limit
        return try withUnsafeMutablePointer(to: &end) { end in
            sqlite3_progress_handler(
                db.sqliteConnection, Self.stepsBetweenLooks,
                { end in
                    let isOver = end.map { $0.load(as: ContinuousClock.Instant.self) < .now } ?? true
                    return isOver ? 1 : 0
                }, end)
            defer { sqlite3_progress_handler(db.sqliteConnection, 0, nil, nil) }
            return try body()
        }
    }

    /// Of SQLite's virtual machine: well below a millisecond.
    private static let stepsBetweenLooks: Int32 = 10_000

    /// Begins, divides or ends a transaction, which GRDB has to know of.
    func control(_ sql: StaticSQL) throws {
        let statement = try statements.prepared(sql, in: db)
        // One that has failed would count as running for ever, which no commit goes by, or fail again with the same words.
        defer { withExtendedLifetime(statement) { _ = sqlite3_reset(statement.sqliteStatement) } }
        try statement.execute()
    }

    var isInTransaction: Bool { db.isInsideTransaction }

    /// How many rows were inserted, changed or deleted by now, also by what was taken back.
    var changeCount: Int { db.totalChangesCount }

    private func end(_ code: Int32, of statement: OpaquePointer, _ sql: StaticSQL) throws {
        let isRefusal = code & 0xFF == SQLITE_CONSTRAINT
        if code != SQLITE_DONE, !isRefusal, sqlite3_stmt_readonly(statement) == 0 { mayBeTorn = true }
        try require(code, SQLITE_DONE, sql)
    }

    private func require(_ code: Int32, _ wanted: Int32, _ sql: StaticSQL) throws {
        guard code != wanted else { return }
        throw GRDB.DatabaseError(
            resultCode: ResultCode(rawValue: code), message: String(cString: sqlite3_errmsg(db.sqliteConnection)),
            sql: sql.text)
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
    /// Has SQLite copy what is bound (`SQLITE_TRANSIENT`).
    private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    fileprivate func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        switch self {
        case .null: sqlite3_bind_null(statement, index)
        case .integer(let value): sqlite3_bind_int64(statement, index, value)
        case .double(let value): sqlite3_bind_double(statement, index, value)
        case .bool(let value): sqlite3_bind_int64(statement, index, value ? 1 : 0)
        case .text(let value): Self.bind(value, to: statement, at: index)
        case .bytes(let value):
            // An empty array may have no address, and a blob without one is NULL to SQLite.
            value.isEmpty
                ? sqlite3_bind_zeroblob(statement, index, 0)
                : sqlite3_bind_blob64(statement, index, value, UInt64(value.count), Self.copied)
        case .integers(let values):
            Self.bind("[\(values.map(String.init).joined(separator: ","))]", to: statement, at: index)
        case .texts(let values): Self.bind(JSON.array(values.map { .string($0) }).text, to: statement, at: index)
        }
    }

    private static func bind(_ text: String, to statement: OpaquePointer, at index: Int32) -> Int32 {
        var text = text
        return text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                // A text without an address is NULL to SQLite.
                guard let start = characters.baseAddress, !characters.isEmpty else {
                    return sqlite3_bind_text(statement, index, "", 0, copied)
                }
                return sqlite3_bind_text64(
                    statement, index, start, UInt64(characters.count), copied, UInt8(SQLITE_UTF8))
            }
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
                .SQLITE_NOMEM, .SQLITE_BUSY, .SQLITE_INTERRUPT:
                self = .unavailable(message)
            default: self = .statement(sql: error.sql ?? "", message: message)
            }
        }
    }
}
