import Kernel
import TestDatabase
import Testing

@testable import Chat
@testable import Database

/// How SQLite goes about what the server asks. No statistics are kept, so the plans are the same on a database of any size.
@Suite("Query plans")
struct QueryPlanTests {
    /// What may be read from end to end: a part of the statement, and why.
    static let walks = [
        // Short by nature, or emptied as it is read.
        "FROM members m WHERE m.is_temporary AND", "FROM schema_migrations", "FROM workers", "FROM search_queue",
        "FROM name_queue",
        "FROM pushed_messages ORDER BY message_id LIMIT",
        "SELECT COUNT(*) FROM preview_requests", "DELETE FROM preview_requests WHERE",
        "SELECT COUNT(*) FROM letters", "DELETE FROM letters WHERE", "FROM notification_mails WHERE taken_until",
        "FROM jobs", "SELECT COUNT(*) FROM set_aside_rows", "SELECT COUNT(*) FROM feedback WHERE status",
        "FROM set_aside_rows ORDER BY failed_at",
        "FROM threads WHERE NOT archived",
        // In the order of the key, and no further than the limit.
        "FROM events ORDER BY position LIMIT", "SELECT thing_id FROM forgotten_things ORDER BY thing_id LIMIT",
        "SELECT id FROM letters ORDER BY id DESC LIMIT",
        "SELECT message_id FROM preview_requests ORDER BY message_id DESC LIMIT",
        // An administrator asks for figures.
        "SELECT COUNT(*) FROM users", "SELECT COUNT(*) FROM servers", "SELECT COUNT(*) FROM channels",
        "SELECT COUNT(*) FROM messages", "SELECT COUNT(DISTINCT user_id) FROM sessions", "FROM users WHERE is_admin",
        "SELECT COUNT(*) FROM login_failures", "SELECT COUNT(*) FROM outbox",
        // Once, at an upgrade.
        "INSERT INTO search_queue (message_id) SELECT id FROM messages",
        "DELETE FROM thread_members WHERE NOT EXISTS", "UPDATE threads SET member_count = (SELECT",
        "UPDATE audit_log SET channel_id =", "UPDATE event_log_state SET pruned_through = CASE",
        "UPDATE scheduled_messages SET try_at = send_at",
        // Once, at a start: of those who were shown when the server ended.
        "UPDATE presences SET is_shown = $1, gone_position = $2 WHERE is_shown",
        // Put together by tests.
        "AS TEXT) LIKE '%", "AS TEXT) = '", "AS row_count FROM", "FROM sqlite_master",
        "UPDATE letters SET due_at = 0, taken_until =",
    ]

    /// Once, after a clock that was ahead was set right.
    private static let restamping = Set(RestampingStore.statements.map { words(of: $0.text) })

    /// Once, by a step of the schema.
    private static let migrations = Set(
        Instance.migrations.flatMap { $0.statements(.sqlite) }.map { words(of: $0.text) })

    static func words(of statement: String) -> String { StatementsOfTests.words(of: statement) }

    @Test("no statement walks a table that grows")
    func scans() async throws {
        for secret in VisibilityTests.Secret.allCases {
            _ = try await VisibilityTests.live(.sqlite, secret, .channelMadePrivate, isSecret: true)
        }
        let statements = SQLiteSpelling.shared.statements
        #expect(statements.count > 200)
        try await TestServer.with(.sqlite) { server in
            let bad = try await server.onDatabase { tx in
                statements.compactMap { sql -> String? in
                    let words = Self.words(of: sql.text)
                    let isRare = Self.restamping.contains(words) || Self.migrations.contains(words)
                    if isRare || Self.walks.contains(where: words.contains) { return nil }
                    // What other tests asked databases of their own has no tables here.
                    let plan = try? tx.all("EXPLAIN QUERY PLAN \(sql)") { $0.text(3) }
                    let walks = (plan ?? []).filter { Self.isWalk($0, in: words) }
                    return walks.isEmpty || StatementsOfTests.contains(words) ? nil : "\(walks) \(words)"
                }
            }
            #expect(bad == [])
        }
    }

    /// - Parameter step: such as `SCAN messages USING COVERING INDEX …` or `SEARCH m USING …`.
    private static func isWalk(_ step: String, in statement: String) -> Bool {
        guard step.hasPrefix("SCAN "), !step.contains("CONSTANT ROW"), !step.contains("VIRTUAL TABLE") else {
            return false
        }
        let name = step.split(separator: " ")[1]
        // Of the rows that a part of the statement has made, nothing more can be said.
        return !statement.contains(") AS \(name)") && !statement.contains("JOIN wanted \(name)")
            && !statement.contains("FROM wanted \(name)")
    }
}
