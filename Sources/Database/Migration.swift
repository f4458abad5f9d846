/// One step of the schema. Steps are numbered, only go forward, and are never changed once they are released.
public struct Migration: Sendable {
    public let number: Int
    public let name: String
    /// The statements of the step, each on its own.
    public let statements: @Sendable (SQLDialect) -> [StaticSQL]

    public init(_ number: Int, _ name: String, _ statements: @escaping @Sendable (SQLDialect) -> [StaticSQL]) {
        self.number = number
        self.name = name
        self.statements = statements
    }
}

/// Brings a schema up to date, within the transaction that it is given.
///
/// The driver sees to it that only one process migrates at a time, and that a step that fails leaves nothing behind.
enum Migrator {
    static func migrate(_ migrations: [Migration], on transaction: Transaction, _ dialect: SQLDialect) throws {
        try transaction.execute(
            """
            CREATE TABLE IF NOT EXISTS schema_migrations (
                number BIGINT PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)
            """)
        let applied = try transaction.all("SELECT number FROM schema_migrations ORDER BY number") { $0.int(0) }
        let known = migrations.map(\.number).max() ?? 0
        if let newest = applied.last, newest > known {
            throw DatabaseError.newerSchema(found: newest, known: known)
        }
        let missing = migrations.filter { !applied.contains($0.number) }.sorted { $0.number < $1.number }
        for migration in missing {
            for statement in migration.statements(dialect) { try transaction.execute(statement) }
            try transaction.execute(
                "INSERT INTO schema_migrations (number, name, applied_at) VALUES ($1, $2, $3)",
                [migration.number, migration.name, transaction.now])
        }
    }
}
