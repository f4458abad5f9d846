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
    private let path: String
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
    func configure(_ db: GRDB.Database) throws {
        try db.execute(sql: "PRAGMA wal_autocheckpoint = \(limits.usualLogPages)")
        // What is longer is cut off when it begins anew; to write over the rest takes less time than to make it longer again.
        try db.execute(sql: "PRAGMA journal_size_limit = \(limits.longestLog_bytes)")
    }

    /// To be asked after each commit.
    mutating func isTooLong() -> Bool {
        var status = stat()
        guard stat(path, &status) == 0 else { return false }
        let size = Int(status.st_size)
        length.record(size)
        guard size > nextTry_bytes else {
            if size <= limits.longestLog_bytes { nextTry_bytes = limits.longestLog_bytes }
            return false
        }
        nextTry_bytes = size + limits.longestLog_bytes / 4
        return true
    }

    /// Waits for those who read the log, and nobody writes meanwhile. It begins anew with the next commit, unless they take too long.
    func restart(_ db: GRDB.Database) throws { try checkpoint(.restart, db, timeout: limits.restartTimeout) }

    /// Leaves one file behind, which is what people copy. Nobody else is waited for, since another process could not write meanwhile.
    func end(_ db: GRDB.Database) throws { try checkpoint(.truncate, db, timeout: .zero) }

    private func checkpoint(_ kind: GRDB.Database.CheckpointMode, _ db: GRDB.Database, timeout: Duration) throws {
        let usual_ms = try Int32.fetchOne(db, sql: "PRAGMA busy_timeout") ?? 0
        sqlite3_busy_timeout(db.sqliteConnection, Int32(timeout.wholeMilliseconds))
        defer { sqlite3_busy_timeout(db.sqliteConnection, usual_ms) }
        do { try db.checkpoint(kind) } catch GRDB.DatabaseError.SQLITE_BUSY {}
    }
}
