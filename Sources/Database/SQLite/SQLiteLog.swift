import Foundation
import GRDB
import GRDBSQLite
import Kernel
import Metrics

/// The write-ahead log of a file: everything that is written stands there first.
///
/// SQLite begins it anew when all of it has been moved into the file and nobody reads it. Readers that overlap without end would
/// have it grow without end, and all reading slower, since it is looked through for each page.
struct SQLiteLog {
    private var path: String
    private let limits: SQLiteLimits
    private let length = Gauge(label: "database_log_bytes")
    /// How long it is when it is tried next: after each commit would gain nothing while somebody reads for long.
    private var nextTry_bytes: Int

    /// - Parameter path: of the database.
    init(of path: String, _ limits: SQLiteLimits) {
        self.path = path + "-wal"
        self.limits = limits
        nextTry_bytes = limits.longestLog_bytes
    }

    /// To be called once for the connection that writes.
    mutating func configure(_ db: GRDB.Database) throws {
        // Where a link leads to the database, the log is where it leads.
        if let file = sqlite3_db_filename(db.sqliteConnection, "main"), let log = sqlite3_filename_wal(file) {
            path = String(cString: log)
        }
        try db.execute(sql: "PRAGMA wal_autocheckpoint = \(limits.usualLogPages)")
        // What is longer is cut off when it begins anew; to write over the rest takes less time than to make it longer again.
        try db.execute(sql: "PRAGMA journal_size_limit = \(limits.longestLog_bytes)")
    }

    var size_bytes: Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    /// To be asked after each commit.
    mutating func isTooLong() -> Bool {
        let size = size_bytes
        length.record(size)
        guard size > nextTry_bytes else {
            if size <= limits.longestLog_bytes { nextTry_bytes = limits.longestLog_bytes }
            return false
        }
        nextTry_bytes = size + limits.longestLog_bytes / 4
        return true
    }

    /// Waits for those who read the log, and nobody writes meanwhile. It begins anew with the next commit, unless they take too long, or
    /// others come all the time to where they stand, which is seldom.
    /// - Returns: whether it does.
    func restart(_ db: GRDB.Database) throws -> Bool { try checkpoint(.restart, db, timeout: limits.restartTimeout) }

    /// Leaves the whole of the database in its file, which is what people copy; unless another process reads: it is not waited for,
    /// since it could not write meanwhile.
    func end(_ db: GRDB.Database) throws { _ = try checkpoint(.truncate, db, timeout: .zero) }

    private func checkpoint(
        _ kind: GRDB.Database.CheckpointMode, _ db: GRDB.Database, timeout: Duration
    ) throws -> Bool {
        let usual_ms = try Int32.fetchOne(db, sql: "PRAGMA busy_timeout") ?? 0
        sqlite3_busy_timeout(db.sqliteConnection, Int32(timeout.wholeMilliseconds))
        defer { sqlite3_busy_timeout(db.sqliteConnection, usual_ms) }
        do {
            try db.checkpoint(kind)
            return true
        } catch GRDB.DatabaseError.SQLITE_BUSY { return false }
    }
}
