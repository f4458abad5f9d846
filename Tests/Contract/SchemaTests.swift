import Database
import TestDatabase
import Testing

@testable import Chat

@Suite("The schema")
struct SchemaTests {
    @Test(
        "a statement changes the table that it names, and with it no other one that is asked for beforehand",
        arguments: DatabaseKind.allCases)
    func sideEffects(kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, migrations: Instance.migrations, maximumConnections: 2) { database in
            // What was answered before a change is taken for right as long as it does not name that table.
            let found = try await database.read { tx in try tx.all(Self.sideEffects(tx.dialect)) { $0.text(0) } }
            // Triggers change `reaction_counts`, `name_queue` and `name_search`, which none of the `Questions` ask for.
            #expect(
                found.sorted() == [
                    "member_named", "member_renamed", "member_unnamed", "reaction_counted", "reaction_discounted",
                    "user_named", "user_renamed",
                ])
        }
    }

    /// Triggers, foreign keys that change what refers to something, and what is a table by another name.
    private static func sideEffects(_ dialect: SQLDialect) -> StaticSQL {
        switch dialect {
        case .sqlite:
            """
            SELECT name FROM sqlite_master
            WHERE type IN ('trigger', 'view') OR sql LIKE '%ON DELETE%' OR sql LIKE '%ON UPDATE%'
            """
        case .postgresql:
            """
            SELECT tgname::text FROM pg_trigger WHERE NOT tgisinternal
            UNION ALL SELECT conname::text FROM pg_constraint
            WHERE contype = 'f' AND NOT (confdeltype IN ('a', 'r') AND confupdtype IN ('a', 'r'))
            UNION ALL SELECT c.relname::text FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
            WHERE c.relnamespace = 'public'::regnamespace
            UNION ALL SELECT inhrelid::regclass::text FROM pg_inherits
            """
        }
    }
}
