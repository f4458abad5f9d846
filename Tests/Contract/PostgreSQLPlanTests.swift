import Database
import Foundation
import Kernel
import TestDatabase
import Testing

@testable import Chat
@testable import Database

/// How PostgreSQL goes about what the server asks, while it is told to read tables from end to end only where there is no other
/// way: on tables of a few pages it would else do that, and SERIALIZABLE take the whole table for read.
@Suite("Query plans on PostgreSQL")
struct PostgreSQLPlanTests {
    private struct NoPlan: Error {}

    private static let rowCount = 20_000
    /// What the planner adds to a plan for each scan that it was told to avoid.
    private static let penalty = 1e10

    /// What may cost more by the planner's estimate: a part of the statement, and why.
    private static let exceptions = [
        // What is old is few, which the planner can't know without the value: it reckons with a third of all rows.
        "<= $1 LIMIT $2", "< $1 LIMIT $2", "IS NOT SENT LIMIT $2", "AND is_sent LIMIT $2", "NOT is_sent LIMIT $2",
        "FROM link_previews p WHERE p.fetched_at < $1",
        // Short by nature.
        "set_aside_rows", "FROM search_queue", "FROM name_queue", "FROM security_log WHERE is_unmailed",
        "FROM voice_rooms WHERE is_stale",
        // At a start with another setting, and then as likely all rows as none.
        "UPDATE onboarding SET is_on = TRUE WHERE is_on = FALSE",
    ]

    /// Rows that a table could have, as far as its types tell.
    private static func fill(_ table: String, _ tx: Transaction) throws {
        let columns = try tx.all(
            """
            SELECT column_name, data_type FROM information_schema.columns
            WHERE table_schema = 'public' AND table_name = $1 AND is_generated = 'NEVER' ORDER BY ordinal_position
            """, [table]
        ) { (name: $0.text(0), type: $0.text(1)) }
        let values = columns.map { column in
            switch column.type {
            case "bigint": "i * 7919 % 1000003"
            case "smallint", "integer": "i % 3"
            case "boolean": "i % 5 = 0"
            case "bytea": "decode(md5(i::text), 'hex')"
            case "double precision": "i / 3.0"
            case "ARRAY": "ARRAY[i, i + 1]"
            default: "md5(i::text)"
            }
        }
        let names = columns.map { "\"\($0.name)\"" }.joined(separator: ", ")
        try tx.execute(
            StaticSQL(
                generated: """
                    INSERT INTO "\(table)" (\(names)) SELECT \(values.joined(separator: ", "))
                    FROM generate_series(1, \(rowCount)) AS i ON CONFLICT DO NOTHING
                    """))
    }

    private static func tables(_ tx: Transaction) throws -> [String] {
        try tx.all("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename") {
            $0.text(0)
        }
    }

    /// The estimated cost of a statement for any values, without and with the scans.
    /// - Returns: nil for what is no statement for PostgreSQL.
    private static func costs(of sql: StaticSQL, in database: any SQLDatabase) async throws -> (
        off: Double, on: Double
    )? {
        try? await database.write { tx in
            try tx.execute("SET LOCAL plan_cache_mode = force_generic_plan")
            try tx.execute(StaticSQL(generated: "PREPARE asked AS \(sql.text)"))
            let count = try tx.first(
                "SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = 'asked'"
            ) { $0.int(0) }
            let values = Array(repeating: "NULL", count: count ?? 0).joined(separator: ", ")
            let explain = StaticSQL(
                generated: "EXPLAIN (FORMAT JSON) EXECUTE asked\(values.isEmpty ? "" : "(\(values))")")
            func cost(_ setting: StaticSQL) throws -> Double {
                try tx.execute(setting)
                try tx.execute("DISCARD PLANS")
                let plan = try tx.first(explain) { $0.text(0) } ?? ""
                guard let found = plan.firstMatch(of: /"Total Cost": ([0-9.]+)/), let cost = Double(found.1) else {
                    throw NoPlan()
                }
                return cost
            }
            let costs = (off: try cost("SET LOCAL enable_seqscan = off"), on: try cost("SET LOCAL enable_seqscan = on"))
            try tx.execute("DEALLOCATE asked")
            return costs
        }
    }

    @Test("no statement costs more for avoiding to read tables from end to end")
    func costs() async throws {
        for secret in VisibilityTests.Secret.allCases.prefix(3) {
            _ = try await VisibilityTests.live(.sqlite, secret, .channelMadePrivate, isSecret: true)
        }
        let once = Set(Instance.migrations.flatMap { $0.statements(.sqlite) } + RestampingStore.statements)
        let statements = SQLiteSpelling.shared.statements.filter { sql in
            let words = QueryPlanTests.words(of: sql.text)
            return !once.contains(sql) && !(QueryPlanTests.walks + Self.exceptions).contains(where: words.contains)
        }
        try await TestDatabase.with(.postgresql, migrations: Instance.migrations, maximumConnections: 2) { database in
            try await database.write { tx in
                // What refers to something refers to nothing here.
                try tx.execute("SET LOCAL session_replication_role = replica")
                for table in try Self.tables(tx) { try Self.fill(table, tx) }
            }
            try await database.write { tx in try tx.execute("ANALYZE") }
            var (asked, dear) = (0, [String]())
            for sql in statements {
                guard let costs = try await Self.costs(of: sql, in: database) else { continue }
                asked += 1
                let cost = costs.off.truncatingRemainder(dividingBy: Self.penalty)
                // Some pages of an index are nothing.
                let isDear = cost > costs.on * 1.05 + 10
                if isDear, !StatementsOfTests.contains(QueryPlanTests.words(of: sql.text)) {
                    dear.append("\(cost) instead of \(costs.on): \(sql.text)")
                }
            }
            #expect(asked > 150)
            #expect(dear == [])
        }
    }
}
