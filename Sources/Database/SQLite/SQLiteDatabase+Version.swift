import GRDBSQLite

extension SQLiteDatabase {
    /// The version of SQLite itself.
    public static var libraryVersion: String { String(cString: sqlite3_libversion()) }
}
