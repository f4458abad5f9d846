/// What the two databases say differently. Everything else is the same SQL on both.
public enum SQLDialect: String, Sendable, CaseIterable {
    case sqlite
    case postgresql

    /// The type of a table's single-column primary key of 64 bits. SQLite makes the column the table's own key only
    /// when it is spelled exactly so.
    public var primaryKey: String {
        switch self {
        case .sqlite: "INTEGER PRIMARY KEY"
        case .postgresql: "BIGINT PRIMARY KEY"
        }
    }

    /// The time by the clock of the database's machine, in milliseconds of Unix time, in the middle of a transaction, too.
    public var now_ms: StaticSQL {
        switch self {
        case .sqlite: "CAST((JULIANDAY('now') - 2440587.5) * 86400000 AS INTEGER)"
        case .postgresql: "CAST(EXTRACT(EPOCH FROM CLOCK_TIMESTAMP()) * 1000 AS BIGINT)"
        }
    }

    /// Ends a CREATE TABLE whose rows live in the primary key's own tree.
    public var clustered: String {
        switch self {
        case .sqlite: "WITHOUT ROWID"
        case .postgresql: ""
        }
    }
}
